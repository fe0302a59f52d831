"""Functions with more parameters than registers, called over and over, keep
what their callers have on the stack; on every target."""
from harness import *

MODULE = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (type $many (func (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (result i64)))
  (table funcref (elem $weigh))
  (func $weigh (type $many)
    (i64.add (i64.add (i64.mul (local.get 8) (i64.const 3))
        (i64.mul (local.get 5) (local.get 6)))
      (i64.sub (i64.mul (local.get 11) (local.get 10))
        (i64.add (local.get 0) (i64.mul (local.get 7) (local.get 9))))))
  (func $sum (param $n i64) (result i64)
    (local $a i64) (local $b i64) (local $c i64) (local $d i64)
    (local.set $d (i64.const 77))
    (loop $next
      (local.set $a (call_indirect (type $many) (local.get $a) (local.get $b)
        (local.get $c) (local.get $d) (local.get $n) (i64.const 6)
        (i64.const 7) (local.get $b) (local.get $n) (i64.const 3)
        (local.get $d) (i64.const 2) (i32.const 0)))
      (local.set $b (call $weigh (local.get $b) (local.get $a) (local.get $c)
        (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8)
        (local.get $a) (local.get $c) (i64.const 1) (local.get $d)))
      (local.set $c (i64.xor (local.get $c) (i64.add (local.get $a)
        (local.get $b))))
      (br_if $next (i64.ne (local.tee $n (i64.sub (local.get $n)
        (i64.const 1))) (i64.const 0))))
    (i64.add (i64.add (local.get $a) (local.get $b))
      (i64.add (local.get $c) (local.get $d))))
  (func (export "_start")
    (call $exit (i32.wrap_i64 (i64.rem_u (call $sum (i64.const 1000))
      (i64.const 251))))))"""


def expected():
    a = b = c = 0
    d = 77
    for n in range(1000, 0, -1):
        a = n * 3 + 42 + 2 * d - (a + b * 3)
        b = a * 3 + 42 + d - (b + 8 * c)
        a, b = a % 2**64, b % 2**64
        c ^= (a + b) % 2**64
    return (a + b + c + d) % 2**64 % 251


for target in ("x86_64-linux", "aarch64-linux"):
    for level in "012":
        program = compile_to("program", MODULE, "--target", target,
                             f"-O{level}")
        result = run(program)
        expect((result.returncode, result.stderr), (expected(), b""),
               f"{target} at -O{level}")
