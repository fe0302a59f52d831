// AES-128 in counter mode, with a table of substitutions that is made first:
// FIPS 197.
#include "bench.h"

static uint8_t sbox[256], keys[176], text[1024];

static uint8_t doubled(uint8_t x) {
  return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0));
}

static void makeSubstitutions(void) {
  uint8_t p = 1, q = 1;
  do {
    p = (uint8_t)(p ^ doubled(p)); // times 3
    q ^= (uint8_t)(q << 1);        // over 3
    q ^= (uint8_t)(q << 2);
    q ^= (uint8_t)(q << 4);
    if (q & 0x80)
      q ^= 0x09;
    uint8_t x = q;
    for (int i = 1; i <= 4; ++i)
      x ^= (uint8_t)(q << i | q >> (8 - i));
    sbox[p] = x ^ 0x63;
  } while (p != 1);
  sbox[0] = 0x63;
}

static void expandKey(const uint8_t key[16]) {
  uint8_t round = 1;
  for (int i = 0; i < 16; ++i)
    keys[i] = key[i];
  for (int i = 16; i < 176; i += 4) {
    uint8_t t[4] = {keys[i - 4], keys[i - 3], keys[i - 2], keys[i - 1]};
    if (i % 16 == 0) {
      uint8_t first = t[0];
      t[0] = sbox[t[1]] ^ round;
      t[1] = sbox[t[2]];
      t[2] = sbox[t[3]];
      t[3] = sbox[first];
      round = doubled(round);
    }
    for (int k = 0; k < 4; ++k)
      keys[i + k] = keys[i + k - 16] ^ t[k];
  }
}

static void encrypt(uint8_t block[16]) {
  for (int i = 0; i < 16; ++i)
    block[i] ^= keys[i];
  for (int round = 1; round <= 10; ++round) {
    uint8_t moved[16];
    for (int i = 0; i < 16; ++i)
      moved[i] = sbox[block[(i * 5) & 15]];
    for (int column = 0; column < 16; column += 4) {
      uint8_t *m = moved + column;
      uint8_t all = m[0] ^ m[1] ^ m[2] ^ m[3], first = m[0];
      for (int i = 0; i < 4; ++i) {
        uint8_t next = i < 3 ? m[i + 1] : first;
        uint8_t mixed = m[i] ^ all ^ doubled(m[i] ^ next);
        block[column + i] =
            (round < 10 ? mixed : m[i]) ^ keys[round * 16 + column + i];
      }
    }
  }
}

uint32_t run(void) {
  static const uint8_t key[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae,
                                  0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88,
                                  0x09, 0xcf, 0x4f, 0x3c};
  uint32_t hash = 0;
  makeSubstitutions();
  expandKey(key);
  for (uint32_t at = 0; at < sizeof text; at += 16) {
    uint8_t block[16] = {(uint8_t)(at >> 8), (uint8_t)at};
    encrypt(block);
    for (int i = 0; i < 16; ++i)
      hash = mix(hash, text[at + (uint32_t)i] ^= block[i]);
  }
  return hash;
}
