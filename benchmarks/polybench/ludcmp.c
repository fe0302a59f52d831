// ludcmp: A x = b by A = L U, L y = b and U x = y.

#include "../bench.h"

enum { N = PICK(40, 120, 400, 2000, 4000) };

#include "positive.h"

static void init(double (*A)[N], double (*product)[N], double *b, double *x,
                 double *y) {
  double count = N;
  for (int i = 0; i < N; i++) {
    x[i] = 0;
    y[i] = 0;
    b[i] = (i + 1) / count / 2.0 + 4;
  }
  initPositive(A, product);
}

static void kernel(double (*A)[N], double *b, double *x, double *y) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < i; j++) {
      double w = A[i][j];
      for (int k = 0; k < j; k++)
        w -= A[i][k] * A[k][j];
      A[i][j] = w / A[j][j];
    }
    for (int j = i; j < N; j++) {
      double w = A[i][j];
      for (int k = 0; k < i; k++)
        w -= A[i][k] * A[k][j];
      A[i][j] = w;
    }
  }
  for (int i = 0; i < N; i++) {
    double w = b[i];
    for (int j = 0; j < i; j++)
      w -= A[i][j] * y[j];
    y[i] = w;
  }
  for (int i = N - 1; i >= 0; i--) {
    double w = y[i];
    for (int j = i + 1; j < N; j++)
      w -= A[i][j] * x[j];
    x[i] = w / A[i][i];
  }
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  double (*product)[N] = array(N * sizeof *product);
  double *b = array(N * sizeof *b);
  double *x = array(N * sizeof *x);
  double *y = array(N * sizeof *y);
  while (again()) {
    init(A, product, b, x, y);
    TIMED(kernel(A, b, x, y));
  }
  check(x, N * sizeof *x);
  return finish();
}
