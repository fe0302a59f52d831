;; Unrolled loops whose last values are used behind the loop: those of the last
;; copy of the last iteration.

;; A window that slides, its later elements loaded first.
(module (memory 1 1)
  (data (i32.const 0)
    "\01\00\00\00\02\00\00\00\04\00\00\00\08\00\00\00\10\00\00\00"
    "\20\00\00\00\40\00\00\00\80\00\00\00\00\01\00\00")
  (func (export "window") (param $n i32) (result i32)
    (local $i i32) (local $a i32) (local $b i32) (local $c i32)
    (loop $next
      (local.set $c (i32.load offset=8 (local.get $i)))
      (local.set $b (i32.load offset=4 (local.get $i)))
      (local.set $a (i32.load (local.get $i)))
      (i32.store offset=4096 (local.get $i)
        (i32.sub (local.get $a) (local.get $b)))
      (i32.store offset=4100 (local.get $i)
        (i32.sub (local.get $b) (local.get $c)))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $next
        (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (i32.mul (local.get $b) (i32.const 1000)) (local.get $c)))
  (func (export "at") (param i32) (result i32)
    (i32.load offset=4096 (local.get 0))))

(assert_return (invoke "window" (i32.const 4)) (i32.const 128256))
(assert_return (invoke "at" (i32.const 24)) (i32.const -64))
(assert_return (invoke "at" (i32.const 28)) (i32.const -128))
(assert_return (invoke "window" (i32.const 1)) (i32.const 2004))

;; The same place again and again, by a count of 64 bits.
(module (memory 1 1) (data (i32.const 0) "\03")
  (func (export "turn") (param $n i64) (result i32)
    (local $i i64) (local $x i32)
    (loop $next
      (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 5))
        (i32.load (i32.const 0))))
      (local.set $x (i32.xor (i32.rotl (local.get $x) (i32.const 5))
        (i32.load (i32.const 0))))
      (br_if $next (i64.ne
        (local.tee $i (i64.add (local.get $i) (i64.const 1)))
        (local.get $n))))
    (local.get $x)))

(assert_return (invoke "turn" (i64.const 3)) (i32.const 103910499))
