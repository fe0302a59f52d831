"""A trap is one line with the function and the offset in the .wasm file,
which is where the instruction lies."""
import re

from harness import *

(SANDBOX / "trap.wat").write_text(r"""(module
  (memory 1)
  (func $load_it (param i32) (result i32) (i32.load (local.get 0)))
  (func $divide_it (param i32) (result i32)
    (i32.div_s (i32.const 1) (local.get 0)))
  (func (export "load") (result i32) (call $load_it (i32.const 0x10000)))
  (func (export "divide") (result i32) (call $divide_it (i32.const 0)))
  (func (export "stop") unreachable))
""")
must("wat2wasm", "--debug-names", "trap.wat", "-o", "trap.wasm")
listing = must("wasm-objdump", "-d", "trap.wasm").decode()

for name, mnemonic, function, message in [
    ("load", "i32.load", '0 "load_it"', "out of bounds memory access"),
    ("divide", "i32.div_s", '1 "divide_it"', "integer divide by zero"),
    # It has no name but that of its export.
    ("stop", "unreachable", '4 "stop"', "unreachable"),
]:
    offset = int(re.search(rf"^ ([0-9a-f]+):.*\| +{re.escape(mnemonic)}\b",
                           listing, re.M)[1], 16)
    for options in (["-O0"], ["-O2"], ["-O2", "-g"],
                    ["-O2", "--memory", "check"]):
        result = wasmetal("run", *options, "--invoke", name, "trap.wasm")
        expect_failure(result, 134, f"wasmetal: trap: {message}",
                       f"0x{offset:x}")
        if options == ["-O0"]:
            expect_in(function, result.stderr.decode(), "the function's name")
