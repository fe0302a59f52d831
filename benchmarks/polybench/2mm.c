// 2mm: D = alpha A B C + beta D.

#include "../bench.h"

enum {
  NI = PICK(16, 40, 180, 800, 1600),
  NJ = PICK(18, 50, 190, 900, 1800),
  NK = PICK(22, 70, 210, 1100, 2200),
  NL = PICK(24, 80, 220, 1200, 2400)
};

static void init(double (*A)[NK], double (*B)[NJ], double (*C)[NL],
                 double (*D)[NL]) {
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NK; j++)
      A[i][j] = (double)((i * j + 1) % NI) / NI;
  for (int i = 0; i < NK; i++)
    for (int j = 0; j < NJ; j++)
      B[i][j] = (double)(i * (j + 1) % NJ) / NJ;
  for (int i = 0; i < NJ; i++)
    for (int j = 0; j < NL; j++)
      C[i][j] = (double)((i * (j + 3) + 1) % NL) / NL;
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NL; j++)
      D[i][j] = (double)(i * (j + 2) % NK) / NK;
}

static void kernel(double alpha, double beta, double (*product)[NJ],
                   double (*A)[NK], double (*B)[NJ], double (*C)[NL],
                   double (*D)[NL]) {
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NJ; j++) {
      product[i][j] = 0.0;
      for (int k = 0; k < NK; ++k)
        product[i][j] += alpha * A[i][k] * B[k][j];
    }
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NL; j++) {
      D[i][j] *= beta;
      for (int k = 0; k < NJ; ++k)
        D[i][j] += product[i][k] * C[k][j];
    }
}

int main(void) {
  double (*product)[NJ] = array(NI * sizeof *product);
  double (*A)[NK] = array(NI * sizeof *A);
  double (*B)[NJ] = array(NK * sizeof *B);
  double (*C)[NL] = array(NJ * sizeof *C);
  double (*D)[NL] = array(NI * sizeof *D);
  while (again()) {
    init(A, B, C, D);
    TIMED(kernel(1.5, 1.2, product, A, B, C, D));
  }
  check(D, NI * sizeof *D);
  return finish();
}
