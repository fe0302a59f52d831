// jacobi-2d: the mean of five neighbours, over and over.

#include "../bench.h"

enum {
  Steps = PICK(20, 40, 100, 500, 1000),
  N = PICK(30, 90, 250, 1300, 2800)
};

static void init(double (*A)[N], double (*B)[N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      A[i][j] = ((double)i * (j + 2) + 2) / N;
      B[i][j] = ((double)i * (j + 3) + 3) / N;
    }
}

static void kernel(double (*A)[N], double (*B)[N]) {
  for (int t = 0; t < Steps; t++) {
    for (int i = 1; i < N - 1; i++)
      for (int j = 1; j < N - 1; j++)
        B[i][j] = 0.2 * (A[i][j] + A[i][j - 1] + A[i][1 + j] + A[1 + i][j] +
                         A[i - 1][j]);
    for (int i = 1; i < N - 1; i++)
      for (int j = 1; j < N - 1; j++)
        A[i][j] = 0.2 * (B[i][j] + B[i][j - 1] + B[i][1 + j] + B[1 + i][j] +
                         B[i - 1][j]);
  }
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  double (*B)[N] = array(N * sizeof *B);
  while (again()) {
    init(A, B);
    TIMED(kernel(A, B));
  }
  check(A, N * sizeof *A);
  return finish();
}
