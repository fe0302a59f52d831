"""call_indirect through a table that nothing changes calls what stands there, and
traps as ever where nothing does, or something else."""
import re

from harness import *

TEXT = r"""(module
  (type $f (func (param i32) (result i32)))
  (table 6 funcref)
  (elem (i32.const 1) func $twice $square $twice $other)
  (func $twice (type $f) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $f) (i32.mul (local.get 0) (local.get 0)))
  (func $other (param i64))
  (func (export "call") (type $f)
    (i32.add (i32.const 1)
      (CALL (type $f) (i32.const 7) (local.get 0)))))
"""
RESULTS = {1: 15, 2: 50, 3: 15}
TRAPS = {0: "uninitialized element", 4: "indirect call type mismatch",
         5: "uninitialized element", 6: "undefined element",
         -1: "undefined element"}

# Nothing makes a loop of calls that take stack.
(SANDBOX / "endless.wat").write_text("""(module
  (type $f (func (param i32) (result i32)))
  (table 3 funcref)
  (elem (i32.const 0) func $f $g)
  (func $f (type $f) (call_indirect (type $f)
    (i32.add (local.get 0) (i32.const 1)) (i32.const 1)))
  (func $g (type $f) (return_call_indirect (type $f)
    (i32.add (local.get 0) (i32.const 1)) (i32.const 0)))
  (func (export "_start") (drop (call $f (i32.const 0)))))""")
for level in ["-O0", "-O1", "-O2", "-O3", "-Os"]:
    expect_failure(wasmetal("run", level, "endless.wat", timeout=60), 134,
                   "call stack exhausted")

# A callee that is inlined where an index selects it is not where it is named.
SUM = "(global.set $g (i32.add (global.get $g) (i32.load (global.get $g))))"
MANY = f"""(module (memory 1) (type $v (func)) (table 1 funcref) ELEMENTS
  (global $g (mut i32) (i32.const 0)) (func $f (type $v) {SUM * 5})
  (func (export "direct") {"(call $f)" * 500})
  (func (export "indirect")
    {"(call_indirect (type $v) (i32.const 0))" * 500}))"""
sizes = [len(compile_to("many.o", MANY.replace("ELEMENTS", elements), "-O2",
                        "--strip").read_bytes())
         for elements in ("", "(elem (i32.const 0) func $f)")]
if sizes[1] > 2 * sizes[0]:
    fail(f"bytes without and with a known callee: {sizes}")

# However many checks it has, a small callee that calls nothing is inlined.
COMPARE = """(module (memory 1) (table 1 funcref)
  (type $c (func (param i32 i32) (result i32)))
  (elem (i32.const 0) func $compare)
  (func $compare (type $c) (i32.sub
    (i32.add (i32.load (local.get 0)) (i32.load8_u offset=9 (local.get 0)))
    (i32.add (i32.load (local.get 1)) (i32.load8_u offset=9 (local.get 1)))))
  (func $sort (export "sort") (param i32 i32 i32) (result i32)
    (call_indirect (type $c) (local.get 0) (local.get 1) (local.get 2))))"""
for level, are_calls in [("-O0", 1), ("-Os", 1), ("-O2", 0), ("-O3", 0)]:
    compile_to("compare.o", COMPARE, level, "--memory", "check")
    code = must("llvm-objdump-22", "-d", "compare.o").decode()
    sort = code.split("sort>:")[1].split(">:")[0]
    if len(re.findall(r"\b(?:callq|bl)\b.*:0:compare>", sort)) != are_calls:
        fail(f"{level}: calls of $compare in $sort:\n{sort}")

# A loop whose index does not vary is one for each callee. It traps where it did.
LOOP = r"""(module (memory 1)
  (data (i32.const 65504) "\01\00\09\00\07\00\00\00"
    "\03\00\02\00\05\00\04\00\00\00\00\00\08\00\01\00")
  (type $f (func (param i32) (result i32)))
  (table 5 funcref)
  (elem (i32.const 1) func $word $half $last)
  (func $word (type $f) (i32.load (local.get 0)))
  (func $half (type $f) (i32.load16_u offset=2 (local.get 0)))
  (func $last (type $f) (i32.load8_u offset=3 (local.get 0)))
  (func (export "sum") (param $at i32) (param $end i32) (param $by i32)
    (result i32) (local $sum i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $sum (i32.add (local.get $sum)
          (call_indirect (type $f) (local.get $at) (local.get $by))))
        (i32.store (i32.const 0) (local.get $sum))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next))))
    (i32.load (i32.const 0))))"""
(SANDBOX / "loop.wat").write_text(LOOP)
DATA = bytes([1, 0, 9, 0, 7, 0, 0, 0, 3, 0, 2, 0, 5, 0, 4, 0, 0, 0, 0, 0, 8, 0, 1,
              0] + [0] * 8)
WIDTHS = {1: (0, 4), 2: (2, 4), 3: (3, 4)}
for options in (["-O0"], ["-O2"], ["-O3"], ["-O3", "--memory", "check"]):
    run = ["run", *options, "--invoke", "sum", "loop.wat"]
    for by, (first, last) in WIDTHS.items():
        total = sum(int.from_bytes(DATA[at + first:at + last], "little")
                    for at in range(0, 32, 4))
        expect(must(WASMETAL, *run, "65504", "65536", str(by)), b"%d\n" % total,
               f"{options} {by}")
        expect_failure(wasmetal(*run, "65504", "65537", str(by)), 134,
                       "out of bounds memory access")
    for by, message in ((0, "uninitialized element"), (5, "undefined element"),
                        (-1, "undefined element")):
        expect_failure(wasmetal(*run, "65504", "65536", str(by)), 134, message)
        expect(must(WASMETAL, *run, "8", "8", str(by)), b"0\n",
               f"{options} {by}, which nothing calls")

# A loop that comes back on two ways is two, and what it calls is in one of them.
(SANDBOX / "ways.wat").write_text(r"""(module (memory 1)
  (data (i32.const 8) "\01\00\00\00\00\00\00\00\09\00\00\00\00\00\00\00"
    "\05\00\00\00\07\00\00\00")
  (type $f (func (param i32 i32) (result i32)))
  (table 3 funcref)
  (elem (i32.const 1) func $less $more)
  (func $less (type $f) (i32.lt_s (local.get 0) (local.get 1)))
  (func $more (type $f) (i32.gt_s (local.get 0) (local.get 1)))
  (func (export "count") (param $at i32) (param $end i32) (param $than i32)
    (param $by i32) (result i32) (local $count i32) (local $value i32)
    (block $done (loop $next
      (br_if $done (i32.eq (local.get $at) (local.get $end)))
      (local.set $value (i32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.eqz (local.get $value)))
      (local.set $count (i32.add (local.get $count)
        (call_indirect (type $f)
          (local.get $value) (local.get $than) (local.get $by))))
      (br $next)))
    (local.get $count)))""")
for options in (["-O0"], ["-O2"], ["-O3"], ["-O3", "--memory", "check"]):
    run = ["run", *options, "--invoke", "count", "ways.wat", "0", "40", "5"]
    for by, count in ((1, 1), (2, 2)):
        expect(must(WASMETAL, *run, str(by)), b"%d\n" % count, f"{options} {by}")
    expect_failure(wasmetal(*run, "0"), 134, "uninitialized element")

for name, one_more in (("call_indirect", 1), ("return_call_indirect", 0)):
    text = TEXT.replace("CALL", name)
    if not one_more: # a tail call is the last instruction
        text = text.replace("(i32.add (i32.const 1)", "(block (result i32)")
    (SANDBOX / f"{name}.wat").write_text(text)
    must("wat2wasm", "--enable-tail-call", f"{name}.wat", "-o", f"{name}.wasm")
    listing = must("wasm-objdump", "-d", f"{name}.wasm").decode()
    offset = re.search(rf"^ ([0-9a-f]+):.*\| +{name}\b", listing, re.M)[1]
    for options in (["-O0"], ["-O2"], ["-Os"], ["-O2", "--memory", "check"],
                    ["-O2", "--spectre"]):
        run = ["run", *options, "--invoke", "call", f"{name}.wasm"]
        for index, result in RESULTS.items():
            expect(must(WASMETAL, *run, str(index)),
                   b"%d\n" % (result - 1 + one_more), f"{options} {index}")
        for index, message in TRAPS.items():
            expect_failure(wasmetal(*run, str(index)), 134,
                           f"wasmetal: trap: {message}", f"0x{int(offset, 16):x}")
