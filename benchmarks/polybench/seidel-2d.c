// seidel-2d: the mean of nine neighbours, in place.

#include "../bench.h"

enum {
  Steps = PICK(20, 40, 100, 500, 1000),
  N = PICK(40, 120, 400, 2000, 4000)
};

static void init(double (*A)[N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      A[i][j] = ((double)i * (j + 2) + 2) / N;
}

static void kernel(double (*A)[N]) {
  for (int t = 0; t <= Steps - 1; t++)
    for (int i = 1; i <= N - 2; i++)
      for (int j = 1; j <= N - 2; j++)
        A[i][j] = (A[i - 1][j - 1] + A[i - 1][j] + A[i - 1][j + 1] +
                   A[i][j - 1] + A[i][j] + A[i][j + 1] + A[i + 1][j - 1] +
                   A[i + 1][j] + A[i + 1][j + 1]) /
                  9.0;
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  while (again()) {
    init(A);
    TIMED(kernel(A));
  }
  check(A, N * sizeof *A);
  return finish();
}
