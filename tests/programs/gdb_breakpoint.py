"""With -g, a debugger stops in a WebAssembly function by its name, and its
lines are offsets in the .wasm file."""
import re

from harness import *

(SANDBOX / "app.c").write_text(r"""
#include <stdio.h>
__attribute__((noinline)) int find_me(volatile int *x) { return *x / 3; }
int main(int argc, char **argv) {
  printf("%d\n", find_me(&argc));
  return 0;
}
""")
must(*WASI_C, "-O1", "app.c", "-o", "app.wasm", *WASI_LIBS)
app = compile_to("app", SANDBOX / "app.wasm", "-g", "-O0")
# The function's bytes in the file, from the disassembly.
listing = must("wasm-objdump", "-d", "app.wasm").decode()
body = re.search(r"^[0-9a-f]+ func\[\d+\] <find_me>:\n((?:.*\n)*?)(?=[0-9a-f]{6} |\Z)",
                 listing, re.M)[1]
offsets = [int(offset, 16) for offset in re.findall(r"^ ([0-9a-f]+):", body,
                                                    re.M)]

found = must("gdb", "-batch", "-nx", "-ex", "set debuginfod enabled off",
             "-ex", "rbreak find_me", "-ex", "run", "-ex", "backtrace",
             "-ex", "info line", app, timeout=120).decode(errors="replace")
print(found)
expect_in("find_me", found.split("\n#0", 1)[-1], "backtrace")
frame = re.search(r"#0 .*find_me.* at .*app\.wasm:(\d+)", found)
if not frame:
    fail("the backtrace names no place in app.wasm")
line = int(frame[1])
if not min(offsets) - 16 <= line <= max(offsets):
    fail(f"line {line} is not in find_me: {offsets}")
expect_in(f"Line {line} of ", found, "info line")
