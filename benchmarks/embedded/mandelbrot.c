// The Mandelbrot set in 32-bit fixed point and in floats.
#include "bench.h"

enum { Size = 24, Limit = 50 };

static uint32_t inFixedPoint(int32_t cr, int32_t ci) {
  enum { Bits = 24 };
  int32_t r = 0, i = 0;
  uint32_t n = 0;
  for (; n < Limit; ++n) {
    int32_t rr = (int32_t)((int64_t)r * r >> Bits);
    int32_t ii = (int32_t)((int64_t)i * i >> Bits);
    if (rr + ii > 4 << Bits)
      break;
    i = (int32_t)((int64_t)r * i >> (Bits - 1)) + ci;
    r = rr - ii + cr;
  }
  return n;
}

static uint32_t inFloats(float cr, float ci) {
  float r = 0, i = 0;
  uint32_t n = 0;
  for (; n < Limit; ++n) {
    float rr = r * r, ii = i * i;
    if (rr + ii > 4)
      break;
    i = 2 * r * i + ci;
    r = rr - ii + cr;
  }
  return n;
}

uint32_t run(void) {
  uint32_t hash = 0;
  for (int y = 0; y < Size; ++y)
    for (int x = 0; x < Size; ++x) {
      int32_t cr = (x * 3 - Size * 2) * (1 << 24) / Size;
      int32_t ci = (y * 2 - Size) * (1 << 24) / Size;
      hash = mix(hash, inFixedPoint(cr, ci));
      hash = mix(hash, inFloats((float)cr / (1 << 24), (float)ci / (1 << 24)));
    }
  return hash;
}
