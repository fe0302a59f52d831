;; An exception passes through frames of any module, and one that was caught
;; gives its memory back.
(module $thrower
  (tag $t (export "tag") (param i32 f64))
  (func (export "throw") (param i32) (throw $t (local.get 0) (f64.const 0.5))))
(register "thrower" $thrower)

(module $between ;; knows of no exceptions
  (import "thrower" "throw" (func $throw (param i32)))
  (global $after (mut i32) (i32.const 0))
  (func $pass (param i32) (result i64 i32 i32 i32)
    (call $throw (local.get 0))
    (global.set $after (i32.const 1))
    (i64.const 1) (i32.const 2) (i32.const 3) (i32.const 4))
  (func (export "pass") (param i32) (result i64 i32 i32 i32)
    (call $pass (local.get 0)))
  (func (export "after") (result i32) (global.get $after)))
(register "between" $between)

(module $catcher
  (import "thrower" "tag" (tag $t (param i32 f64)))
  (import "between" "pass" (func $pass (param i32) (result i64 i32 i32 i32)))
  (tag $own (param i32 f64))
  (func $catch (export "catch") (param i32) (result i32 f64)
    (block $h (result i32 f64)
      (try_table (result i64 i32 i32 i32)
          (catch $own $h) (catch $t $h)
        (call $pass (local.get 0)))
      (drop) (drop) (drop) (drop)
      (i32.const -1) (f64.const -1)))
  (func (export "many") (param i32) (result i32)
    (local $sum i32)
    (loop $next
      (call $catch (i32.const 3)) (drop)
      (local.set $sum (i32.add (local.get $sum)))
      (br_if $next
        (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum))
  (func (export "uncaught")
    (call $pass (i32.const 1)) (drop) (drop) (drop) (drop))
  (func (export "null") (throw_ref (ref.null exn))))

(assert_return (invoke "catch" (i32.const 7)) (i32.const 7) (f64.const 0.5))
(assert_return (invoke $between "after") (i32.const 0))
(assert_exception (invoke "uncaught"))
(assert_return (invoke "catch" (i32.const 8)) (i32.const 8) (f64.const 0.5))
(assert_trap (invoke "null") "null exception reference")
;; More than all memory that exceptions may take at once.
(assert_return (invoke "many" (i32.const 2000000)) (i32.const 6000000))
