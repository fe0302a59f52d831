// An extended Kalman filter in floats: the state of a vehicle (place, speed,
// direction as cosine and sine) from distances to three beacons.
#include "bench.h"

enum { States = 4, Steps = 60 };
typedef float Matrix[States][States];

static void multiply(Matrix out, Matrix a, Matrix b, int isTransposed) {
  for (int i = 0; i < States; ++i)
    for (int j = 0; j < States; ++j) {
      float sum = 0;
      for (int k = 0; k < States; ++k)
        sum += a[i][k] * (isTransposed ? b[j][k] : b[k][j]);
      out[i][j] = sum;
    }
}

/// Newton's iteration, which needs no library.
static float squareRoot(float x) {
  float root = x > 1 ? x : 1;
  for (int i = 0; i < 12; ++i)
    root = 0.5f * (root + x / root);
  return root;
}

static void correct(float x[States], Matrix p, float measured, float bx,
                    float by) {
  float dx = x[0] - bx, dy = x[1] - by;
  float distance = squareRoot(dx * dx + dy * dy);
  float h[States] = {dx / distance, dy / distance, 0, 0};
  float ph[States], gain[States], s = 0.25f;
  for (int i = 0; i < States; ++i) {
    ph[i] = 0;
    for (int j = 0; j < States; ++j)
      ph[i] += p[i][j] * h[j];
  }
  for (int i = 0; i < States; ++i)
    s += h[i] * ph[i];
  for (int i = 0; i < States; ++i) {
    gain[i] = ph[i] / s;
    x[i] += gain[i] * (measured - distance);
  }
  for (int i = 0; i < States; ++i)
    for (int j = 0; j < States; ++j)
      p[i][j] -= gain[i] * ph[j];
}

uint32_t run(void) {
  static const float beacons[3][2] = {{0, 0}, {100, 0}, {50, 90}};
  uint32_t seed = 1, hash = 0;
  float x[States] = {10, 10, 1, 0};
  Matrix p = {{4, 0, 0, 0}, {0, 4, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
  float px = 12, py = 8;
  for (int step = 0; step < Steps; ++step) {
    px += 1.0f, py += 0.5f;
    Matrix f = {{1, 0, 1, 0}, {0, 1, 0, 1}, {0, 0, 1, 0}, {0, 0, 0, 1}}, q;
    x[0] += x[2], x[1] += x[3];
    multiply(q, f, p, 0);
    multiply(p, q, f, 1);
    for (int i = 0; i < States; ++i)
      p[i][i] += 0.01f;
    for (int beacon = 0; beacon < 3; ++beacon) {
      float dx = px - beacons[beacon][0], dy = py - beacons[beacon][1];
      float noise = (float)(nextRandom(&seed) & 255) / 256 - 0.5f;
      correct(x, p, squareRoot(dx * dx + dy * dy) + noise, beacons[beacon][0],
              beacons[beacon][1]);
    }
    hash = mix(mix(hash, bitsOf(x[0])), bitsOf(x[1]));
  }
  return hash;
}
