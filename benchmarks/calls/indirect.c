// indirect: calls through a table of functions, by an index that changes.

#include "../bench.h"

enum { N = PICK(1000, 20000, 3000000, 20000000, 100000000) };

typedef uint32_t Step(uint32_t);

static uint32_t add(uint32_t x) { return x + 0x9e3779b9; }
static uint32_t fold(uint32_t x) { return x ^ x >> 15; }
static uint32_t scale(uint32_t x) { return x * 0x85ebca6b; }
static uint32_t turn(uint32_t x) { return x << 13 | x >> 19; }
static uint32_t flip(uint32_t x) { return ~x; }
static uint32_t next(uint32_t x) { return x * 1664525 + 1013904223; }
static uint32_t half(uint32_t x) {
  return x & 1 ? x >> 1 ^ 0xedb88320 : x >> 1;
}
static uint32_t back(uint32_t x) { return 0 - x; }

static Step *volatile const source[8] = {add,  fold, scale, turn,
                                         flip, next, half,  back};

static uint32_t kernel(Step **steps) {
  uint32_t x = 1;
  for (int i = 0; i < N; i++)
    x = steps[(x ^ (uint32_t)i) >> 3 & 7](x);
  return x;
}

int main(void) {
  Step **steps = array(sizeof source);
  for (int i = 0; i < 8; i++)
    steps[i] = source[i];
  uint32_t result = 0;
  while (again())
    TIMED(result = kernel(steps));
  check(&result, sizeof result);
  return finish();
}
