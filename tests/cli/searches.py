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
    (i32.const 0))
  ;; What a quicksort does to numbers from `x` on: searches go on where they
  ;; ended, until they meet. What has changed places counts, and how often.
  (func (export "part") (param $x i32) (param $i i32) (param $j i32)
    (param $pivot i32) (result i32)
    (local $p i32) (local $q i32) (local $kept i32) (local $sum i32)
    (loop $swap
      (local.set $p (i32.add (local.get $x)
        (i32.shl (local.get $i) (i32.const 2))))
      (loop $up
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (local.set $kept (i32.load
          (local.tee $p (i32.add (local.get $p) (i32.const 4)))))
        (br_if $up (i32.lt_s (local.get $kept) (local.get $pivot))))
      (local.set $q (i32.add (i32.sub (local.get $x) (i32.const 4))
        (i32.shl (local.get $j) (i32.const 2))))
      (loop $down
        (local.set $j (i32.sub (local.get $j) (i32.const 1)))
        (local.set $sum (i32.load (local.get $q)))
        (local.set $q (i32.sub (local.get $q) (i32.const 4)))
        (br_if $down (i32.gt_s (local.get $sum) (local.get $pivot))))
      (if (i32.lt_s (local.get $i) (local.get $j)) (then
        (i32.store (local.get $p) (local.get $sum))
        (i32.store offset=4 (local.get $q) (local.get $kept))
        (br $swap))))
    (i32.add (i32.mul (local.get $i) (i32.const 1000)) (local.get $j))))
"""

NUMBERS = [(37 * i + 11) % 29 for i in range(64)]


def part(x, i, j, pivot):
    """What "part" returns; nothing if it traps. `numbers` end the memory."""
    numbers = list(NUMBERS)

    def place(index):
        address = (x + 4 * index) % (1 << 32)
        if address > 65532:
            return None
        return (address - 65280) // 4

    while True:
        while True:
            i += 1
            at = place(i)
            if at is None:
                return None
            if numbers[at] >= pivot:
                break
        while True:
            j -= 1
            to = place(j)
            if to is None:
                return None
            if numbers[to] <= pivot:
                break
        if i >= j:
            result = (i * 1000 + j) % (1 << 32)
            return result - (result >> 31 << 32)
        numbers[at], numbers[to] = numbers[to], numbers[at]


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

# As they are; by indices that start elsewhere, and wrap; and off the end.
for call in ((65280, -1, 64, 14), (65280, 8, 40, 3), (65280 - 4000, 999, 1064, 20),
             (65280 + 400, -101, -36, 14), (65280, (1 << 30) - 1, 64, 5),
             (65280, -1, 64, 29), (65280, -1, 65, 14), (65292, -1, 62, 14),
             (65280 + 128, -33, 32, 28), (65280 + 128, -33, 34, 1)):
    if (result := part(*call)) is None:
        TRAPS.append(("part", *call))
    else:
        FOUND.append((("part", *call), result))

words = "".join(f"\\{number:02x}\\00\\00\\00" for number in NUMBERS)
MODULE = MODULE.replace("(data (i32.const 65533) \"ab\")",
                        f'(data (i32.const 65280) "{words}")')
(SANDBOX / "parts.wat").write_text(MODULE)
PARTS = [found for found in FOUND if found[0][0] == "part"]
expect_calls("parts.wat", ["-O0", "-O3"], PARTS,
             [call for call in TRAPS if call[0] == "part"])
for strategy in ("guard", "check"):
    must(WASMETAL, "parts.wat", "-O3", "--memory", strategy, "-o", "parts.ll")
    expect_in("%row", (SANDBOX / "parts.ll").read_text(), strategy)
FOUND = [found for found in FOUND if found not in PARTS]
TRAPS = [call for call in TRAPS if call[0] != "part"]
expect_calls("search.wat", ["-O0", "-O3"], FOUND, TRAPS)
must(WASMETAL, "search.wat", "-O3", "-o", "search.ll")
for kind in ("strip", "vector.early.exit"):
    expect_in(kind, (SANDBOX / "search.ll").read_text(), "IR")
