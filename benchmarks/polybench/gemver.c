// gemver: A += u1 v1^T + u2 v2^T, then x += beta A^T y + z and w += alpha A x.

#include "../bench.h"

enum { N = PICK(40, 120, 400, 2000, 4000) };

static void init(double (*A)[N], double *u1, double *v1, double *u2, double *v2,
                 double *w, double *x, double *y, double *z) {
  double count = N;
  for (int i = 0; i < N; i++) {
    u1[i] = i;
    u2[i] = ((i + 1) / count) / 2.0;
    v1[i] = ((i + 1) / count) / 4.0;
    v2[i] = ((i + 1) / count) / 6.0;
    y[i] = ((i + 1) / count) / 8.0;
    z[i] = ((i + 1) / count) / 9.0;
    x[i] = 0.0;
    w[i] = 0.0;
    for (int j = 0; j < N; j++)
      A[i][j] = (double)(i * j % N) / N;
  }
}

static void kernel(double alpha, double beta, double (*A)[N], double *u1,
                   double *v1, double *u2, double *v2, double *w, double *x,
                   double *y, double *z) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      A[i][j] = A[i][j] + u1[i] * v1[j] + u2[i] * v2[j];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      x[i] = x[i] + beta * A[j][i] * y[j];
  for (int i = 0; i < N; i++)
    x[i] = x[i] + z[i];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      w[i] = w[i] + alpha * A[i][j] * x[j];
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  double *u1 = array(N * sizeof *u1);
  double *v1 = array(N * sizeof *v1);
  double *u2 = array(N * sizeof *u2);
  double *v2 = array(N * sizeof *v2);
  double *w = array(N * sizeof *w);
  double *x = array(N * sizeof *x);
  double *y = array(N * sizeof *y);
  double *z = array(N * sizeof *z);
  while (again()) {
    init(A, u1, v1, u2, v2, w, x, y, z);
    TIMED(kernel(1.5, 1.2, A, u1, v1, u2, v2, w, x, y, z));
  }
  check(w, N * sizeof *w);
  return finish();
}
