// durbin: the Yule-Walker equations, by Levinson and Durbin's recursion.

#include "../bench.h"

enum { N = PICK(40, 120, 400, 2000, 4000) };

static void init(double *r) {
  for (int i = 0; i < N; i++)
    r[i] = N + 1 - i;
}

static void kernel(double *r, double *y) {
  double z[N];
  y[0] = -r[0];
  double beta = 1.0;
  double alpha = -r[0];
  for (int k = 1; k < N; k++) {
    beta = (1 - alpha * alpha) * beta;
    double sum = 0.0;
    for (int i = 0; i < k; i++)
      sum += r[k - i - 1] * y[i];
    alpha = -(r[k] + sum) / beta;
    for (int i = 0; i < k; i++)
      z[i] = y[i] + alpha * y[k - i - 1];
    for (int i = 0; i < k; i++)
      y[i] = z[i];
    y[k] = alpha;
  }
}

int main(void) {
  double *r = array(N * sizeof *r);
  double *y = array(N * sizeof *y);
  while (again()) {
    init(r);
    TIMED(kernel(r, y));
  }
  check(y, N * sizeof *y);
  return finish();
}
