// Loops that the producer turns into vector instructions by itself.
// wasm: -O3 -msimd128
#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { Count = 1003 };

static float f[Count], g[Count];
static double d[Count], e[Count];
static int8_t b[Count];
static uint8_t u[Count];
static int16_t h[Count];
static int32_t w[Count];
static uint32_t v[Count];
static uint64_t l[Count];

static uint64_t mix(uint64_t sum, uint64_t value) {
  return (sum ^ value) * 1099511628211u;
}

#define SHOW(array)                                                            \
  do {                                                                         \
    uint64_t sum = 0;                                                          \
    for (int i = 0; i < Count; ++i)                                            \
      sum = mix(sum, (uint64_t)(int64_t)array[i]);                             \
    printf("%s %016llx\n", #array, (unsigned long long)sum);                   \
  } while (0)

static void fill(void) {
  uint32_t state = 7;
  for (int i = 0; i < Count; ++i) {
    state = state * 1664525u + 1013904223u;
    b[i] = (int8_t)(state >> 24);
    u[i] = (uint8_t)(state >> 16);
    h[i] = (int16_t)(state >> 16);
    w[i] = (int32_t)(state ^ state << 13);
    v[i] = state * 69069u;
    l[i] = (uint64_t)state << 29 ^ state;
    f[i] = (float)(int32_t)state / 65536;
    d[i] = (double)(int32_t)state / 1024;
  }
}

static int clamp(int value, int low, int high) {
  return value < low ? low : value > high ? high : value;
}

int main(void) {
  fill();
  for (int i = 0; i < Count; ++i)
    u[i] = (uint8_t)((u[i] + (uint8_t)b[i] + 1) >> 1);
  SHOW(u);
  for (int i = 0; i < Count; ++i)
    b[i] = (int8_t)clamp(h[i] / 64, -128, 127);
  SHOW(b);
  for (int i = 0; i < Count; ++i)
    h[i] = (int16_t)clamp(h[i] + w[i] % 4096, -32768, 32767);
  SHOW(h);
  uint32_t dot = 0;
  for (int i = 0; i < Count; ++i)
    dot += (uint32_t)(h[i] * b[i]);
  printf("dot %u\n", dot);
  for (int i = 0; i < Count; ++i)
    w[i] = (w[i] < 0 ? -w[i] : w[i]) >> (i & 7);
  SHOW(w);
  for (int i = 0; i < Count; ++i)
    v[i] = v[i] > 0x80000000u ? v[i] * 3 : v[i] ^ (uint32_t)w[i];
  SHOW(v);
  for (int i = 0; i < Count; ++i)
    l[i] = l[i] * 7 - (uint64_t)((int64_t)v[i] * w[i]);
  SHOW(l);
  for (int i = 0; i < Count; ++i)
    g[i] = sqrtf(fabsf(f[i])) + floorf(f[i]) - ceilf(f[i] * 0.5f) +
           truncf(f[i] * 0.25f) + rintf(f[i] * 0.125f);
  SHOW(g);
  for (int i = 0; i < Count; ++i)
    e[i] = floor(d[i]) * 0.5 + ceil(d[i]) * 0.25 + (double)f[i] +
           rint(d[i] * 0.5) + trunc(d[i]);
  SHOW(e);
  for (int i = 0; i < Count; ++i) {
    w[i] = (int32_t)f[i];
    f[i] = (float)v[i] + (float)w[i];
    d[i] = (double)w[i] - (double)v[i];
  }
  SHOW(w);
  SHOW(f);
  SHOW(d);
  for (int step = 0; step < 10; ++step)
    for (int i = 1; i < Count - 1; ++i)
      e[i] = (d[i - 1] + d[i] + d[i + 1]) * 0.33333;
  SHOW(e);
  return 0;
}
