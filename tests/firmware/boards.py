"""Every board boots, prints and ends with the program's exit code; a C program
with its library works where its memory fits."""
from firmware import *

HELLO = """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (data (i32.const 8) "hello, metal\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 8))
    (i32.store (i32.const 4) (i32.const 13))
    (call $exit (i32.add (i32.const 40)
      (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))))))
"""

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int compare(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

int main(int argc, char **argv) {
  int values[64];
  unsigned seed = 1;
  for (int i = 0; i < 64; ++i)
    values[i] = (int)((seed = seed * 1103515245 + 12345) >> 16);
  qsort(values, 64, sizeof(int), compare);
  for (int i = 1; i < 64; ++i)
    if (values[i - 1] > values[i])
      return 1;
  if (fgetc(stdin) != EOF)
    return 2;
  struct timespec before, after;
  if (clock_gettime(CLOCK_MONOTONIC, &before) ||
      clock_gettime(CLOCK_MONOTONIC, &after))
    return 3;
  if (after.tv_sec < before.tv_sec || time(NULL) < 1000000000)
    return 4;
  unsigned char random[8];
  if (getentropy(random, sizeof random))
    return 5;
  if (fopen("/file", "r"))
    return 6;
  printf("%s %s %s %.3f %lld\n", argv[0], argv[1], getenv("MODE"),
         (double)argc / 7, 1234567890123LL * argc);
  fputs("to the error stream\n", stderr);
  return 9;
}
"""

for board in BOARDS:
    for level in ["0", "2", "s"]:
        elf = image(board, HELLO, "-O", level)
        expect(boot(board, elf), ("hello, metal\n", "", 40), f"{board} -O{level}")

(SANDBOX / "program.c").write_text(PROGRAM)
must(*WASI_C, "-O2", "program.c", "-Wl,-z,stack-size=8192,--stack-first",
     "-o", "program.wasm")
for board in BOARDS:
    if board in SMALL:
        continue
    elf = image(board, SANDBOX / "program.wasm", "-Os", "--memory-size", "100K",
                "--env", "MODE=quick")
    expect(boot(board, elf, "program", "word"),
           ("program word quick 0.286 2469135780246\n",
            "to the error stream\n", 9), board)
