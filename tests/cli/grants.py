"""Executables carry their grants, and take more at start."""
from harness import *

(SANDBOX / "show.c").write_text(r"""
#include <stdio.h>
#include <stdlib.h>
static void file(const char *path) {
  FILE *file = fopen(path, "r");
  char line[64] = "refused\n";
  if (file) fgets(line, 64, file);
  printf("%s: %s", path, line);
}
int main(void) {
  const char *a = getenv("A"), *b = getenv("B");
  printf("%s %s\n", a ? a : "-", b ? b : "-");
  file("/one/note");
  file("/two/note");
  file("/etc/hostname");
}
""")
must(*WASI_C, "-O2", "show.c", "-o", "show.wasm", *WASI_LIBS)
for name in ("one", "two"):
    fresh_folder(name)
    (SANDBOX / name / "note").write_text(f"note {name}\n")

none = compile_to("none", SANDBOX / "show.wasm")
some = compile_to("some", SANDBOX / "show.wasm", "--dir", "one::/one", "--env",
                  "A=x=y")
REFUSED = b"/etc/hostname: refused\n"
expect(must(none), b"- -\n/one/note: refused\n/two/note: refused\n" + REFUSED,
       "without grants")
expect(must(some), b"x=y -\n/one/note: note one\n/two/note: refused\n"
       + REFUSED, "with grants")
more = {"WASMETAL_DIRS": "two::/two", "WASMETAL_ENV": "B=1;A2=2"}
expect(must(some, env=more), b"x=y 1\n/one/note: note one\n"
       b"/two/note: note two\n" + REFUSED, "with more grants at start")
