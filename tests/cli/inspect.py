"""`inspect` tells what a module has, uses and needs, also where the compiler
lacks something; what is invalid is refused."""
import re

from harness import *

(SANDBOX / "app.wat").write_text(r"""(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func (param i32 i32 i32 i32) (result i32)))
  (import "env" "say\1b" (func $say (param i64 externref)))
  (import "env" "base" (global (mut i32)))
  (memory (export "memory") 2 10)
  (table 3 8 funcref)
  (func $pair (export "pair") (param f32) (result i32 v128)
    (i32.extend8_s (i32.const 1)) (v128.const i64x2 0 0))
  (func $begin)
  (start $begin)
  (data (i32.const 8) "hello"))
""")
must("wat2wasm", "--enable-all", "app.wat", "-o", "app.wasm")
found = must(WASMETAL, "inspect", "app.wasm").decode()
size = (SANDBOX / "app.wasm").stat().st_size
listing = must("wasm-objdump", "-h", "app.wasm").decode()
for name, start, length in re.findall(
        r"^ *(\w+) start=0x(\w+) end=0x\w+ \(size=0x(\w+)\)", listing, re.M):
    name = {"DataCount": "data count"}.get(name, name.lower())
    if not re.search(rf"^  {name} +{int(length, 16)} bytes at 0x", found, re.M):
        fail(f"section {name} of {int(length, 16)} bytes is not in\n{found}")
for line in [
    f"app.wasm: {size} bytes",
    '  "wasi_snapshot_preview1" "fd_write": '
    "function [i32 i32 i32 i32] -> [i32]",
    '  "env" "say\\1b": function [i64 externref] -> []',
    '  "env" "base": mutable global i32',
    '  "memory": memory, number 0',
    '  "pair": function [f32] -> [i32 v128], number 2',
    "  0: 2 pages, at most 10, of 65536 bytes",
    "data: 5 bytes in 1 segments",
    "  0: 3 elements, at most 8, of funcref",
    "  WASI: fd_write",
    '  a host that supplies "env" "say\\1b", "env" "base"',
]:
    expect_in("\n" + line + "\n", "\n" + found, "what inspect prints")
expect_in("131072 bytes of memory at first", found, "memory")
features = re.search(r"^features:\n((?:  .*\n)*)", found, re.M)[1]
expect([line.split()[0] for line in features.splitlines()],
       ["mutable-global", "sign-extension-ops", "multi-value", "reference-types",
        "simd"], "features")
offset = re.search(r"^ (\w+): .*i32.extend8_s",
                   must("wasm-objdump", "-d", "app.wasm").decode(), re.M)[1]
expect_in(f"first at 0x{offset.lstrip('0')}, function 2: i32.extend8_s\n",
          features, "where sign extension begins")

# The same from standard input and from text.
text = must(WASMETAL, "inspect", "-", stdin=(SANDBOX / "app.wasm").read_bytes())
expect(text.decode(), found.replace("app.wasm:", "stdin:", 1), "from stdin")
expect_in("  simd ", must(WASMETAL, "inspect", "app.wat").decode(), "of text")

# Structures: type 0 is one, and function 0 makes one.
(SANDBOX / "gc.wasm").write_bytes(bytes.fromhex(
    "0061736d01000000" "0108025f017f00600000" "03020101"
    "0a0a0108004100fb00001a0b"))
found = must(WASMETAL, "inspect", "gc.wasm").decode()
expect_in("  gc  ", found, "features")
expect_in("what this compiler lacks: 0x", found, "needs")
for index in range(7, size, 5):
    (SANDBOX / "cut.wasm").write_bytes(
        (SANDBOX / "app.wasm").read_bytes()[:index])
    result = wasmetal("inspect", "cut.wasm")
    if result.returncode == 0: # between sections
        continue
    expect_failure(result, 1, "cut.wasm:0x")
    expect(result.stdout, b"", "standard output")
(SANDBOX / "bad.wat").write_text("(module (func (result i32) (i64.const 1)))")
expect_failure(wasmetal("inspect", "bad.wat"), 1, "type mismatch")
# Declarations that are refused are not looked at: its export does not exist.
(SANDBOX / "table.wasm").write_bytes(bytes.fromhex(
    "0061736d01000000" "0405017003" "0101" "0705010166" "0009"))
expect_failure(wasmetal("inspect", "table.wasm"), 1, "table.wasm:0x",
               "not supported")
expect_failure(wasmetal("inspect"), 2, "no input file")
expect_failure(wasmetal("inspect", "--frobnicate"), 2, "--frobnicate")
