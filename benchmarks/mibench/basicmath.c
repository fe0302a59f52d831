// basicmath: roots of cubics, integer square roots, degrees to radians.

#include "../bench.h"
#include <math.h>

enum { N = PICK(100, 2000, 100000, 1000000, 10000000) };

// Libraries differ in the last bits of cosines: six decimals are compared.
static int64_t rounded(double value) { return llrint(value * 1e6); }

static int cubic(double a, double b, double c, double d, double *roots) {
  double p = b / a, q = c / a, r = d / a;
  double Q = (p * p - 3 * q) / 9;
  double R = (2 * p * p * p - 9 * p * q + 27 * r) / 54;
  if (R * R <= Q * Q * Q) {
    double angle = acos(R / sqrt(Q * Q * Q));
    for (int i = 0; i < 3; i++)
      roots[i] =
          -2 * sqrt(Q) * cos((angle + 6.283185307179586 * i) / 3) - p / 3;
    return 3;
  }
  double e = cbrt(sqrt(R * R - Q * Q * Q) + fabs(R));
  e = R > 0 ? -e : e;
  roots[0] = e + Q / e - p / 3;
  return 1;
}

static uint32_t squareRoot(uint32_t x) {
  uint32_t root = 0, rest = 0;
  for (int i = 0; i < 16; i++) {
    rest = rest << 2 | x >> 30;
    x <<= 2;
    root <<= 1;
    uint32_t trial = root << 1 | 1;
    if (rest >= trial) {
      rest -= trial;
      root++;
    }
  }
  return root;
}

static void kernel(int64_t *sums) {
  for (int i = 0; i < N; i++) {
    double roots[3] = {0, 0, 0};
    double b = 10.5 - 0.25 * (i % 97), d = -30 + 0.125 * (i % 481);
    sums[0] += cubic(1 + i % 9, b, 32.0 - i % 51, d, roots);
    sums[1] += rounded(roots[0]) ^ rounded(roots[1]) ^ rounded(roots[2]);
    sums[2] += squareRoot((uint32_t)i * 2654435761u);
    sums[3] += rounded(i % 3600 / 10.0 * (3.141592653589793 / 180));
  }
}

int main(void) {
  int64_t sums[4];
  while (again()) {
    memset(sums, 0, sizeof sums);
    TIMED(kernel(sums));
  }
  check(sums, sizeof sums);
  return finish();
}
