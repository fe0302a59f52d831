// syr2k: the lower half of C = alpha A B^T + alpha B A^T + beta C.

#include "../bench.h"

enum { M = PICK(20, 60, 200, 1000, 2000), N = PICK(30, 80, 240, 1200, 2600) };

static void init(double (*C)[N], double (*A)[M], double (*B)[M]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) {
      A[i][j] = (double)((i * j + 1) % N) / N;
      B[i][j] = (double)((i * j + 2) % M) / M;
    }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      C[i][j] = (double)((i * j + 3) % N) / M;
}

static void kernel(double alpha, double beta, double (*C)[N], double (*A)[M],
                   double (*B)[M]) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j <= i; j++)
      C[i][j] *= beta;
    for (int k = 0; k < M; k++)
      for (int j = 0; j <= i; j++)
        C[i][j] += A[j][k] * alpha * B[i][k] + B[j][k] * alpha * A[i][k];
  }
}

int main(void) {
  double (*C)[N] = array(N * sizeof *C);
  double (*A)[M] = array(N * sizeof *A);
  double (*B)[M] = array(N * sizeof *B);
  while (again()) {
    init(C, A, B);
    TIMED(kernel(1.5, 1.2, C, A, B));
  }
  check(C, N * sizeof *C);
  return finish();
}
