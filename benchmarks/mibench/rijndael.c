// rijndael: AES-128 by four tables of words, in CBC mode.

#include "../bench.h"
#include "input.h"

enum { N = PICK(2048, 32768, 2097152, 16777216, 67108864) };

typedef struct {
  uint8_t box[256];
  uint32_t table[4][256];
  uint32_t keys[44];
} Cipher;

static uint8_t twice(uint8_t x) { return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b); }
static uint32_t turn(uint32_t x, int by) { return x >> by | x << (32 - by); }

// All powers of 3 and of its inverse together give each inverse.
static void makeTables(Cipher *c) {
  uint8_t power = 1, inverse = 1;
  do {
    power ^= twice(power);
    inverse ^= (uint8_t)(inverse << 1);
    inverse ^= (uint8_t)(inverse << 2);
    inverse ^= (uint8_t)(inverse << 4);
    if (inverse & 0x80)
      inverse ^= 9;
    uint32_t wide = inverse * 0x0101u;
    c->box[power] = (uint8_t)(inverse ^ wide >> 7 ^ wide >> 6 ^ wide >> 5 ^
                              wide >> 4 ^ 0x63);
  } while (power != 1);
  c->box[0] = 0x63;
  for (int i = 0; i < 256; i++) {
    uint8_t s = c->box[i];
    uint32_t word = (uint32_t)twice(s) << 24 | (uint32_t)s << 16 |
                    (uint32_t)s << 8 | (uint8_t)(twice(s) ^ s);
    for (int k = 0; k < 4; k++)
      c->table[k][i] = k ? turn(word, 8 * k) : word;
  }
}

static uint32_t substitute(const Cipher *c, uint32_t x) {
  return (uint32_t)c->box[x >> 24] << 24 |
         (uint32_t)c->box[x >> 16 & 255] << 16 |
         (uint32_t)c->box[x >> 8 & 255] << 8 | c->box[x & 255];
}

static void setKey(Cipher *c, const uint32_t *key) {
  uint8_t round = 1;
  memcpy(c->keys, key, 16);
  for (int i = 4; i < 44; i++) {
    uint32_t word = c->keys[i - 1];
    if (i % 4 == 0) {
      word = substitute(c, turn(word, 24)) ^ (uint32_t)round << 24;
      round = twice(round);
    }
    c->keys[i] = c->keys[i - 4] ^ word;
  }
}

static void encrypt(const Cipher *c, uint32_t *block) {
  uint32_t s[4], t[4];
  for (int i = 0; i < 4; i++)
    s[i] = block[i] ^ c->keys[i];
  for (int round = 1; round < 10; round++) {
    for (int i = 0; i < 4; i++)
      t[i] = c->table[0][s[i] >> 24] ^ c->table[1][s[(i + 1) & 3] >> 16 & 255] ^
             c->table[2][s[(i + 2) & 3] >> 8 & 255] ^
             c->table[3][s[(i + 3) & 3] & 255] ^ c->keys[4 * round + i];
    memcpy(s, t, sizeof s);
  }
  for (int i = 0; i < 4; i++)
    block[i] =
        substitute(c, (s[i] & 0xff000000) | (s[(i + 1) & 3] & 0x00ff0000) |
                          (s[(i + 2) & 3] & 0x0000ff00) |
                          (s[(i + 3) & 3] & 0x000000ff)) ^
        c->keys[40 + i];
}

static void kernel(const Cipher *c, const uint32_t *data, uint32_t *packed) {
  uint32_t block[4] = {0, 0, 0, 0};
  for (int i = 0; i < N / 4; i += 4) {
    for (int k = 0; k < 4; k++)
      block[k] ^= data[i + k];
    encrypt(c, block);
    memcpy(packed + i, block, sizeof block);
  }
}

int main(void) {
  Cipher *cipher = array(sizeof *cipher);
  uint32_t *data = array(N), *packed = array(N);
  makeTables(cipher);
  // FIPS 197, appendix B.
  uint32_t key[4] = {0x2b7e1516, 0x28aed2a6, 0xabf71588, 0x09cf4f3c};
  uint32_t block[4] = {0x3243f6a8, 0x885a308d, 0x313198a2, 0xe0370734};
  setKey(cipher, key);
  encrypt(cipher, block);
  expectWord(block[0], 0x3925841d);
  expectWord(block[3], 0x196a0b32);
  makeBytes((uint8_t *)data, N);
  while (again())
    TIMED(kernel(cipher, data, packed));
  check(packed, N);
  return finish();
}
