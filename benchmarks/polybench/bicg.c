// bicg: the two products of the biconjugate gradient method, s = A^T r and
// q = A p.

#include "../bench.h"

enum { M = PICK(38, 116, 390, 1900, 1800), N = PICK(42, 124, 410, 2100, 2200) };

static void init(double (*A)[M], double *r, double *p) {
  for (int i = 0; i < M; i++)
    p[i] = (double)(i % M) / M;
  for (int i = 0; i < N; i++) {
    r[i] = (double)(i % N) / N;
    for (int j = 0; j < M; j++)
      A[i][j] = (double)(i * (j + 1) % N) / N;
  }
}

static void kernel(double (*A)[M], double *s, double *q, double *p, double *r) {
  for (int i = 0; i < M; i++)
    s[i] = 0;
  for (int i = 0; i < N; i++) {
    q[i] = 0.0;
    for (int j = 0; j < M; j++) {
      s[j] = s[j] + r[i] * A[i][j];
      q[i] = q[i] + A[i][j] * p[j];
    }
  }
}

int main(void) {
  double (*A)[M] = array(N * sizeof *A);
  double *s = array(M * sizeof *s);
  double *q = array(N * sizeof *q);
  double *p = array(M * sizeof *p);
  double *r = array(N * sizeof *r);
  while (again()) {
    init(A, r, p);
    TIMED(kernel(A, s, q, p, r));
  }
  check(s, M * sizeof *s);
  check(q, N * sizeof *q);
  return finish();
}
