// doitgen: each row of a three-dimensional array, times a matrix.

#include "../bench.h"

enum {
  NQ = PICK(8, 20, 40, 140, 220),
  NR = PICK(10, 25, 50, 150, 250),
  NP = PICK(12, 30, 60, 160, 270)
};

static void init(double (*A)[NQ][NP], double (*C4)[NP]) {
  for (int i = 0; i < NR; i++)
    for (int j = 0; j < NQ; j++)
      for (int k = 0; k < NP; k++)
        A[i][j][k] = (double)((i * j + k) % NP) / NP;
  for (int i = 0; i < NP; i++)
    for (int j = 0; j < NP; j++)
      C4[i][j] = (double)(i * j % NP) / NP;
}

static void kernel(double (*A)[NQ][NP], double (*C4)[NP], double *sum) {
  for (int r = 0; r < NR; r++)
    for (int q = 0; q < NQ; q++) {
      for (int p = 0; p < NP; p++) {
        sum[p] = 0.0;
        for (int s = 0; s < NP; s++)
          sum[p] += A[r][q][s] * C4[s][p];
      }
      for (int p = 0; p < NP; p++)
        A[r][q][p] = sum[p];
    }
}

int main(void) {
  double (*A)[NQ][NP] = array(NR * sizeof *A);
  double (*C4)[NP] = array(NP * sizeof *C4);
  double *sum = array(NP * sizeof *sum);
  while (again()) {
    init(A, C4);
    TIMED(kernel(A, C4, sum));
  }
  check(A, NR * sizeof *A);
  return finish();
}
