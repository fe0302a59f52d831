// lu: A = L U, without pivoting, in place.

#include "../bench.h"

enum { N = PICK(40, 120, 400, 2000, 4000) };

#include "positive.h"

static void kernel(double (*A)[N]) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < i; j++) {
      for (int k = 0; k < j; k++)
        A[i][j] -= A[i][k] * A[k][j];
      A[i][j] /= A[j][j];
    }
    for (int j = i; j < N; j++)
      for (int k = 0; k < i; k++)
        A[i][j] -= A[i][k] * A[k][j];
  }
}

int main(void) {
  double (*A)[N] = array(N * sizeof *A);
  double (*product)[N] = array(N * sizeof *product);
  while (again()) {
    initPositive(A, product);
    TIMED(kernel(A));
  }
  check(A, N * sizeof *A);
  return finish();
}
