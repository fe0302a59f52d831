// pollard-rho: factors of products of two primes, by Floyd's cycles; all of it
// 64-bit multiplication modulo a number of up to 62 bits.

#include "../bench.h"

static const uint64_t numbers[] = {
    8051ull,               // 83 * 97
    10967535067ull,        // 104723 * 104729
    1000036000099ull,      // 1000003 * 1000033
    100160063ull,          // 10007 * 10009
    1000000016000000063ull // 1000000007 * 1000000009
};

enum { Count = PICK(1, 2, 5, 5, 5) };

// Double and add: no 128-bit product, which wasm has not.
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t n) {
  uint64_t product = 0;
  for (; b; b >>= 1) {
    if (b & 1) {
      product += a;
      product -= product >= n ? n : 0;
    }
    a += a;
    a -= a >= n ? n : 0;
  }
  return product;
}

static uint64_t divisor(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static uint64_t step(uint64_t x, uint64_t c, uint64_t n) {
  x = multiply(x, x, n) + c;
  return x >= n ? x - n : x;
}

static uint64_t factor(uint64_t n) {
  for (uint64_t c = 1;; c++) {
    uint64_t slow = 2, fast = 2, found = 1;
    while (found == 1) {
      slow = step(slow, c, n);
      fast = step(step(fast, c, n), c, n);
      found = divisor(slow > fast ? slow - fast : fast - slow, n);
    }
    if (found != n)
      return found;
  }
}

int main(void) {
  uint64_t factors[Count];
  while (again()) {
    start();
    for (int i = 0; i < Count; i++)
      factors[i] = factor(numbers[i]);
    stop();
  }
  for (int i = 0; i < Count; i++)
    if (factors[i] <= 1 || factors[i] == numbers[i] ||
        numbers[i] % factors[i]) {
      fputs("no factor\n", stderr);
      return 1;
    }
  check(factors, sizeof factors);
  return finish();
}
