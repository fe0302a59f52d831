// trisolv: L x = b, where L is lower triangular.

#include "../bench.h"

enum { N = PICK(40, 120, 400, 2000, 4000) };

static void init(double (*L)[N], double *x, double *b) {
  for (int i = 0; i < N; i++) {
    x[i] = -999;
    b[i] = i;
    for (int j = 0; j <= i; j++)
      L[i][j] = (double)(i + N - j + 1) * 2 / N;
  }
}

static void kernel(double (*L)[N], double *x, double *b) {
  for (int i = 0; i < N; i++) {
    x[i] = b[i];
    for (int j = 0; j < i; j++)
      x[i] -= L[i][j] * x[j];
    x[i] = x[i] / L[i][i];
  }
}

int main(void) {
  double (*L)[N] = array(N * sizeof *L);
  double *x = array(N * sizeof *x);
  double *b = array(N * sizeof *b);
  while (again()) {
    init(L, x, b);
    TIMED(kernel(L, x, b));
  }
  check(x, N * sizeof *x);
  return finish();
}
