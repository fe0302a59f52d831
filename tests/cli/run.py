"""wasmetal run: arguments, streams, grants and the exit code pass through;
the second time, nothing is compiled."""
from harness import *

(SANDBOX / "echo.c").write_text(r"""
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  for (int i = 0; i < argc; ++i) printf("[%s]", argv[i]);
  int c;
  while ((c = getchar()) != EOF) putchar(c);
  const char *value = getenv("A");
  printf("%s\n", value ? value : "(none)");
  FILE *file = fopen("/data/note", "r");
  if (file) { char line[64]; fputs(fgets(line, 64, file), stdout); }
  fprintf(stderr, "to stderr\n");
  return argc > 1 ? atoi(argv[1]) : 0;
}
""")
must(*WASI_C, "-O2", "echo.c", "-o", "echo.wasm", *WASI_LIBS)

result = wasmetal("run", "echo.wasm", "7", "--dir", "two words", stdin="in ")
expect(result.returncode, 7, "exit code")
expect(result.stdout, b"[echo.wasm][7][--dir][two words]in (none)\n", "output")
expect(result.stderr, b"to stderr\n", "standard error")

cache = SANDBOX / ".cache" / "wasmetal"
expect(len(list(cache.iterdir())), 1, "programs in the cache")
(SANDBOX / "note").write_text("granted\n")
result = wasmetal("run", "--dir", ".::/data", "--env", "A=b", "--env", "B=c",
                  "echo.wasm")
expect(result.stdout, b"[echo.wasm]b\ngranted\n", "output with grants")
expect(len(list(cache.iterdir())), 1, "programs after a run with grants")

# The caller's own variables are not the guest's.
result = wasmetal("run", "echo.wasm", env={**os.environ, "A": "secret"})
expect(result.stdout, b"[echo.wasm](none)\n", "output without grants")

result = wasmetal("run", "--argv0", "other", "echo.wasm")
expect_in(b"[other]", result.stdout, "--argv0")

# Each of these is another program.
for count, options in enumerate((["-O0"], ["--memory", "check"],
                                 ["--cpu", "native"], ["--traps", "relaxed"],
                                 ["-g"], ["--max-memory", "1MiB"]), start=2):
    wasmetal("run", *options, "echo.wasm")
    expect(len(list(cache.iterdir())), count, f"programs after {options}")

expect_failure(wasmetal("run", "--dir", "a;b", "echo.wasm"), 1, "';'")
expect_failure(wasmetal("run", "missing.wasm"), 1, "missing.wasm: ")
(SANDBOX / "junk.wasm").write_bytes(b"\0asm\x01\0\0\0\xff")
expect_failure(wasmetal("run", "junk.wasm"), 1, "junk.wasm:0x")
