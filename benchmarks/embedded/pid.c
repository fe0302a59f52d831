// A PID controller in floats that holds a simulated oven at its temperature.
#include "bench.h"

typedef struct {
  float p, i, d, low, high;
  float integral, before;
} Controller;

static float control(Controller *c, float wanted, float measured, float step) {
  float error = wanted - measured;
  float change = (measured - c->before) / step;
  float integral = c->integral + error * step;
  float output = c->p * error + c->i * integral - c->d * change;
  c->before = measured;
  if (output > c->high)
    return c->high;
  if (output < c->low)
    return c->low;
  c->integral = integral; // not while it is saturated
  return output;
}

uint32_t run(void) {
  static Controller ovens[4];
  uint32_t hash = 0;
  for (int oven = 0; oven < 4; ++oven) {
    Controller *c = &ovens[oven];
    *c = (Controller){2.0f + (float)oven, 0.5f, 0.25f, 0, 100, 0, 20};
    float temperature = 20, element = 20;
    for (int step = 0; step < 500; ++step) {
      float wanted = step < 250 ? 180 : 120;
      float power = control(c, wanted, temperature, 0.1f);
      element += (power * 3 - (element - temperature)) * 0.05f;
      temperature += ((element - temperature) - (temperature - 20)) * 0.01f;
      if (step % 50 == 0)
        hash = mix(hash, bitsOf(temperature));
    }
  }
  return hash;
}
