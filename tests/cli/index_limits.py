"""Accesses compare an index with a limit (compiler/codegen/index_limits.cpp):
what is read, and where it traps, is what the address says, wrapped or not."""
from harness import *

MODULE = r"""(module
  (memory (export "memory") 1 2)
  (data (i32.const 65532) "\2a\00\00\00")
  ;; Links at `links`, of which the first `count` lead to the next one, and the
  ;; last one to `last`: where that leads to.
  (func (export "chase") (param $links i32) (param $count i32) (param $last i32)
    (result i32)
    (local $i i32) (local $at i32)
    (loop $link
      (i32.store (i32.add (local.get $links) (i32.shl (local.get $i) (i32.const 2)))
        (select (local.get $last)
          (i32.add (local.get $i) (i32.const 1))
          (i32.eq (i32.add (local.get $i) (i32.const 1)) (local.get $count))))
      (br_if $link (i32.ne (local.get $count)
        (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (local.set $i (i32.const -1))
    (loop $next
      (local.set $at (i32.load (i32.add (local.get $links)
        (i32.shl (local.get $at) (i32.const 2)))))
      (br_if $next (i32.ne (local.get $count)
        (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (local.get $at))
  ;; Stores 1, 2 and so on where numbers at 0 tell, of which `last` is the last;
  ;; the sum of what is loaded behind that.
  (func (export "scatter") (param $to i32) (param $count i32) (param $last i32)
    (result i32)
    (local $i i32) (local $sum i32)
    (loop $fill
      (i32.store (i32.shl (local.get $i) (i32.const 2)) (local.get $i))
      (br_if $fill (i32.ne (local.get $count)
        (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (i32.store (i32.sub (i32.shl (local.get $i) (i32.const 2)) (i32.const 4))
      (local.get $last))
    (local.set $i (i32.const 0))
    (loop $next
      (i64.store offset=8 (i32.add (local.get $to)
          (i32.mul (i32.const 24) (i32.load
            (i32.shl (local.get $i) (i32.const 2)))))
        (i64.extend_i32_u (local.get $i)))
      (br_if $next (i32.ne (local.get $count)
        (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (local.set $i (i32.const 0))
    (loop $add
      (local.set $sum (i32.add (local.get $sum)
        (i32.load offset=8 (i32.add (local.get $to)
          (i32.mul (i32.const 24) (i32.load
            (i32.shl (local.get $i) (i32.const 2))))))))
      (br_if $add (i32.ne (local.get $count)
        (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (local.get $sum)))
"""

(SANDBOX / "limits.wat").write_text(MODULE)
# The last word of the memory; then an index that wraps to it.
FOUND = [(("chase", 400, 8, 16283), 42),
         (("chase", 400, 8, 16283 - (1 << 30)), 42),
         (("chase", 65496, 8, 9), 42),
         (("chase", 1000, 3, -99), 0),
         (("scatter", 1000, 10, 20), 45),
         (("scatter", 65280, 10, 10), 45),
         (("scatter", 65280, 10, -1), 45)]
TRAPS = [("chase", 400, 8, 16284), ("chase", 400, 8, -101),
         ("chase", 65496, 8, 10), ("scatter", 1000, 10, 2690),
         ("scatter", 65304, 10, 10), ("scatter", 16, 10, -1)]

expect_calls("limits.wat", ["-O0", "-O2", "-O3"], FOUND, TRAPS)
for strategy in ("guard", "check"):
    must(WASMETAL, "limits.wat", "-O3", "--memory", strategy, "-o", "limits.ll")
    expect_in("%below.limit", (SANDBOX / "limits.ll").read_text(), strategy)
