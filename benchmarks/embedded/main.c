// A program between two marks that the counter looks for. As WebAssembly, the
// mark is a call of WASI; natively, a function of native.c.
#include "bench.h"

#ifdef __wasm__
__attribute__((import_module("wasi_snapshot_preview1"),
               import_name("sched_yield"))) int
mark(void);
__attribute__((import_module("wasi_snapshot_preview1"),
               import_name("fd_write"))) int
fdWrite(int fd, const void *vectors, int count, size_t *written);

static void write(const char *text, size_t size) {
  struct {
    const char *text;
    size_t size;
  } vector = {text, size};
  size_t written;
  fdWrite(1, &vector, 1, &written);
}
#else
int mark(void);
void write(const char *text, size_t size);
#define _start nativeMain
#endif

void _start(void) {
  mark();
  uint32_t checksum = run();
  mark();
  char text[9];
  for (int i = 7; i >= 0; --i, checksum >>= 4)
    text[i] = "0123456789abcdef"[checksum & 15];
  text[8] = '\n';
  write(text, sizeof text);
}
