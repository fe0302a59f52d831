// A program where there is an operating system, as other benchmarks are run.
#include "../bench.h"

uint32_t run(void);

int main(void) {
  uint32_t sum = 0;
  while (again())
    TIMED(sum = run());
  check(&sum, sizeof sum);
  return finish();
}
