// Product of matrices of doubles, which most of these processors compute by
// functions.
#include "bench.h"

enum { N = 24 };
static double a[N][N], b[N][N], c[N][N];

uint32_t run(void) {
  uint32_t seed = 1, hash = 0;
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) {
      a[i][j] = (double)(nextRandom(&seed) >> 16) / 256;
      b[i][j] = (double)(nextRandom(&seed) >> 16) / 512;
    }
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) {
      double sum = 0;
      for (int k = 0; k < N; ++k)
        sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j)
      hash = mix(hash, (uint32_t)(c[i][j] / 16));
  return hash;
}
