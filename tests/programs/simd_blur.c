// A 3x3 blur in vector instructions agrees with its scalar version. Natively,
// where there is no wasm_simd128.h, the scalar version stands for both.
// wasm: -msimd128
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

enum { Width = 333, Height = 177 };

static uint8_t image[Height][Width];
static uint8_t scalar[Height][Width];
static uint8_t vector[Height][Width];

static void blurPixel(uint8_t out[Height][Width], int x, int y) {
  int sum = 0;
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx)
      sum += image[y + dy][x + dx] * ((2 - dy * dy) * (2 - dx * dx));
  out[y][x] = (uint8_t)((sum + 8) >> 4);
}

static void blurScalar(void) {
  for (int y = 1; y < Height - 1; ++y)
    for (int x = 1; x < Width - 1; ++x)
      blurPixel(scalar, x, y);
}

#ifdef __wasm_simd128__
/// Eight pixels of a row, weighted 1 2 1.
static v128_t row(const uint8_t *pixel) {
  v128_t left = wasm_u16x8_load8x8(pixel - 1);
  v128_t middle = wasm_u16x8_load8x8(pixel);
  v128_t right = wasm_u16x8_load8x8(pixel + 1);
  return wasm_i16x8_add(wasm_i16x8_add(left, right),
                        wasm_i16x8_shl(middle, 1));
}

static v128_t blurEight(int x, int y) {
  v128_t sum = wasm_i16x8_add(
      wasm_i16x8_add(row(&image[y - 1][x]), row(&image[y + 1][x])),
      wasm_i16x8_shl(row(&image[y][x]), 1));
  return wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_i16x8_splat(8)), 4);
}

static void blurVector(void) {
  for (int y = 1; y < Height - 1; ++y) {
    int x = 1;
    for (; x + 17 <= Width; x += 16)
      wasm_v128_store(&vector[y][x],
                      wasm_u8x16_narrow_i16x8(blurEight(x, y),
                                              blurEight(x + 8, y)));
    for (; x < Width - 1; ++x)
      blurPixel(vector, x, y);
  }
}
#else
static void blurVector(void) {
  for (int y = 1; y < Height - 1; ++y)
    for (int x = 1; x < Width - 1; ++x)
      blurPixel(vector, x, y);
}
#endif

static unsigned checksum(uint8_t pixels[Height][Width]) {
  unsigned sum = 2166136261u;
  for (int y = 0; y < Height; ++y)
    for (int x = 0; x < Width; ++x)
      sum = (sum ^ pixels[y][x]) * 16777619u;
  return sum;
}

int main(void) {
  unsigned state = 1;
  for (int y = 0; y < Height; ++y)
    for (int x = 0; x < Width; ++x) {
      state = state * 1664525u + 1013904223u;
      image[y][x] = (uint8_t)(state >> 24);
    }
  blurScalar();
  blurVector();
  printf("%08x %08x %s\n", checksum(scalar), checksum(vector),
         memcmp(scalar, vector, sizeof scalar) ? "differ" : "agree");
  return 0;
}
