// mvt: x1 += A y1 and x2 += A^T y2.

#include "../bench.h"

enum { N = PICK(40, 120, 400, 2000, 4000) };

static void init(double *x1, double *x2, double *y1, double *y2,
                 double (*A)[N]) {
  for (int i = 0; i < N; i++) {
    x1[i] = (double)(i % N) / N;
    x2[i] = (double)((i + 1) % N) / N;
    y1[i] = (double)((i + 3) % N) / N;
    y2[i] = (double)((i + 4) % N) / N;
    for (int j = 0; j < N; j++)
      A[i][j] = (double)(i * j % N) / N;
  }
}

static void kernel(double *x1, double *x2, double *y1, double *y2,
                   double (*A)[N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      x1[i] = x1[i] + A[i][j] * y1[j];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      x2[i] = x2[i] + A[j][i] * y2[j];
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  double *x1 = array(N * sizeof *x1);
  double *x2 = array(N * sizeof *x2);
  double *y1 = array(N * sizeof *y1);
  double *y2 = array(N * sizeof *y2);
  while (again()) {
    init(x1, x2, y1, y2, A);
    TIMED(kernel(x1, x2, y1, y2, A));
  }
  check(x1, N * sizeof *x1);
  check(x2, N * sizeof *x2);
  return finish();
}
