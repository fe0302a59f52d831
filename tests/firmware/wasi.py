"""What WASI gives to a program on a board: streams, which are terminals without
positions, clocks and waiting, no files; and what it refuses to write to."""
from firmware import *

PROGRAM = r"""
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec before, after, wait = {0, 30000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  int result = nanosleep(&wait, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long ms = (after.tv_sec - before.tv_sec) * 1000 +
            (after.tv_nsec - before.tv_nsec) / 1000000;
  printf("sleep %d %d\n", result, ms >= 30);
  struct pollfd output = {1, POLLOUT, 0};
  result = poll(&output, 1, 1000);
  printf("poll %d %d\n", result, output.revents == POLLOUT);
  struct stat status;
  result = fstat(1, &status);
  printf("fstat %d %d\n", result, S_ISCHR(status.st_mode));
  printf("isatty %d\n", isatty(1));
  result = (int)lseek(1, 0, SEEK_CUR);
  printf("lseek %d %d\n", result, errno == ESPIPE);
  printf("open %d\n", open("/file", O_RDONLY));
  char byte;
  result = (int)read(1, &byte, 1);
  printf("read of output %d %d\n", result, errno == EBADF);
  result = close(0);
  printf("close %d\n", result);
  result = (int)read(0, &byte, 1);
  printf("read of closed %d %d\n", result, errno == EBADF);
  return 0;
}
"""
EXPECTED = """sleep 0 1
poll 1 1
fstat 0 1
isatty 1
lseek -1 1
open -1
read of output -1 1
close 0
read of closed -1 1
"""

# Addresses that are not all in memory, then descriptors that there are not:
# the sum of the numbers that WASI has for these errors, 21 and 8.
REFUSED = """(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get"
    (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 0xfffffff0))
    (i32.store (i32.const 20) (i32.const 32))
    (call $exit
      (i32.add (call $write (i32.const 1) (i32.const 16) (i32.const 1)
                 (i32.const 0))
      (i32.add (call $write (i32.const 1) (i32.const 0xfffffffc) (i32.const 1)
                 (i32.const 0))
      (i32.add (call $write (i32.const 1) (i32.const 32) (i32.const 0)
                 (i32.const -3))
      (i32.add (call $fdstat (i32.const 1) (i32.const -8))
      (i32.add (call $poll (i32.const 0) (i32.const 0) (i32.const 0x7fffffff)
                 (i32.const 0))
      (i32.add (call $write (i32.const 3) (i32.const 32) (i32.const 0)
                 (i32.const 0))
               (call $write (i32.const -1) (i32.const 32) (i32.const 0)
                 (i32.const 0)))))))))))
"""

(SANDBOX / "program.c").write_text(PROGRAM)
must(*WASI_C, "-O2", "program.c", "-Wl,-z,stack-size=8192,--stack-first",
     "-o", "program.wasm")
for board in BOARDS:
    expect(boot(board, image(board, REFUSED, "-Os")), ("", "", 5 * 21 + 2 * 8),
           board)
    if board in SMALL:
        continue
    elf = image(board, SANDBOX / "program.wasm", "-Os", "--memory-size", "100K")
    expect(boot(board, elf), (EXPECTED, "", 0), board)
