// gemm: C = alpha A B + beta C.

#include "../bench.h"

enum {
  NI = PICK(20, 60, 200, 1000, 2000),
  NJ = PICK(25, 70, 220, 1100, 2300),
  NK = PICK(30, 80, 240, 1200, 2600)
};

static void init(double (*C)[NJ], double (*A)[NK], double (*B)[NJ]) {
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NJ; j++)
      C[i][j] = (double)((i * j + 1) % NI) / NI;
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NK; j++)
      A[i][j] = (double)(i * (j + 1) % NK) / NK;
  for (int i = 0; i < NK; i++)
    for (int j = 0; j < NJ; j++)
      B[i][j] = (double)(i * (j + 2) % NJ) / NJ;
}

static void kernel(double alpha, double beta, double (*C)[NJ], double (*A)[NK],
                   double (*B)[NJ]) {
  for (int i = 0; i < NI; i++) {
    for (int j = 0; j < NJ; j++)
      C[i][j] *= beta;
    for (int k = 0; k < NK; k++)
      for (int j = 0; j < NJ; j++)
        C[i][j] += alpha * A[i][k] * B[k][j];
  }
}

int main(void) {
  double (*C)[NJ] = array(NI * sizeof *C);
  double (*A)[NK] = array(NI * sizeof *A);
  double (*B)[NJ] = array(NK * sizeof *B);
  while (again()) {
    init(C, A, B);
    TIMED(kernel(1.5, 1.2, C, A, B));
  }
  check(C, NI * sizeof *C);
  return finish();
}
