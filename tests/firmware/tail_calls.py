"""A million tail calls in a row take constant stack on every board, to
functions of more and fewer parameters than registers hold: directly, through a
table, and of one with results beyond registers; where the processor has no
branch for them (Cortex-M0), too. What they pass arrives."""
from firmware import *

MILLION = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (type $two (func (param i32 i64) (result i32)))
  (type $nine
    (func (param i32 i32 i64 i32 i32 f64 i32 i32 f32) (result i32)))
  (table funcref (elem $two $nine))

  ;; Directly.
  (func $one (param i64) (result i64)
    (if (i64.eqz (local.get 0)) (then (return (i64.const 1))))
    (return_call $five (i64.sub (local.get 0) (i64.const 1)) (f64.const 2)
      (i32.const 3) (f32.const 4) (i64.const 5)))
  (func $five (param i64 f64 i32 f32 i64) (result i64)
    (if (i64.eqz (local.get 0)) (then (return (local.get 4))))
    (return_call $twenty (i64.sub (local.get 0) (i64.const 1))
      (local.get 4) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5)
      (i64.const 6) (i64.const 7) (i64.const 8) (i64.const 9) (i64.const 10)
      (local.get 1) (f64.const 12) (f64.const 13) (f64.const 14)
      (f64.const 15) (f64.const 16) (f64.const 17) (f64.const 18)
      (f64.promote_f32 (local.get 3))))
  (func $twenty (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
                       f64 f64 f64 f64 f64 f64 f64 f64 f64) (result i64)
    (if (i64.eqz (local.get 0))
      (then (return
        (i64.add (i64.add (local.get 10) (i64.trunc_f64_s (local.get 11)))
                 (i64.trunc_f64_s (local.get 19))))))
    (return_call $one (i64.sub (local.get 0) (i64.const 1))))

  ;; Through a table.
  (func $two (type $two)
    (if (i32.eqz (local.get 0)) (then (return (i32.const -1))))
    (return_call_indirect (type $nine)
      (i32.sub (local.get 0) (i32.const 1)) (i32.const 2)
      (i64.add (local.get 1) (i64.const 3)) (i32.const 4) (i32.const 5)
      (f64.const 6) (i32.const 7) (i32.const 8) (f32.const 9) (i32.const 1)))
  (func $nine (type $nine)
    (if (i32.eqz (local.get 0))
      (then (return (i32.add (i32.wrap_i64 (local.get 2))
                             (i32.trunc_f32_s (local.get 8))))))
    (return_call_indirect (type $two)
      (i32.sub (local.get 0) (i32.const 1))
      (i64.add (local.get 2) (i64.extend_i32_u (local.get 1))) (i32.const 0)))

  ;; Results that registers do not take.
  (func $many (param i32 i64 i64 i64) (result i32 i64 f64 i64)
    (if (i32.eqz (local.get 0))
      (then (return (i32.const 1) (local.get 1) (f64.const 3) (local.get 3))))
    (return_call $fewer (i32.sub (local.get 0) (i32.const 1)) (local.get 3)))
  (func $fewer (param i32 i64) (result i32 i64 f64 i64)
    (return_call $many (local.get 0) (local.get 1) (i64.const 20)
      (i64.add (local.get 1) (i64.const 2))))

  (func $check (param $number i32) (param $holds i32)
    (if (i32.eqz (local.get $holds))
      (then (call $exit (local.get $number)))))
  (func (export "_start")
      (local $a i32) (local $b i64) (local $c f64) (local $d i64)
    (call $check (i32.const 1)
      (i64.eq (call $one (i64.const 1000000)) (i64.const 5)))
    (call $check (i32.const 2)
      (i64.eq (call $one (i64.const 1000001)) (i64.const 16)))
    (call $check (i32.const 3)
      (i32.eq (i32.const -1)
        (call_indirect (type $two) (i32.const 1000000) (i64.const 0)
          (i32.const 0))))
    (call $check (i32.const 4)
      (i32.eq (i32.const 2500012)
        (call_indirect (type $two) (i32.const 1000001) (i64.const 0)
          (i32.const 0))))
    (call $fewer (i32.const 1000000) (i64.const 7))
    (local.set $d) (local.set $c) (local.set $b) (local.set $a)
    (call $check (i32.const 5) (i32.eq (local.get $a) (i32.const 1)))
    (call $check (i32.const 6) (i64.eq (local.get $b) (i64.const 2000007)))
    (call $check (i32.const 7) (f64.eq (local.get $c) (f64.const 3)))
    (call $check (i32.const 8) (i64.eq (local.get $d) (i64.const 2000009)))
    (call $exit (i32.const 42))))
"""

# Vectors take all registers for results.
VECTORS = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (func $a (param i32 v128 i64) (result i64 v128)
    (if (i32.eqz (local.get 0)) (then (return (local.get 2) (local.get 1))))
    (return_call $b (i32.sub (local.get 0) (i32.const 1)) (local.get 2)
      (i32x4.add (local.get 1) (v128.const i32x4 1 2 3 4))))
  (func $b (param i32 i64 v128) (result i64 v128)
    (return_call $a (local.get 0) (local.get 2)
      (i64.add (local.get 1) (i64.const 3))))
  (func (export "_start") (local i64 v128)
    (call $a (i32.const 100000) (v128.const i32x4 0 0 0 0) (i64.const 5))
    (local.set 1) (local.set 0)
    (call $exit (i32.add
      (i32.eq (i32x4.extract_lane 3 (local.get 1)) (i32.const 400000))
      (i32.mul (i32.const 41) (i64.eq (local.get 0) (i64.const 300005)))))))
"""

# What stands behind a tail call is checked as behind any other.
OTHER_TYPE = """(module
  (table funcref (elem $f))
  (func $f (param i32))
  (func $g (return_call_indirect (i32.const 0)))
  (func (export "_start") (call $g)))
"""

# Recursion that is no tail call ends with the stack.
ENDLESS = """(module
  (func $f (param i64) (result i64)
    (return_call $g (local.get 0)))
  (func $g (param i64) (result i64)
    (i64.add (call $f (local.get 0)) (i64.const 1)))
  (func (export "_start") (drop (call $f (i64.const 1)))))
"""

for board in BOARDS:
    for level in ["0", "2"]:
        for source in [MILLION, VECTORS]:
            elf = image(board, source, "-O", level)
            expect(boot(board, elf), ("", "", 42), f"{board} -O{level}")
    for source, trap in [(OTHER_TYPE, "indirect call type mismatch"),
                         (ENDLESS, "call stack exhausted")]:
        output, errors, status = boot(board, image(board, source, "-Os"))
        expect(status, 134, f"{board}: {errors}")
        expect_in(f"wasmetal: trap: {trap}", errors, board)
