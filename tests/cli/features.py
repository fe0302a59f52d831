"""A module that uses a proposal that is switched off is invalid, and the message
names both; without it, nothing changes."""
import re

from harness import *


def wasm(name, text):
    (SANDBOX / f"{name}.wat").write_text(text)
    must("wat2wasm", "--enable-all", f"{name}.wat", "-o", f"{name}.wasm")
    return f"{name}.wasm"


# A proposal, a module that needs it, and what is said of the first use.
for feature, text, use in [
    ("mutable-global", '(module (global (export "g") (mut i32) (i32.const 0)))',
     "export of a mutable global"),
    ("sign-extension-ops",
     "(module (func (drop (i64.extend8_s (i64.const 0)))))",
     "function 0: i64.extend8_s"),
    ("nontrapping-float-to-int",
     "(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))",
     "function 0: i32.trunc_sat_f32_s"),
    ("multi-value", "(module (func (result i32 i32) unreachable))", "type 0"),
    ("bulk-memory", "(module (memory 1) (func (memory.fill (i32.const 0)"
     " (i32.const 0) (i32.const 0))))", "function 0: memory.fill"),
    ("reference-types", "(module (func (param externref)))", "type 0"),
    ("simd", "(module (func (local v128)))", "function 0: local"),
    ("relaxed-simd", "(module (func (drop (i8x16.relaxed_swizzle"
     " (v128.const i64x2 0 0) (v128.const i64x2 0 0)))))",
     "function 0: i8x16.relaxed_swizzle"),
    ("tail-call", "(module (func (return_call 0)))",
     "function 0: return_call"),
    ("extended-const",
     "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
     "global 0: constant i32.add"),
    ("multi-memory", "(module (memory 1) (memory 1))", "memory 1"),
    ("memory64", "(module (memory i64 1))", "memory 0"),
    ("threads", "(module (memory 1 1 shared))", "memory 0"),
    ("exception-handling", "(module (tag))", "tag 0"),
    ("legacy-exceptions", "(module (func try catch_all end))",
     "function 0: try"),
]:
    module = wasm("module", text)
    must(WASMETAL, module, "-o", "app.o")
    others = wasmetal(module, "-o", "app.o", "--features=mvp," + feature)
    # Some need another one besides.
    if feature not in ("relaxed-simd", "legacy-exceptions"):
        expect(others.stderr, b"", f"with {feature} alone")
    for features in (f"-{feature}", f"mvp,+simd,+exception-handling,-{feature}"):
        (SANDBOX / "app.o").unlink(missing_ok=True)
        result = wasmetal(module, "-o", "app.o", f"--features={features}")
        expect_failure(result, 1, "module.wasm:0x",
                       f": {use} needs {feature}, which is switched off")
        expect((SANDBOX / "app.o").exists(), False, "output")

# The offset is that of the instruction, the first in the file is named.
module = wasm("module", """(module
  (func (result i32) (i32.extend8_s (i32.const 1)))
  (func (result v128) (v128.const i64x2 0 0)))""")
offset = re.search(r"^ (\w+): .*i32.extend8_s",
                   must("wasm-objdump", "-d", module).decode(), re.M)[1]
expect_failure(wasmetal(module, "-o", "app.o", "--features", "+simd,mvp,simd"),
               1, f"module.wasm:0x{offset.lstrip('0')}: function 0: "
               "i32.extend8_s needs sign-extension-ops")

# What has run from the cache is not run without the proposal.
tail = wasm("tail", '(module (func (export "_start") (return_call 1)) (func))')
must(WASMETAL, "run", tail)
expect_failure(wasmetal("run", "--features=-tail-call", tail), 1, "tail-call")

for features, part in [("-frob", "'-frob'"), ("-mvp", "'-mvp'"),
                       ("simd,,gc", "''"), ("Simd", "'Simd'")]:
    expect_failure(wasmetal(module, "-o", "app.o", f"--features={features}"), 2,
                   "unknown feature " + part)
expect_in("relaxed-simd", must(WASMETAL, "--help").decode(), "--help")
