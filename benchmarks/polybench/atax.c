// atax: y = A^T (A x).

#include "../bench.h"

enum { M = PICK(38, 116, 390, 1900, 1800), N = PICK(42, 124, 410, 2100, 2200) };

static void init(double (*A)[N], double *x) {
  for (int i = 0; i < N; i++)
    x[i] = 1 + i / (double)N;
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++)
      A[i][j] = (double)((i + j) % N) / (5 * M);
}

static void kernel(double (*A)[N], double *x, double *y, double *product) {
  for (int i = 0; i < N; i++)
    y[i] = 0;
  for (int i = 0; i < M; i++) {
    product[i] = 0.0;
    for (int j = 0; j < N; j++)
      product[i] = product[i] + A[i][j] * x[j];
    for (int j = 0; j < N; j++)
      y[j] = y[j] + A[i][j] * product[i];
  }
}

int main(void) {
  double (*A)[N] = array(M * sizeof *A);
  double *x = array(N * sizeof *x);
  double *y = array(N * sizeof *y);
  double *product = array(M * sizeof *product);
  while (again()) {
    init(A, x);
    TIMED(kernel(A, x, y, product));
  }
  check(y, N * sizeof *y);
  return finish();
}
