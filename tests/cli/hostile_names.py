"""Names are the guest's to choose and mean nothing to the compiler: libc's,
LLVM's, C's keywords, any bytes. All export what they should, side by side."""
import itertools

from harness import *

NAMES = ["malloc", "main", "isdigit", "memcpy", "memset", "abort", "_start_",
         "printf", "exit", "environ", "__libc_start_main", "wm_trap_unreachable",
         "wm_main_module", "wm_call", "app_module", "llvm.memcpy", "llvm.x",
         "llvm.trap", "llvm.used", "\\01foo", "\\01_start", "a-b", "a_b", "a.b",
         "a b", "int", "while", "return", "static", "", " ", "0", "\\00",
         "a\\00b", "\\22quoted\\22", "\\5c", "%s%n", "$d", "@plt", "x@@y",
         "é", "\\e2\\98\\83", "名前", "x" * 3000, ".text", "_GLOBAL_OFFSET_TABLE_"]

lines = ["(module"]
for number, name in enumerate(NAMES):
    lines.append(f'  (func $f{number} (export "{name}") (param i32) (result i32)'
                 f" (i32.add (local.get 0) (i32.const {number})))")
# Functions with libc's types under libc's names in the name section.
for name in ("isdigit", "toupper", "abs", "malloc", "sqrt", "llvm.ctpop.i32"):
    lines.append(f'  (func ${name} (export "own {name}") (param i32)'
                 " (result i32) (i32.mul (local.get 0) (i32.const 3)))")
lines.append(")")
source = "\n".join(lines)

for options in ([], ["-O0", "-g"], ["--memory", "check", "--strip"]):
    for output in ("names.o", "names.so", "names.ll", "names"):
        compile_to(output, source, "--verify", *options)

# Every global symbol of the object carries the prefix.
symbols = must("llvm-nm-22", "--defined-only", "--extern-only",
               "--format=posix", compile_to("names.o", source, "--name", "pre"))
for line in symbols.decode(errors="replace").splitlines():
    name = line.split()[0]
    if not name.startswith(("pre_", "wm_")):
        fail(f"the object defines the symbol {name!r}")
expect_in("pre_module ", symbols.decode(errors="replace"), "the descriptor")

for number, name in enumerate(NAMES):
    if "\\" in name:
        continue # no argument can hold these bytes, or the shell's escapes
    result = must(WASMETAL, "run", "--invoke", name, "names.wat", "1000")
    expect(result, b"%d\n" % (1000 + number), f"result of {name!r}")
for name in ("isdigit", "llvm.ctpop.i32"):
    result = must(WASMETAL, "run", "--invoke", f"own {name}", "names.wat", "7")
    expect(result, b"21\n", f"result of own {name}")

# A name section of random bytes is ignored, not trusted.
base = must("wat2wasm", "--output=-", "-", stdin="(module (func nop))")
payload = b"\x04name" + bytes(itertools.islice(
    itertools.cycle(b"\x01\xff\xfe\x80\x02"), 60))
(SANDBOX / "odd.wasm").write_bytes(base + b"\x00" + bytes([len(payload)])
                                   + payload)
must(WASMETAL, "odd.wasm", "-o", "odd.o", "--verify")
