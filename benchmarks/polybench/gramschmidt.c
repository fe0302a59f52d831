// gramschmidt: A = Q R with orthonormal columns in Q.

#include "../bench.h"
#include <math.h>

enum { M = PICK(20, 60, 200, 1000, 2000), N = PICK(30, 80, 240, 1200, 2600) };

static void init(double (*A)[N], double (*R)[N], double (*Q)[N]) {
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      A[i][j] = ((double)(i * j % M) / M) * 100 + 10;
      Q[i][j] = 0.0;
    }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      R[i][j] = 0.0;
}

static void kernel(double (*A)[N], double (*R)[N], double (*Q)[N]) {
  for (int k = 0; k < N; k++) {
    double norm = 0.0;
    for (int i = 0; i < M; i++)
      norm += A[i][k] * A[i][k];
    R[k][k] = sqrt(norm);
    for (int i = 0; i < M; i++)
      Q[i][k] = A[i][k] / R[k][k];
    for (int j = k + 1; j < N; j++) {
      R[k][j] = 0.0;
      for (int i = 0; i < M; i++)
        R[k][j] += Q[i][k] * A[i][j];
      for (int i = 0; i < M; i++)
        A[i][j] = A[i][j] - Q[i][k] * R[k][j];
    }
  }
}

int main(void) {
  double (*A)[N] = array(M * sizeof *A);
  double (*R)[N] = array(N * sizeof *R);
  double (*Q)[N] = array(M * sizeof *Q);
  while (again()) {
    init(A, R, Q);
    TIMED(kernel(A, R, Q));
  }
  check(R, N * sizeof *R);
  check(Q, M * sizeof *Q);
  return finish();
}
