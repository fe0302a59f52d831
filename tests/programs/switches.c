// Switches become tables: each case, both ends and what lies beyond them.
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

static int effects;

static int jump(int32_t x) {
  switch (x) {
  case -3: effects += 1; return 11;
  case -2: effects *= 3; return 7;
  case -1: effects ^= 5; return 23;
  case 0: printf("zero "); return 2;
  case 1: effects -= 9; return 3;
  case 3: effects |= 64; return 19;
  case 4: effects &= 77; return 8;
  default: effects += 1000; return -1;
  }
}

static int choose(uint64_t x) {
  switch (x) {
  case UINT64_MAX - 1: return 4;
  case UINT64_MAX: return 8;
  case 0: return 15;
  case 1: return 16;
  case 2: return 23;
  case 4: return 42;
  default: return 0;
  }
}

static int high(int64_t x) {
  if (x == INT64_MAX - 4) return 3;
  if (x == INT64_MAX - 3) return 1;
  if (x == INT64_MAX - 2) return 4;
  if (x == INT64_MAX - 1) return 1;
  if (x == INT64_MAX) return 5;
  if (x == INT64_MIN) return 9;
  return 2;
}

static const char *name(unsigned char x) {
  switch (x) {
  case 250: return "a";
  case 251: return "b";
  case 252: return "c";
  case 253: return "d";
  case 254: return "e";
  case 255: return "f";
  default: return "-";
  }
}

int main(void) {
  static const int64_t edges[] = {
      INT64_MIN, INT32_MIN, -256, 0, 250, 256, INT32_MAX, UINT32_MAX, INT64_MAX};
  for (unsigned i = 0; i < sizeof(edges) / sizeof(edges[0]); ++i)
    for (int64_t distance = -8; distance <= 8; ++distance) {
      volatile uint64_t input = (uint64_t)edges[i] + (uint64_t)distance;
      uint64_t x = input;
      printf("%d %d %d %d %s\n", jump((int32_t)x), effects, choose(x),
             high((int64_t)x), name((unsigned char)x));
    }
  return 0;
}
