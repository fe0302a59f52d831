;; Tail calls take constant stack whatever the signatures: a million of them in
;; a row, to functions of more and fewer parameters, directly, through a table
;; and across modules; results beyond registers go through the first caller's
;; buffer.

(module $direct
  (func $one (export "one") (param i64) (result i64)
    (if (i64.eqz (local.get 0)) (then (return (i64.const 1))))
    (return_call $five (i64.sub (local.get 0) (i64.const 1)) (f64.const 2)
      (i32.const 3) (f32.const 4) (i64.const 5)))
  (func $five (param i64 f64 i32 f32 i64) (result i64)
    (if (i64.eqz (local.get 0)) (then (return (local.get 4))))
    (return_call $twenty (i64.sub (local.get 0) (i64.const 1))
      (local.get 4) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
      (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10)
      (f64.const 11) (f64.const 12) (f64.const 13) (f64.const 14)
      (f64.const 15) (f64.const 16) (f64.const 17) (f64.const 18)
      (f64.const 19)))
  (func $twenty (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
                       f64 f64 f64 f64 f64 f64 f64 f64 f64) (result i64)
    (if (i64.eqz (local.get 0))
      (then (return (i64.add (local.get 10)
                             (i64.trunc_f64_s (local.get 19))))))
    (return_call $one (i64.sub (local.get 0) (i64.const 1)))))

(assert_return (invoke "one" (i64.const 999999)) (i64.const 1))
(assert_return (invoke "one" (i64.const 1000000)) (i64.const 5))
(assert_return (invoke "one" (i64.const 1000001)) (i64.const 29))

(module $indirect
  (type $one (func (param i32) (result i32)))
  (type $nine (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (table funcref (elem $f $g))
  (func $f (export "f") (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const -1))))
    (return_call_indirect (type $nine)
      (i32.sub (local.get 0) (i32.const 1)) (i32.const 2) (i32.const 3)
      (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8)
      (i32.const 9) (i32.const 1)))
  (func $g (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (return (local.get 8))))
    (return_call_indirect (type $one)
      (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))
  (func (export "wrong type") (result i32)
    (return_call_indirect (type $one) (i32.const 0) (i32.const 1)))
  (func (export "out of bounds") (result i32)
    (return_call_indirect (type $one) (i32.const 0) (i32.const 2))))

(assert_return (invoke "f" (i32.const 1000000)) (i32.const -1))
(assert_return (invoke "f" (i32.const 1000001)) (i32.const 9))
(assert_trap (invoke "wrong type") "indirect call type mismatch")
(assert_trap (invoke "out of bounds") "undefined element")

;; Two modules call each other: one through a table that it exports.
(module $first
  (type $three (func (param i32 i32 i32 i32 i32 i32 i32 i32)
                     (result i32 i64 f64)))
  (table (export "table") 1 funcref)
  (func (export "pass") (param i32) (result i32 i64 f64)
    (return_call_indirect (type $three)
      (local.get 0) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5)
      (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 0))))
(register "first" $first)

(module $second
  (table (import "first" "table") 1 funcref)
  (func $pass (import "first" "pass") (param i32) (result i32 i64 f64))
  (elem (i32.const 0) func $back)
  (global $calls (mut i32) (i32.const 0))
  (func $back (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32 i64 f64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eqz (local.get 0))
      (then (return (global.get $calls) (i64.const 7)
                    (f64.convert_i32_s (local.get 7)))))
    (return_call $pass (i32.sub (local.get 0) (i32.const 1))))
  (func (export "start") (param i32) (result i32 i64 f64)
    (return_call $pass (local.get 0)))
  (func (export "nested") (param i32) (result i32 i64 f64)
    (local i32 i64 f64)
    (call $pass (local.get 0))
    (local.set 3) (local.set 2) (local.set 1)
    (i32.add (local.get 1) (i32.const 1)) (local.get 2) (local.get 3)))

(assert_return (invoke "start" (i32.const 999999))
  (i32.const 1000000) (i64.const 7) (f64.const 8))
(assert_return (invoke "nested" (i32.const 999999))
  (i32.const 2000001) (i64.const 7) (f64.const 8))
