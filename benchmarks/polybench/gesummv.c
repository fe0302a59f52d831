// gesummv: y = alpha A x + beta B x.

#include "../bench.h"

enum { N = PICK(30, 90, 250, 1300, 2800) };

static void init(double (*A)[N], double (*B)[N], double *x) {
  for (int i = 0; i < N; i++) {
    x[i] = (double)(i % N) / N;
    for (int j = 0; j < N; j++) {
      A[i][j] = (double)((i * j + 1) % N) / N;
      B[i][j] = (double)((i * j + 2) % N) / N;
    }
  }
}

static void kernel(double alpha, double beta, double (*A)[N], double (*B)[N],
                   double *product, double *x, double *y) {
  for (int i = 0; i < N; i++) {
    product[i] = 0.0;
    y[i] = 0.0;
    for (int j = 0; j < N; j++) {
      product[i] = A[i][j] * x[j] + product[i];
      y[i] = B[i][j] * x[j] + y[i];
    }
    y[i] = alpha * product[i] + beta * y[i];
  }
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  double (*B)[N] = array(N * sizeof *B);
  double *product = array(N * sizeof *product);
  double *x = array(N * sizeof *x);
  double *y = array(N * sizeof *y);
  while (again()) {
    init(A, B, x);
    TIMED(kernel(1.5, 1.2, A, B, product, x, y));
  }
  check(y, N * sizeof *y);
  return finish();
}
