// sha: SHA-1.

#include "../bench.h"
#include "input.h"

enum { N = PICK(4096, 65536, 4194304, 33554432, 134217728) };

static uint32_t turn(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void block(uint32_t *hash, const uint8_t *bytes) {
  uint32_t w[80];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)bytes[4 * i] << 24 | (uint32_t)bytes[4 * i + 1] << 16 |
           (uint32_t)bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
  for (int i = 16; i < 80; i++)
    w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4];
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? (b & c) + (~b & d) + 0x5a827999
                 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                 : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                          : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = turn(a, 5) + f + e + w[i];
    e = d;
    d = c;
    c = turn(b, 30);
    b = a;
    a = next;
  }
  hash[0] += a;
  hash[1] += b;
  hash[2] += c;
  hash[3] += d;
  hash[4] += e;
}

static void sha(uint32_t *hash, const uint8_t *bytes, uint32_t size) {
  static const uint32_t initial[5] = {0x67452301, 0xefcdab89, 0x98badcfe,
                                      0x10325476, 0xc3d2e1f0};
  memcpy(hash, initial, sizeof initial);
  uint32_t at = 0;
  for (; at + 64 <= size; at += 64)
    block(hash, bytes + at);
  uint8_t last[128] = {0};
  uint32_t rest = size - at, end = rest < 56 ? 64 : 128;
  memcpy(last, bytes + at, rest);
  last[rest] = 0x80;
  for (int i = 0; i < 8; i++)
    last[end - 1 - (uint32_t)i] = (uint8_t)((uint64_t)size * 8 >> 8 * i);
  for (at = 0; at < end; at += 64)
    block(hash, last + at);
}

int main(void) {
  uint8_t *bytes = array(N);
  uint32_t *hash = array(5 * sizeof *hash);
  sha(hash, (const uint8_t *)"abc", 3);
  expectWord(hash[0], 0xa9993e36);
  expectWord(hash[4], 0x9cd0d89d);
  makeBytes(bytes, N);
  while (again())
    TIMED(sha(hash, bytes, N));
  check(hash, 5 * sizeof *hash);
  return finish();
}
