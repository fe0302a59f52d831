// covariance: of M attributes over N points.

#include "../bench.h"

enum { M = PICK(28, 80, 240, 1200, 2600), N = PICK(32, 100, 260, 1400, 3000) };

static void init(double (*data)[M]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++)
      data[i][j] = (double)i * j / M;
}

static void kernel(double count, double (*data)[M], double (*cov)[M],
                   double *mean) {
  for (int j = 0; j < M; j++) {
    mean[j] = 0.0;
    for (int i = 0; i < N; i++)
      mean[j] += data[i][j];
    mean[j] /= count;
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < M; j++)
      data[i][j] -= mean[j];
  for (int i = 0; i < M; i++)
    for (int j = i; j < M; j++) {
      cov[i][j] = 0.0;
      for (int k = 0; k < N; k++)
        cov[i][j] += data[k][i] * data[k][j];
      cov[i][j] /= count - 1.0;
      cov[j][i] = cov[i][j];
    }
}

int main(void) {
  double (*data)[M] = array(N * sizeof *data);
  double (*cov)[M] = array(M * sizeof *cov);
  double *mean = array(M * sizeof *mean);
  while (again()) {
    init(data);
    TIMED(kernel(N, data, cov, mean));
  }
  check(cov, M * sizeof *cov);
  return finish();
}
