// syrk: the lower half of C = alpha A A^T + beta C.

#include "../bench.h"

enum { M = PICK(20, 60, 200, 1000, 2000), N = PICK(30, 80, 240, 1200, 2600) };

static void init(double (*C)[N], double (*A)[M]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++)
      A[i][j] = (double)((i * j + 1) % N) / N;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      C[i][j] = (double)((i * j + 2) % M) / M;
}

static void kernel(double alpha, double beta, double (*C)[N], double (*A)[M]) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j <= i; j++)
      C[i][j] *= beta;
    for (int k = 0; k < M; k++)
      for (int j = 0; j <= i; j++)
        C[i][j] += alpha * A[i][k] * A[j][k];
  }
}

int main(void) {
  double (*C)[N] = array(N * sizeof *C);
  double (*A)[M] = array(N * sizeof *A);
  while (again()) {
    init(C, A);
    TIMED(kernel(1.5, 1.2, C, A));
  }
  check(C, N * sizeof *C);
  return finish();
}
