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
