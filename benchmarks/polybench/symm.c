// symm: C = alpha A B + beta C, where A is symmetric and only its lower half is
// there.

#include "../bench.h"

enum { M = PICK(20, 60, 200, 1000, 2000), N = PICK(30, 80, 240, 1200, 2600) };

static void init(double (*C)[N], double (*A)[M], double (*B)[N]) {
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      C[i][j] = (double)((i + j) % 100) / M;
      B[i][j] = (double)((N + i - j) % 100) / M;
    }
  for (int i = 0; i < M; i++) {
    for (int j = 0; j <= i; j++)
      A[i][j] = (double)((i + j) % 100) / M;
    for (int j = i + 1; j < M; j++)
      A[i][j] = -999; // Never to be read.
  }
}

static void kernel(double alpha, double beta, double (*C)[N], double (*A)[M],
                   double (*B)[N]) {
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int k = 0; k < i; k++) {
        C[k][j] += alpha * B[i][j] * A[i][k];
        sum += B[k][j] * A[i][k];
      }
      C[i][j] = beta * C[i][j] + alpha * B[i][j] * A[i][i] + alpha * sum;
    }
}

int main(void) {
  double (*C)[N] = array(M * sizeof *C);
  double (*A)[M] = array(M * sizeof *A);
  double (*B)[N] = array(M * sizeof *B);
  while (again()) {
    init(C, A, B);
    TIMED(kernel(1.5, 1.2, C, A, B));
  }
  check(C, M * sizeof *C);
  return finish();
}
