#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

int main(void) {
  volatile int64_t longs[] = {0, 1, -1, INT64_MAX, INT64_MIN, 123456789012345};
  volatile int32_t ints[] = {0, 1, -1, INT_MAX, INT_MIN, 77777};
  for (int i = 0; i < 6; ++i)
    for (int k = 1; k < 6; ++k) {
      int64_t a = longs[i], b = longs[k];
      int32_t x = ints[i], y = ints[k];
      if (b != -1 || a != INT64_MIN)
        printf("%" PRId64 " %" PRId64 " ", a / b, a % b);
      if (y != -1 || x != INT_MIN)
        printf("%d %d ", x / y, x % y);
      printf("%" PRIu64 " %" PRIu64 " %u %u ", (uint64_t)a / (uint64_t)b,
             (uint64_t)a % (uint64_t)b, (unsigned)x / (unsigned)y,
             (unsigned)x % (unsigned)y);
      printf("%" PRId64 " %d %" PRIu64 " %u\n", a >> (k * 11), x >> k,
             (uint64_t)a << (k * 11), (unsigned)x << (k * 5));
      if (a && x)
        printf("%d %d %d %d %d %d\n", __builtin_clzll(a), __builtin_ctzll(a),
               __builtin_popcountll(a), __builtin_clz(x), __builtin_ctz(x),
               __builtin_popcount(x));
    }
  return 0;
}
