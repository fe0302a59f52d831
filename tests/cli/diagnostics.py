"""A file that cannot be compiled: exit code 1, one line that names file and
offset, and no output left behind."""
from harness import *


def module(*sections):
    return b"\0asm\x01\0\0\0" + b"".join(
        bytes([kind, len(body)]) + body for kind, body in sections)


TYPE = (1, b"\x01\x60\x00\x00")
FUNCTION = (3, b"\x01\x00")

for name, content, parts in [
    ("empty.wasm", b"", ["empty.wasm:0x"]),
    ("magic.wasm", b"\x7fELF\x02\x01\x01\0", ["magic.wasm:0x0: "]),
    ("version.wasm", b"\0asm\x02\0\0\0", ["version.wasm:0x4: "]),
    # A section that says it is longer than the file.
    ("cut.wasm", b"\0asm\x01\0\0\0\x01\x20", ["cut.wasm:0x"]),
    # i32.add of an i32 and an f32.
    ("types.wasm", module(TYPE, FUNCTION, (
        10, b"\x01\x0b\x00\x41\x01\x43\0\0\0\0\x6a\x1a\x0b")),
     ["types.wasm:0x", "function 0", "i32", "f32"]),
    # An export whose name is no UTF-8.
    ("utf8.wasm", module(TYPE, FUNCTION, (7, b"\x01\x02\xff\xfe\x00\x00"),
                         (10, b"\x01\x02\x00\x0b")), ["utf8.wasm:0x", "UTF-8"]),
]:
    (SANDBOX / name).write_bytes(content)
    for output in ("out", "out.o", "out.so", "out.ll"):
        expect_failure(wasmetal(name, "-o", output), 1, *parts)
    (SANDBOX / name).unlink()
    expect(list(SANDBOX.iterdir()), [], f"files left behind by {name}")

expect_failure(wasmetal("-", "-o", "out", stdin=b"junk"), 1, "stdin:0x0: ")
expect_failure(wasmetal("missing.wasm", "-o", "out"), 1, "missing.wasm: ")
expect_failure(wasmetal(".", "-o", "out"), 1, ".: ")

(SANDBOX / "bad.wat").write_text("(module\n  (func (frobnicate)))\n")
expect_failure(wasmetal("bad.wat", "-o", "out"), 1, "bad.wat:", "2:")
(SANDBOX / "bad.wat").write_text("(module\n  (func (i32.add)))\n")
expect_failure(wasmetal("bad.wat", "-o", "out"), 1, "bad.wat:", "i32.add")

(SANDBOX / "app.wat").write_text(HELLO)
expect_failure(wasmetal("app.wat", "-o", "no/such/folder/app"), 1, "app.wat: ",
               "no/such/folder")
expect(sorted(path.name for path in SANDBOX.iterdir()), ["app.wat", "bad.wat"],
       "files at the end")

# An output that was there before a failure stays as it was.
compile_to("app", HELLO)
before = (SANDBOX / "app").read_bytes()
(SANDBOX / "junk.wasm").write_bytes(b"junk")
expect_failure(wasmetal("junk.wasm", "-o", "app"), 1, "junk.wasm:0x0")
expect((SANDBOX / "app").read_bytes() == before, True, "the older output")
