// blowfish: Schneier's cipher, encrypting and decrypting in CBC mode. Its
// tables are the digits of pi, which are computed here, not copied.

#include "../bench.h"
#include "input.h"

enum {
  N = PICK(2048, 32768, 1048576, 8388608, 33554432),
  // 18 and 1024 words after the point, and two for rounding.
  Words = 1 + 18 + 1024 + 2
};

typedef struct {
  uint32_t p[18], s[4][256];
} Cipher;

// sum += or -= factor * arctan(1 / x), by Gregory's series in fixed point.
static void addArctangent(uint32_t *sum, uint32_t factor, uint32_t x,
                          int negative) {
  static uint32_t power[Words], term[Words];
  memset(power, 0, sizeof power);
  power[0] = factor;
  int first = 0;
  for (uint32_t n = 1; first < Words; n += 2) {
    uint64_t rest = 0, termRest = 0;
    uint32_t by = n == 1 ? x : x * x;
    for (int i = first; i < Words; i++) {
      rest = rest << 32 | power[i];
      power[i] = (uint32_t)(rest / by);
      rest %= by;
      termRest = termRest << 32 | power[i];
      term[i] = (uint32_t)(termRest / n);
      termRest %= n;
    }
    int subtract = negative ^ (n >> 1 & 1);
    uint32_t carry = 0;
    for (int i = Words - 1; i >= first || (carry && i >= 0); i--) {
      uint64_t value = i >= first ? term[i] : 0;
      uint64_t result = subtract ? (uint64_t)sum[i] - value - carry
                                 : (uint64_t)sum[i] + value + carry;
      sum[i] = (uint32_t)result;
      carry = (uint32_t)(result >> 32) & 1;
    }
    while (first < Words && power[first] == 0)
      first++;
  }
}

// pi = 16 arctan(1/5) - 4 arctan(1/239), after Machin.
static void makePi(uint32_t *pi) {
  memset(pi, 0, Words * sizeof *pi);
  addArctangent(pi, 16, 5, 0);
  addArctangent(pi, 4, 239, 1);
}

static inline uint32_t mix(const Cipher *c, uint32_t x) {
  return ((c->s[0][x >> 24] + c->s[1][x >> 16 & 255]) ^ c->s[2][x >> 8 & 255]) +
         c->s[3][x & 255];
}

static void encrypt(const Cipher *c, uint32_t *left, uint32_t *right) {
  uint32_t l = *left, r = *right;
  for (int i = 0; i < 16; i += 2) {
    l ^= c->p[i];
    r ^= mix(c, l);
    r ^= c->p[i + 1];
    l ^= mix(c, r);
  }
  *left = r ^ c->p[17];
  *right = l ^ c->p[16];
}

static void decrypt(const Cipher *c, uint32_t *left, uint32_t *right) {
  uint32_t l = *left, r = *right;
  for (int i = 17; i > 1; i -= 2) {
    l ^= c->p[i];
    r ^= mix(c, l);
    r ^= c->p[i - 1];
    l ^= mix(c, r);
  }
  *left = r ^ c->p[0];
  *right = l ^ c->p[1];
}

static void setKey(Cipher *c, const uint32_t *pi, const uint8_t *key,
                   int length) {
  memcpy(c->p, pi + 1, sizeof c->p);
  memcpy(c->s, pi + 19, sizeof c->s);
  for (int i = 0, k = 0; i < 18; i++) {
    uint32_t word = 0;
    for (int byte = 0; byte < 4; byte++, k = (k + 1) % length)
      word = word << 8 | key[k];
    c->p[i] ^= word;
  }
  uint32_t left = 0, right = 0;
  for (int i = 0; i < 18; i += 2) {
    encrypt(c, &left, &right);
    c->p[i] = left;
    c->p[i + 1] = right;
  }
  for (int i = 0; i < 1024; i += 2) {
    encrypt(c, &left, &right);
    c->s[i / 256][i % 256] = left;
    c->s[i / 256][i % 256 + 1] = right;
  }
}

static void kernel(const Cipher *c, uint32_t *data, uint32_t *packed) {
  uint32_t left = 1, right = 2;
  for (int i = 0; i < N / 4; i += 2) {
    left ^= data[i];
    right ^= data[i + 1];
    encrypt(c, &left, &right);
    packed[i] = left;
    packed[i + 1] = right;
  }
  uint32_t before[2] = {1, 2};
  for (int i = 0; i < N / 4; i += 2) {
    left = packed[i];
    right = packed[i + 1];
    decrypt(c, &left, &right);
    data[i] = left ^ before[0];
    data[i + 1] = right ^ before[1];
    before[0] = packed[i];
    before[1] = packed[i + 1];
  }
}

int main(void) {
  Cipher *cipher = array(sizeof *cipher);
  uint32_t *data = array(N), *packed = array(N);
  uint32_t *pi = array(Words * sizeof *pi);
  makePi(pi);
  // The published answer to a key and a text of zeros.
  uint32_t left = 0, right = 0;
  setKey(cipher, pi, (const uint8_t[8]){0}, 8);
  encrypt(cipher, &left, &right);
  expectWord(left, 0x4ef99745);
  expectWord(right, 0x6198dd78);

  setKey(cipher, pi, (const uint8_t *)"linear memory", 13);
  makeBytes((uint8_t *)data, N);
  uint32_t first = data[0];
  while (again())
    TIMED(kernel(cipher, data, packed));
  expectWord(data[0], first);
  check(packed, N);
  return finish();
}
