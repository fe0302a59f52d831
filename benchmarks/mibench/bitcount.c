// bitcount: bits counted in five ways, by pointers to functions.

#include "../bench.h"

enum { N = PICK(1000, 20000, 1000000, 10000000, 50000000) };

typedef int Count(uint32_t);

static uint8_t perByte[256], perNibble[16];

static int shifting(uint32_t x) {
  int count = 0;
  for (; x; x >>= 1)
    count += x & 1;
  return count;
}
static int clearing(uint32_t x) {
  int count = 0;
  for (; x; x &= x - 1)
    count++;
  return count;
}
static int byBytes(uint32_t x) {
  return perByte[x & 255] + perByte[x >> 8 & 255] + perByte[x >> 16 & 255] +
         perByte[x >> 24];
}
static int byNibbles(uint32_t x) {
  int count = 0;
  for (; x; x >>= 4)
    count += perNibble[x & 15];
  return count;
}
static int inParallel(uint32_t x) {
  x -= x >> 1 & 0x55555555;
  x = (x & 0x33333333) + (x >> 2 & 0x33333333);
  return (int)(((x + (x >> 4)) & 0x0f0f0f0f) * 0x01010101 >> 24);
}

static Count *volatile const counts[] = {shifting, clearing, byBytes, byNibbles,
                                         inParallel};

int main(void) {
  int32_t sums[5];
  for (uint32_t i = 0; i < 256; i++)
    perByte[i] = (uint8_t)shifting(i);
  memcpy(perNibble, perByte, 16);
  while (again()) {
    start();
    for (int way = 0; way < 5; way++) {
      Count *count = counts[way];
      int32_t sum = 0;
      uint32_t seed = 1;
      for (int i = 0; i < N; i++, seed += 0x9e3779b9)
        sum += count(seed);
      sums[way] = sum;
    }
    stop();
  }
  check(sums, sizeof sums);
  return finish();
}
