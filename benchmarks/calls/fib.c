// fib: calls, and nothing but calls.

#include "../bench.h"

enum { N = PICK(18, 24, 32, 36, 40) };

__attribute__((noinline)) static uint32_t fib(uint32_t n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void) {
  volatile uint32_t n = N;
  uint32_t result = 0;
  while (again())
    TIMED(result = fib(n));
  check(&result, sizeof result);
  return finish();
}
