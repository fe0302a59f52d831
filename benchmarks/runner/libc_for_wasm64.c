// The part of the C library that the benchmarks' programs use, for wasm64, for
// which there is no wasi-libc. musl's headers declare it. Addresses of WASI
// preview 1 have 32 bits, whatever the memory's have: what it gets from here
// is on the stack or constant, both below 4 GiB.

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WASI(name)                                                             \
  __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))

WASI(clock_time_get) int clockTimeGet(int, uint64_t precise, uint32_t result);
WASI(fd_write) int fdWrite(int, uint32_t vectors, int count, uint32_t result);
WASI(proc_exit) _Noreturn void procExit(int);

static uint32_t address(const void *at) { return (uint32_t)(uintptr_t)at; }

int main(void);
void _start(void) { exit(main()); }

void exit(int code) { procExit(code); }

int clock_gettime(clockid_t clock, struct timespec *now) {
  uint64_t time = 0;
  if (clockTimeGet(clock, 1, address(&time)) != 0)
    return -1;
  now->tv_sec = (time_t)(time / 1000000000);
  now->tv_nsec = (long)(time % 1000000000);
  return 0;
}

// Memory is taken from the end, and never given back.
int posix_memalign(void **result, size_t alignment, size_t size) {
  extern char __heap_base[];
  static uintptr_t end;
  uintptr_t begin = end ? end : (uintptr_t)__heap_base;
  begin = (begin + alignment - 1) & -alignment;
  size_t present = __builtin_wasm_memory_size(0) << 16;
  if (begin + size > present &&
      __builtin_wasm_memory_grow(0, (begin + size - present + 65535) >> 16) ==
          (size_t)-1)
    return -1;
  end = begin + size;
  *result = (void *)begin;
  return 0;
}

void *malloc(size_t size) {
  void *memory;
  return posix_memalign(&memory, 16, size) == 0 ? memory : NULL;
}

int memcmp(const void *left, const void *right, size_t size) {
  const unsigned char *a = left, *b = right;
  for (; size > 0; size--, a++, b++)
    if (*a != *b)
      return *a - *b;
  return 0;
}

size_t strlen(const char *text) {
  size_t size = 0;
  while (text[size])
    size++;
  return size;
}

int strcmp(const char *left, const char *right) {
  const unsigned char *a = (const void *)left, *b = (const void *)right;
  while (*a && *a == *b)
    a++, b++;
  return *a - *b;
}

// Shell's sort.
void qsort(void *base, size_t count, size_t size,
           int (*compare)(const void *, const void *)) {
  unsigned char *data = base;
  for (size_t gap = count / 2; gap > 0; gap /= 2)
    for (size_t i = gap; i < count; i++)
      for (size_t k = i; k >= gap; k -= gap) {
        unsigned char *b = data + k * size, *a = b - gap * size;
        if (compare(a, b) <= 0)
          break;
        for (size_t at = 0; at < size; at++) {
          unsigned char kept = a[at];
          a[at] = b[at];
          b[at] = kept;
        }
      }
}

// A stream is its descriptor, and what it gets is not kept back.
FILE *const stdout = (FILE *)1;
FILE *const stderr = (FILE *)2;

size_t fwrite(const void *data, size_t size, size_t count, FILE *stream) {
  uint32_t vector[2] = {address(data), (uint32_t)(size * count)}, done = 0;
  int error =
      fdWrite((int)(uintptr_t)stream, address(vector), 1, address(&done));
  return error ? 0 : done / size;
}

// A number in front of what begins at `end`, with so many digits at least.
static char *digits(char *end, unsigned long long number, unsigned base,
                    int least) {
  for (; number > 0 || least > 0; number /= base, least--)
    *--end = "0123456789abcdef"[number % base];
  return end;
}

static int starts(const char **format, const char *with) {
  size_t size = strlen(with);
  if (memcmp(*format, with, size) != 0)
    return 0;
  *format += size;
  return 1;
}

// What it does not know of a format stays as it is.
static void print(FILE *stream, const char *format, va_list arguments) {
  while (*format) {
    char text[32], *end = text + sizeof text, *begin = end;
    if (starts(&format, "%016llx")) {
      begin = digits(end, va_arg(arguments, unsigned long long), 16, 16);
    } else if (starts(&format, "%08x")) {
      begin = digits(end, va_arg(arguments, unsigned), 16, 8);
    } else if (starts(&format, "%.9f")) {
      uint64_t number = (uint64_t)(va_arg(arguments, double) * 1e9 + 0.5);
      begin = digits(end, number % 1000000000, 10, 9);
      *--begin = '.';
      begin = digits(begin, number / 1000000000, 10, 1);
    } else if (starts(&format, "%s")) {
      begin = va_arg(arguments, char *);
      end = begin + strlen(begin);
    } else {
      *--begin = *format++;
    }
    fwrite(begin, 1, (size_t)(end - begin), stream);
  }
}

int fprintf(FILE *stream, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print(stream, format, arguments);
  va_end(arguments);
  return 0;
}

int printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  print(stdout, format, arguments);
  va_end(arguments);
  return 0;
}
