// Jacobi's iteration over a plane of floats.
#include "bench.h"

enum { N = 40, Steps = 10 };
static float plane[2][N][N];

uint32_t run(void) {
  uint32_t hash = 0;
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j)
      plane[0][i][j] = plane[1][i][j] = (float)(i * (j + 2) % 17);
  for (int step = 0; step < Steps; ++step) {
    float (*from)[N] = plane[step & 1], (*to)[N] = plane[~step & 1];
    for (int i = 1; i < N - 1; ++i)
      for (int j = 1; j < N - 1; ++j)
        to[i][j] = 0.2f * (from[i][j] + from[i][j - 1] + from[i][j + 1] +
                           from[i - 1][j] + from[i + 1][j]);
  }
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j)
      hash = mix(hash, bitsOf(plane[0][i][j]));
  return hash;
}
