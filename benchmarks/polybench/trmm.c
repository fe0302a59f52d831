// trmm: B = alpha A^T B, where A is unit lower triangular.

#include "../bench.h"

enum { M = PICK(20, 60, 200, 1000, 2000), N = PICK(30, 80, 240, 1200, 2600) };

static void init(double (*A)[M], double (*B)[N]) {
  for (int i = 0; i < M; i++) {
    for (int j = 0; j < i; j++)
      A[i][j] = (double)((i + j) % M) / M;
    A[i][i] = 1.0;
    for (int j = 0; j < N; j++)
      B[i][j] = (double)((N + (i - j)) % N) / N;
  }
}

static void kernel(double alpha, double (*A)[M], double (*B)[N]) {
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      for (int k = i + 1; k < M; k++)
        B[i][j] += A[k][i] * B[k][j];
      B[i][j] = alpha * B[i][j];
    }
}

int main(void) {
  double (*A)[M] = array(M * sizeof *A);
  double (*B)[N] = array(M * sizeof *B);
  while (again()) {
    init(A, B);
    TIMED(kernel(1.5, A, B));
  }
  check(B, M * sizeof *B);
  return finish();
}
