// adi: heat in a plate, by alternating directions implicitly.

#include "../bench.h"

enum {
  Steps = PICK(20, 40, 100, 500, 1000),
  N = PICK(20, 60, 200, 1000, 2000)
};

static void init(double (*u)[N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      u[i][j] = (double)(i + N - j) / N;
}

static void kernel(double (*u)[N], double (*v)[N], double (*p)[N],
                   double (*q)[N]) {
  double dx = 1.0 / N, dy = 1.0 / N, dt = 1.0 / Steps;
  double mul1 = 2.0 * dt / (dx * dx), mul2 = 1.0 * dt / (dy * dy);
  double a = -mul1 / 2.0, b = 1.0 + mul1, c = a;
  double d = -mul2 / 2.0, e = 1.0 + mul2, f = d;

  for (int t = 1; t <= Steps; t++) {
    // Columns.
    for (int i = 1; i < N - 1; i++) {
      v[0][i] = 1.0;
      p[i][0] = 0.0;
      q[i][0] = v[0][i];
      for (int j = 1; j < N - 1; j++) {
        p[i][j] = -c / (a * p[i][j - 1] + b);
        q[i][j] = (-d * u[j][i - 1] + (1.0 + 2.0 * d) * u[j][i] -
                   f * u[j][i + 1] - a * q[i][j - 1]) /
                  (a * p[i][j - 1] + b);
      }
      v[N - 1][i] = 1.0;
      for (int j = N - 2; j >= 1; j--)
        v[j][i] = p[i][j] * v[j + 1][i] + q[i][j];
    }
    // Rows.
    for (int i = 1; i < N - 1; i++) {
      u[i][0] = 1.0;
      p[i][0] = 0.0;
      q[i][0] = u[i][0];
      for (int j = 1; j < N - 1; j++) {
        p[i][j] = -f / (d * p[i][j - 1] + e);
        q[i][j] = (-a * v[i - 1][j] + (1.0 + 2.0 * a) * v[i][j] -
                   c * v[i + 1][j] - d * q[i][j - 1]) /
                  (d * p[i][j - 1] + e);
      }
      u[i][N - 1] = 1.0;
      for (int j = N - 2; j >= 1; j--)
        u[i][j] = p[i][j] * u[i][j + 1] + q[i][j];
    }
  }
}

int main(void) {
  double (*u)[N] = array(N * sizeof *u);
  double (*v)[N] = array(N * sizeof *v);
  double (*p)[N] = array(N * sizeof *p);
  double (*q)[N] = array(N * sizeof *q);
  while (again()) {
    init(u);
    TIMED(kernel(u, v, p, q));
  }
  check(u, N * sizeof *u);
  return finish();
}
