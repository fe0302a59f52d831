"""Loops that look for the first difference of two strings of bytes: equal
bytes are skipped (compiler/codegen/skip_equal.cpp), and results and traps are
those of the loop."""
from harness import *

# compare(left, right, count): memcmp as C has it. sum(count): over all places
# of a window of 24 bytes before the end of memory, results and their number.
MODULE = r"""(module
  (memory (export "memory") 1)
  (func $compare (param $left i32) (param $right i32) (param $count i32)
    (result i32)
    (local $a i32) (local $b i32)
    (if (i32.eqz (local.get $count)) (then (return (i32.const 0))))
    (loop $next
      (local.set $a (i32.load8_u (local.get $left)))
      (local.set $b (i32.load8_u (local.get $right)))
      (if (i32.ne (local.get $a) (local.get $b))
        (then (return (i32.sub (local.get $a) (local.get $b)))))
      (local.set $left (i32.add (local.get $left) (i32.const 1)))
      (local.set $right (i32.add (local.get $right) (i32.const 1)))
      (br_if $next (local.tee $count
        (i32.sub (local.get $count) (i32.const 1)))))
    (i32.const 0))
  (func (export "compare") (param i32 i32 i32) (result i32)
    (call $compare (local.get 0) (local.get 1) (local.get 2)))
  ;; One byte at `place` differs; strings begin at each of 16 distances.
  (func (export "sum") (result i64)
    (local $sum i64) (local $place i32) (local $count i32) (local $start i32)
    (loop $places
      (i32.store8 offset=1000 (local.get $place) (i32.const 7))
      (local.set $count (i32.const 0))
      (loop $counts
        (local.set $start (i32.const 0))
        (loop $starts
          (local.set $sum (i64.add
            (i64.mul (local.get $sum) (i64.const 31))
            (i64.extend_i32_s (call $compare
              (i32.add (local.get $start) (i32.const 1000))
              (i32.add (local.get $start) (i32.const 2003))
              (local.get $count)))))
          (br_if $starts (i32.lt_u
            (local.tee $start (i32.add (local.get $start) (i32.const 1)))
            (i32.const 16))))
        (br_if $counts (i32.lt_u
          (local.tee $count (i32.add (local.get $count) (i32.const 1)))
          (i32.const 40))))
      (i32.store8 offset=1000 (local.get $place) (i32.const 0))
      (br_if $places (i32.lt_u
        (local.tee $place (i32.add (local.get $place) (i32.const 1)))
        (i32.const 40))))
    (local.get $sum)))
"""


def expected_sum():
    total = 0
    for place in range(40):
        for count in range(40):
            for start in range(16):
                result = 7 if start <= place < start + count else 0
                total = (total * 31 + result) % 2**64
    return total - 2**64 if total >= 2**63 else total


(SANDBOX / "compare.wat").write_text(MODULE)
for strategy in ("guard", "check", "mask", "none"):
    for level in ("-O0", "-O2", "-O3"):
        def invoke(name, *arguments):
            return run(WASMETAL, "run", level, "--memory", strategy,
                       "--invoke", name, "compare.wat", *arguments)
        what = f"{strategy} {level}"
        expect(invoke("sum").stdout, b"%d\n" % expected_sum(), what)
        # All is zero: equal up to the end of memory, and beyond it.
        expect(invoke("compare", 65436, 0, 100).stdout, b"0\n", what)
        if strategy in ("mask", "none"):
            continue
        for arguments in ((65436, 0, 101), (0, 65436, 101), (65535, 0, 2),
                          (0, 1, 0xffffffff), (0xfffffff0, 0, 100)):
            result = invoke("compare", *arguments)
            expect(result.returncode, 134, f"{what} {arguments}")
            expect_in(b"out of bounds memory access", result.stderr, what)
must(WASMETAL, "compare.wat", "-O2", "-o", "compare.s")
expect_in("wm_count_equal", (SANDBOX / "compare.s").read_text(), "assembly")

# A few bytes take no call.
(SANDBOX / "few.wat").write_text(r"""(module (memory 1)
  (func (export "same") (param $left i32) (param $right i32) (result i32)
    (local $i i32)
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (local.get $left) (local.get $i)))
                  (i32.load8_u (i32.add (local.get $right) (local.get $i))))
        (then (return (i32.const 0))))
      (br_if $next (i32.ne (i32.const 5)
        (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (i32.const 1)))
""")
must(WASMETAL, "few.wat", "-O2", "-o", "few.s")
expect("wm_count_equal" in (SANDBOX / "few.s").read_text(), False, "a call")
