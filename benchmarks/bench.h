// What every benchmark has: arrays that the optimiser knows nothing of, a clock
// around the kernel, repeated until the figure is steady, and a checksum of
// what was computed. A program prints both; the runner compares checksums
// before it believes a time.

#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef SIZE
#define SIZE 2
#endif

// The value for the size of data that -DSIZE=0 to 4 names.
#define PICK(mini, small, medium, large, extralarge)                           \
  (SIZE == 0   ? (mini)                                                        \
   : SIZE == 1 ? (small)                                                       \
   : SIZE == 2 ? (medium)                                                      \
   : SIZE == 3 ? (large)                                                       \
               : (extralarge))

// Seconds of kernel that make a steady figure, and when to stop for good.
// -DCOUNTED: one run, whose instructions are counted from outside between two
// looks at the clock.
#ifndef BENCH_TOTAL
#define BENCH_TOTAL 0.02
#define BENCH_ELAPSED 0.1
#endif

enum { MaxRepeats = 1000 };

static double benchTimes[MaxRepeats];
static int benchRepeats;
static double benchTotal, benchBegin, benchStart;
static uint64_t benchSum = 0xcbf29ce484222325;
static void *volatile benchEscape;

static inline double benchNow(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

// A page-aligned array. Its address escapes and the function is never inlined:
// as with an allocator in a file of its own, nothing tells the compiler that
// two arrays are apart.
__attribute__((noinline, unused)) static void *array(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 4096, bytes) != 0) {
    fputs("out of memory\n", stderr);
    exit(1);
  }
  benchEscape = memory;
  return memory;
}

// Forgets what was measured, for a program of several kernels.
__attribute__((unused)) static void restart(void) {
  benchRepeats = 0;
  benchTotal = 0;
  benchSum = 0xcbf29ce484222325;
}

// Whether to initialise and time once more: one run of a long kernel; of a
// short one, as many as give BENCH_TOTAL.
static inline int again(void) {
#ifdef COUNTED
  return benchRepeats == 0;
#endif
  if (benchRepeats == 0) {
    benchBegin = benchNow();
    return 1;
  }
  return benchRepeats < MaxRepeats && benchTotal < BENCH_TOTAL &&
         benchNow() - benchBegin < BENCH_ELAPSED;
}

static inline void start(void) { benchStart = benchNow(); }

static inline void stop(void) {
  double time = benchNow() - benchStart;
  benchTimes[benchRepeats++] = time;
  benchTotal += time;
}

#define TIMED(call)                                                            \
  do {                                                                         \
    start();                                                                   \
    call;                                                                      \
    stop();                                                                    \
  } while (0)

// Takes an array into the checksum, bit by bit: results have to be the same,
// not similar. `bytes` is a multiple of 4.
__attribute__((noinline, unused)) static void check(const void *data,
                                                    size_t bytes) {
  const unsigned char *from = data;
  for (size_t at = 0; at < bytes; at += 4) {
    uint32_t word;
    memcpy(&word, from + at, 4);
    benchSum = (benchSum ^ word) * 0x100000001b3;
  }
}

static int benchCompare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

// What asking for the time takes, which is more within a sandbox, and would
// count against a kernel of a microsecond.
static double benchClock(void) {
#ifdef COUNTED
  return 0;
#endif
  double least = 1;
  for (int i = 0; i < 200; i++) {
    double before = benchNow();
    double time = benchNow() - before;
    least = time < least ? time : least;
  }
  return least;
}

// Prints the median time, without the clock's own, and the checksum.
__attribute__((noinline, unused)) static int finish(void) {
  qsort(benchTimes, (size_t)benchRepeats, sizeof *benchTimes, benchCompare);
  double time = benchTimes[benchRepeats / 2] - benchClock();
  printf("checksum %016llx\nseconds %.9f\n", (unsigned long long)benchSum,
         time < 1e-9 ? 1e-9 : time);
  return 0;
}
