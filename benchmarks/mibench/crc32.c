// crc32: by a table, a byte at a time.

#include "../bench.h"
#include "input.h"

enum { N = PICK(4096, 65536, 4194304, 33554432, 134217728) };

static uint32_t table[256];

static void makeTable(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++)
      crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    table[i] = crc;
  }
}

static uint32_t crc32(const uint8_t *bytes, int count) {
  uint32_t crc = 0xffffffff;
  for (int i = 0; i < count; i++)
    crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
  return ~crc;
}

int main(void) {
  uint8_t *bytes = array(N);
  uint32_t crc = 0;
  makeTable();
  makeBytes(bytes, N);
  expectWord(crc32((const uint8_t *)"123456789", 9), 0xcbf43926);
  while (again())
    TIMED(crc = crc32(bytes, N));
  check(&crc, sizeof crc);
  return finish();
}
