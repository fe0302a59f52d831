// 3mm: G = (A B) (C D).

#include "../bench.h"

enum {
  NI = PICK(16, 40, 180, 800, 1600),
  NJ = PICK(18, 50, 190, 900, 1800),
  NK = PICK(20, 60, 200, 1000, 2000),
  NL = PICK(22, 70, 210, 1100, 2200),
  NM = PICK(24, 80, 220, 1200, 2400)
};

static void init(double (*A)[NK], double (*B)[NJ], double (*C)[NM],
                 double (*D)[NL]) {
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NK; j++)
      A[i][j] = (double)((i * j + 1) % NI) / (5 * NI);
  for (int i = 0; i < NK; i++)
    for (int j = 0; j < NJ; j++)
      B[i][j] = (double)((i * (j + 1) + 2) % NJ) / (5 * NJ);
  for (int i = 0; i < NJ; i++)
    for (int j = 0; j < NM; j++)
      C[i][j] = (double)(i * (j + 3) % NL) / (5 * NL);
  for (int i = 0; i < NM; i++)
    for (int j = 0; j < NL; j++)
      D[i][j] = (double)((i * (j + 2) + 2) % NK) / (5 * NK);
}

static void kernel(double (*E)[NJ], double (*A)[NK], double (*B)[NJ],
                   double (*F)[NL], double (*C)[NM], double (*D)[NL],
                   double (*G)[NL]) {
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NJ; j++) {
      E[i][j] = 0.0;
      for (int k = 0; k < NK; ++k)
        E[i][j] += A[i][k] * B[k][j];
    }
  for (int i = 0; i < NJ; i++)
    for (int j = 0; j < NL; j++) {
      F[i][j] = 0.0;
      for (int k = 0; k < NM; ++k)
        F[i][j] += C[i][k] * D[k][j];
    }
  for (int i = 0; i < NI; i++)
    for (int j = 0; j < NL; j++) {
      G[i][j] = 0.0;
      for (int k = 0; k < NJ; ++k)
        G[i][j] += E[i][k] * F[k][j];
    }
}

int main(void) {
  double (*E)[NJ] = array(NI * sizeof *E);
  double (*A)[NK] = array(NI * sizeof *A);
  double (*B)[NJ] = array(NK * sizeof *B);
  double (*F)[NL] = array(NJ * sizeof *F);
  double (*C)[NM] = array(NJ * sizeof *C);
  double (*D)[NL] = array(NM * sizeof *D);
  double (*G)[NL] = array(NI * sizeof *G);
  while (again()) {
    init(A, B, C, D);
    TIMED(kernel(E, A, B, F, C, D, G));
  }
  check(G, NI * sizeof *G);
  return finish();
}
