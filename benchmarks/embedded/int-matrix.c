// Product of matrices of 32-bit integers.
#include "bench.h"

enum { N = 32 };
static int32_t a[N][N], b[N][N], c[N][N];

uint32_t run(void) {
  uint32_t seed = 1, hash = 0;
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) {
      a[i][j] = (int32_t)nextRandom(&seed);
      b[i][j] = (int32_t)nextRandom(&seed);
    }
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) {
      uint32_t sum = 0;
      for (int k = 0; k < N; ++k)
        sum += (uint32_t)a[i][k] * (uint32_t)b[k][j];
      c[i][j] = (int32_t)sum;
    }
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j)
      hash = mix(hash, (uint32_t)c[i][j]);
  return hash;
}
