// correlation: the Pearson coefficients of M attributes over N points.

#include "../bench.h"
#include <math.h>

enum { M = PICK(28, 80, 240, 1200, 2600), N = PICK(32, 100, 260, 1400, 3000) };

static void init(double (*data)[M]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++)
      data[i][j] = (double)(i * j) / M + i;
}

static void kernel(double count, double (*data)[M], double (*corr)[M],
                   double *mean, double *deviation) {
  for (int j = 0; j < M; j++) {
    mean[j] = 0.0;
    for (int i = 0; i < N; i++)
      mean[j] += data[i][j];
    mean[j] /= count;
  }
  for (int j = 0; j < M; j++) {
    deviation[j] = 0.0;
    for (int i = 0; i < N; i++)
      deviation[j] += (data[i][j] - mean[j]) * (data[i][j] - mean[j]);
    deviation[j] /= count;
    deviation[j] = sqrt(deviation[j]);
    // Near zero, it would only be divided by.
    deviation[j] = deviation[j] <= 0.1 ? 1.0 : deviation[j];
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++) {
      data[i][j] -= mean[j];
      data[i][j] /= sqrt(count) * deviation[j];
    }
  for (int i = 0; i < M - 1; i++) {
    corr[i][i] = 1.0;
    for (int j = i + 1; j < M; j++) {
      corr[i][j] = 0.0;
      for (int k = 0; k < N; k++)
        corr[i][j] += data[k][i] * data[k][j];
      corr[j][i] = corr[i][j];
    }
  }
  corr[M - 1][M - 1] = 1.0;
}

int main(void) {
  double (*data)[M] = array(N * sizeof *data);
  double (*corr)[M] = array(M * sizeof *corr);
  double *mean = array(M * sizeof *mean);
  double *deviation = array(M * sizeof *deviation);
  while (again()) {
    init(data);
    TIMED(kernel(N, data, corr, mean, deviation));
  }
  check(corr, M * sizeof *corr);
  return finish();
}
