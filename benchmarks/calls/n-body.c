// n-body: five planets by a symplectic integrator.

#include "../bench.h"
#include <math.h>

enum { Steps = PICK(100, 2000, 300000, 2000000, 10000000), Bodies = 5 };

typedef struct {
  double position[3], velocity[3], mass;
} Body;

static void init(Body *bodies) {
  for (int i = 0; i < Bodies; i++) {
    double radius = i == 0 ? 0 : 3.0 + 5.0 * i;
    double speed = i == 0 ? 0 : 6.283185307179586 / sqrt(radius);
    bodies[i] = (Body){{radius, 0.1 * i, 0.05 * i},
                       {0, speed, 0.01 * i},
                       i == 0 ? 39.47841760435743 : 0.04 / i};
  }
}

static void kernel(Body *bodies) {
  for (int step = 0; step < Steps; step++) {
    for (int i = 0; i < Bodies; i++)
      for (int j = i + 1; j < Bodies; j++) {
        double d[3], square = 0;
        for (int k = 0; k < 3; k++) {
          d[k] = bodies[i].position[k] - bodies[j].position[k];
          square += d[k] * d[k];
        }
        double factor = 0.01 / (square * sqrt(square));
        for (int k = 0; k < 3; k++) {
          bodies[i].velocity[k] -= d[k] * bodies[j].mass * factor;
          bodies[j].velocity[k] += d[k] * bodies[i].mass * factor;
        }
      }
    for (int i = 0; i < Bodies; i++)
      for (int k = 0; k < 3; k++)
        bodies[i].position[k] += 0.01 * bodies[i].velocity[k];
  }
}

int main(void) {
  Body *bodies = array(Bodies * sizeof *bodies);
  while (again()) {
    init(bodies);
    TIMED(kernel(bodies));
  }
  check(bodies, Bodies * sizeof *bodies);
  return finish();
}
