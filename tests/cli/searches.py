"""Searches run in strips without checks (compiler/codegen/loop_strips.cpp), or
over vectors (compiler/codegen/searches.cpp): what they find, and where they
trap, is what the loop finds, byte by byte."""
from harness import *

MODULE = r"""(module
  (memory 1 1)
  (data (i32.const 352) "c")
  (data (i32.const 65533) "ab")
  ;; The distance from `from` to the first byte that is `wanted`, by steps.
  (func (export "up") (param $from i32) (param $wanted i32) (result i32)
    (local $i i32)
    (block $found (loop $next
      (br_if $found (i32.eq (local.get $wanted)
        (i32.load8_u (i32.add (local.get $from) (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (local.get $i))
  (func (export "down") (param $from i32) (param $wanted i32) (result i32)
    (local $i i32)
    (block $found (loop $next
      (br_if $found (i32.eq (local.get $wanted)
        (i32.load8_u offset=384 (local.get $from))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $from (i32.sub (local.get $from) (i32.const 32)))
      (br $next)))
    (local.get $i))
  ;; Copies bytes that are not zero up to one that is `last`; returns the sum of
  ;; what is at the target.
  (func (export "keep") (param $from i32) (param $to i32) (param $last i32)
    (result i32)
    (local $byte i32) (local $kept i32) (local $sum i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (if (local.get $byte) (then
        (i32.store8 (i32.add (local.get $to) (local.get $kept))
          (local.get $byte))
        (local.set $kept (i32.add (local.get $kept) (i32.const 1)))))
      (br_if $next (i32.ne (local.get $byte) (local.get $last))))
    (loop $add
      (local.set $kept (i32.sub (local.get $kept) (i32.const 1)))
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 256))
        (i32.load8_u (i32.add (local.get $to) (local.get $kept)))))
      (br_if $add (local.get $kept)))
    (local.get $sum))
  ;; Among `count` bytes, from 1; 0 where there is none.
  (func (export "among") (param $from i32) (param $count i32)
    (param $wanted i32) (result i32)
    (local $i i32)
    (block $none
      (br_if $none (i32.eqz (local.get $count)))
      (loop $next
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (i32.eq (local.get $wanted) (i32.load8_u (local.get $from)))
          (then (return (local.get $i))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br_if $next (i32.ne (local.get $count) (local.get $i)))))
    (i32.const 0)))
"""

(SANDBOX / "search.wat").write_text(MODULE)
FOUND = [(("up", 60000, ord("a")), 5533), (("up", 65500, ord("b")), 34),
         (("up", 65535, 0), 0), (("up", 340, ord("c")), 12),
         (("down", 32, 0), 0), (("keep", 65000, 0, ord("b")), ord("b") * 256 + ord("a")),
         (("keep", 65520, 65500, ord("b")), ord("b") * 256 + ord("a"))]
FOUND += [(("among", 65533 - before, count, ord("a")),
           before + 1 if before < count else 0)
          for before in (0, 16, 31, 100)
          for count in (1, 33, 100, before + 3)]
# What is found makes no difference to what lies behind the memory.
FOUND += [(("among", 65500, 1000, ord("b")), 35),
          (("among", 65500, -1, ord("b")), 35),
          (("among", 65536, 0, 1), 0), (("among", 65436, 100, 1), 0)]
# The last byte is the memory's, the next address is not; an address that wraps
# is none, even if a static offset leads back.
TRAPS = [("up", 60000, 99), ("up", 65535, 1), ("up", -1, 0),
         ("down", 64, ord("c")), ("down", 65536, 0), ("keep", 400, 0, 1),
         ("keep", 65520, 65535, ord("b")), ("among", 65436, 101, 1),
         ("among", 65536, 1, 0), ("among", 65500, -1, 99)]

expect_calls("search.wat", ["-O0", "-O3"], FOUND, TRAPS)
must(WASMETAL, "search.wat", "-O3", "-o", "search.ll")
for kind in ("strip", "vector.early.exit"):
    expect_in(kind, (SANDBOX / "search.ll").read_text(), "IR")
