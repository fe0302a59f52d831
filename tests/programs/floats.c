#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void show(const char *name, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  printf("%s %.17g %016llx\n", name, value, (unsigned long long)bits);
}

int main(void) {
  volatile double values[] = {0.0,     -0.0,        0.5,     -0.5,  1.5,
                              2.5,     -2.5,        1e10,    1e300, 1e-310,
                              DBL_MAX, DBL_EPSILON, 4503599627370497.5,
                              -0.49999999999999994};
  for (unsigned i = 0; i < sizeof values / sizeof *values; ++i) {
    double value = values[i];
    printf("%g %e %f\n", value, value, fabs(value) < 1e20 ? value : 0);
    show("floor", floor(value));
    show("ceil", ceil(value));
    show("trunc", trunc(value));
    show("rint", rint(value));
    show("sqrt", sqrt(fabs(value)));
    show("copysign", copysign(3, value));
    volatile float narrow = (float)value;
    show("float", (double)narrow);
    show("fmodulo", fmod(value, 0.3));
  }
  printf("%f %f %d\n", INFINITY, -INFINITY, isnan(NAN));
  printf("%.3f %10.2e|%-12g|%+.0f\n", 3.14159, 12345.678, 0.0001, 2.5);
  printf("%d\n", (int)(uint32_t)(volatile double){4294967295.0});
  printf("%lld\n", (long long)(volatile double){-9223372036854775808.0});
  return 0;
}
