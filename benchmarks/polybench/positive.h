// The matrix that cholesky, lu and ludcmp begin with: L L^T, which is positive
// definite, where L is lower triangular with ones on the diagonal.

#pragma once

static void initPositive(double (*A)[N], double (*product)[N]) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j <= i; j++)
      A[i][j] = (double)(-j % N) / N + 1;
    for (int j = i + 1; j < N; j++)
      A[i][j] = 0;
    A[i][i] = 1;
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      product[i][j] = 0;
  for (int k = 0; k < N; k++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++)
        product[i][j] += A[i][k] * A[j][k];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      A[i][j] = product[i][j];
}
