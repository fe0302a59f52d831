// jacobi-1d: the mean of three neighbours, over and over.

#include "../bench.h"

enum {
  Steps = PICK(20, 40, 100, 500, 1000),
  N = PICK(30, 120, 400, 2000, 4000)
};

static void init(double *A, double *B) {
  for (int i = 0; i < N; i++) {
    A[i] = ((double)i + 2) / N;
    B[i] = ((double)i + 3) / N;
  }
}

static void kernel(double *A, double *B) {
  for (int t = 0; t < Steps; t++) {
    for (int i = 1; i < N - 1; i++)
      B[i] = 0.33333 * (A[i - 1] + A[i] + A[i + 1]);
    for (int i = 1; i < N - 1; i++)
      A[i] = 0.33333 * (B[i - 1] + B[i] + B[i + 1]);
  }
}

int main(void) {
  double *A = array(N * sizeof *A);
  double *B = array(N * sizeof *B);
  while (again()) {
    init(A, B);
    TIMED(kernel(A, B));
  }
  check(A, N * sizeof *A);
  return finish();
}
