;; Arithmetic with a neutral constant quiets a signalling NaN, wherever the
;; constant comes from.

(module
  (func $bits (param f32) (result i32)
    (i32.and (i32.reinterpret_f32 (local.get 0)) (i32.const 0x7fc00000)))
  (func $bits64 (param f64) (result i64)
    (i64.and (i64.reinterpret_f64 (local.get 0))
      (i64.const 0x7ff8000000000000)))

  (func (export "at_once") (param i32) (result i32)
    (call $bits
      (f32.mul (f32.reinterpret_i32 (local.get 0)) (f32.const 1))))
  (func (export "local") (param i32) (result i32) (local $one f32)
    (local.set $one (f32.const 1))
    (call $bits
      (f32.mul (f32.reinterpret_i32 (local.get 0)) (local.get $one))))
  (func (export "default") (param i32) (result i32) (local $zero f32)
    (call $bits
      (f32.sub (f32.reinterpret_i32 (local.get 0)) (local.get $zero))))
  (func (export "negative") (param i64) (result i64) (local $one f64)
    (local.set $one (f64.const -1))
    (call $bits64
      (f64.div (f64.reinterpret_i64 (local.get 0)) (local.get $one))))
  (func (export "bits") (param i64) (result i64) (local $one i64)
    (local.set $one (i64.const 0x3ff0000000000000))
    (call $bits64
      (f64.mul (f64.reinterpret_i64 (local.get 0))
        (f64.reinterpret_i64 (local.get $one)))))
  (func (export "converted") (param i64) (result i64) (local $one i32)
    (local.set $one (i32.const 1))
    (call $bits64
      (f64.div (f64.reinterpret_i64 (local.get 0))
        (f64.convert_i32_s (local.get $one)))))

  (func $scale (param f32 f32) (result f32)
    (f32.mul (local.get 0) (local.get 1)))
  (func (export "argument") (param i32) (result i32)
    (call $bits
      (call $scale (f32.reinterpret_i32 (local.get 0)) (f32.const 1))))
  (func $one (result f32) (f32.const 1))
  (func (export "result") (param i32) (result i32)
    (call $bits
      (f32.mul (f32.reinterpret_i32 (local.get 0)) (call $one))))
  (func (export "select") (param i32 i32) (result i32)
    (call $bits
      (f32.mul (f32.reinterpret_i32 (local.get 0))
        (select (f32.const 1) (f32.const -1) (local.get 1)))))

  (func (export "switch") (param i32 i32) (result i32)
    (call $bits
      (f32.mul (f32.reinterpret_i32 (local.get 0))
        (block $end (result f32)
          (drop (br_if $end (f32.const 3) (i32.eq (local.get 1) (i32.const 9))))
          (br_table $end $end $end (f32.const 1) (local.get 1))))))

  ;; The first of four iterations multiplies by one.
  (memory 1)
  (data (i32.const 0) "\01\00\a0\7f\00\00\80\3f\00\00\80\3f\00\00\80\3f")
  (func (export "product") (result i32) (local $i i32) (local $product f32)
    (local.set $product (f32.const 1))
    (loop
      (local.set $product
        (f32.mul (f32.load (local.get $i)) (local.get $product)))
      (if (i32.eq (local.get $i) (i32.const 0))
        (then (f32.store (i32.const 64) (local.get $product))))
      (br_if 0 (i32.lt_u
        (local.tee $i (i32.add (local.get $i) (i32.const 4)))
        (i32.const 16))))
    (call $bits (f32.load (i32.const 64))))

  (func (export "minimum") (param i32) (result i32) (local $zero f32)
    (local.set $zero (f32.const -0))
    (call $bits
      (f32.min (f32.reinterpret_i32 (local.get 0)) (local.get $zero))))
  (func (export "demote") (param i32) (result i32) (local f64)
    (local.set 1 (f64.promote_f32 (f32.reinterpret_i32 (local.get 0))))
    (call $bits (f32.demote_f64 (local.get 1))))
  (func (export "lanes") (param i32) (result i32) (local $ones v128)
    (local.set $ones (v128.const f32x4 1 1 1 1))
    (call $bits
      (f32x4.extract_lane 2
        (f32x4.mul (i32x4.splat (local.get 0)) (local.get $ones))))))

(assert_return (invoke "at_once" (i32.const 0x7fa00001)) (i32.const 0x7fc00000))
(assert_return (invoke "local" (i32.const 0x7fa00001)) (i32.const 0x7fc00000))
(assert_return (invoke "default" (i32.const 0x7fa00001)) (i32.const 0x7fc00000))
(assert_return (invoke "negative" (i64.const 0x7ff0000000000001))
  (i64.const 0x7ff8000000000000))
(assert_return (invoke "bits" (i64.const 0x7ff0000000000001))
  (i64.const 0x7ff8000000000000))
(assert_return (invoke "converted" (i64.const 0x7ff0000000000001))
  (i64.const 0x7ff8000000000000))
(assert_return (invoke "argument" (i32.const 0x7fa00001))
  (i32.const 0x7fc00000))
(assert_return (invoke "result" (i32.const 0x7fa00001)) (i32.const 0x7fc00000))
(assert_return (invoke "select" (i32.const 0x7fa00001) (i32.const 1))
  (i32.const 0x7fc00000))
(assert_return (invoke "select" (i32.const 0x7fa00001) (i32.const 0))
  (i32.const 0x7fc00000))
(assert_return (invoke "switch" (i32.const 0x7fa00001) (i32.const 1))
  (i32.const 0x7fc00000))
(assert_return (invoke "product") (i32.const 0x7fc00000))
(assert_return (invoke "minimum" (i32.const 0x7fa00001))
  (i32.const 0x7fc00000))
(assert_return (invoke "demote" (i32.const 0x7fa00001)) (i32.const 0x7fc00000))
(assert_return (invoke "lanes" (i32.const 0x7fa00001)) (i32.const 0x7fc00000))
;; Numbers stay what they are.
(assert_return (invoke "local" (i32.const 0x3fc00000)) (i32.const 0x3fc00000))
(assert_return (invoke "default" (i32.const 0x7f800000))
  (i32.const 0x7f800000))
