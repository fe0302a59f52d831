// fdtd-2d: Maxwell's equations in a plane, by finite differences.

#include "../bench.h"

enum {
  Steps = PICK(20, 40, 100, 500, 1000),
  NX = PICK(20, 60, 200, 1000, 2000),
  NY = PICK(30, 80, 240, 1200, 2600)
};

static void init(double (*ex)[NY], double (*ey)[NY], double (*hz)[NY],
                 double *source) {
  for (int i = 0; i < Steps; i++)
    source[i] = i;
  for (int i = 0; i < NX; i++)
    for (int j = 0; j < NY; j++) {
      ex[i][j] = (double)i * (j + 1) / NX;
      ey[i][j] = (double)i * (j + 2) / NY;
      hz[i][j] = (double)i * (j + 3) / NX;
    }
}

static void kernel(double (*ex)[NY], double (*ey)[NY], double (*hz)[NY],
                   double *source) {
  for (int t = 0; t < Steps; t++) {
    for (int j = 0; j < NY; j++)
      ey[0][j] = source[t];
    for (int i = 1; i < NX; i++)
      for (int j = 0; j < NY; j++)
        ey[i][j] = ey[i][j] - 0.5 * (hz[i][j] - hz[i - 1][j]);
    for (int i = 0; i < NX; i++)
      for (int j = 1; j < NY; j++)
        ex[i][j] = ex[i][j] - 0.5 * (hz[i][j] - hz[i][j - 1]);
    for (int i = 0; i < NX - 1; i++)
      for (int j = 0; j < NY - 1; j++)
        hz[i][j] = hz[i][j] -
                   0.7 * (ex[i][j + 1] - ex[i][j] + ey[i + 1][j] - ey[i][j]);
  }
}

int main(void) {
  double (*ex)[NY] = array(NX * sizeof *ex);
  double (*ey)[NY] = array(NX * sizeof *ey);
  double (*hz)[NY] = array(NX * sizeof *hz);
  double *source = array(Steps * sizeof *source);
  while (again()) {
    init(ex, ey, hz, source);
    TIMED(kernel(ex, ey, hz, source));
  }
  check(ex, NX * sizeof *ex);
  check(ey, NX * sizeof *ey);
  check(hz, NX * sizeof *hz);
  return finish();
}
