"""The suffix of the output tells its kind; --emit overrides it."""
from harness import *


def kind(path):
    content = path.read_bytes()
    if content[:4] == b"\x7fELF":
        return {1: "relocatable", 2: "executable", 3: "shared"}[content[16]]
    if content[:4] == b"BC\xc0\xde":
        return "bitcode"
    if b"target triple" in content:
        return "ir"
    if b".text" in content and b".globl" in content:
        return "assembly"
    return "unknown"


for name, options, expected in [
    ("app", [], ("executable", "shared")),
    ("app.x", [], ("executable", "shared")),
    ("app.o", [], ("relocatable",)),
    ("app.so", [], ("shared",)),
    ("app.bc", [], ("bitcode",)),
    ("app.ll", [], ("ir",)),
    ("app.s", [], ("assembly",)),
    ("object", ["--emit", "o"], ("relocatable",)),
    ("program.o", ["--emit", "exe"], ("executable", "shared")),
]:
    path = compile_to(name, HELLO, *options)
    if kind(path) not in expected:
        fail(f"{name}: expected {expected}, found {kind(path)}")

for name in ("app", "program.o"):
    expect(must(SANDBOX / name), b"hello\n", name)
    expect(b"\0/lib" in (SANDBOX / name).read_bytes()[:4096], False,
           "an interpreter in a static executable")

# Standard input, as text and as a binary.
must("wat2wasm", SANDBOX / "app.wat", "-o", SANDBOX / "app.wasm")
for source in ("app.wat", "app.wasm"):
    must(WASMETAL, "-", "-o", "piped", stdin=(SANDBOX / source).read_bytes())
    expect(must(SANDBOX / "piped"), b"hello\n", f"{source} by standard input")
