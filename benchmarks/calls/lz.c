// lz: text packed by a hash of three bytes and the longest of a few earlier
// places, and unpacked again.

#include "../bench.h"

enum { N = PICK(2000, 20000, 600000, 4000000, 20000000), Heads = 1 << 14 };

static uint32_t random32(uint32_t *state) {
  *state = *state * 1664525 + 1013904223;
  return *state >> 8;
}

static void init(uint8_t *text) {
  static const char *const words[] = {
      "memory ", "of ",    "the ",   "linear ", "module ", "trap ", "and ",
      "a ",      "table ", "call, ", "value ",  "is ",     "in ",   "stack. "};
  uint32_t state = 7;
  for (int i = 0; i < N;) {
    const char *word = words[random32(&state) % 14];
    while (*word && i < N)
      text[i++] = (uint8_t)*word++;
  }
}

static uint32_t hash(const uint8_t *at) {
  return ((uint32_t)at[0] << 16 ^ (uint32_t)at[1] << 8 ^ at[2]) * 2654435761u >>
         18;
}

// A token is a byte below 128 and as many literals plus one, or 128 and the
// length less three, and a distance of two bytes.
static int pack(const uint8_t *text, uint8_t *packed, int *head, int *chain) {
  int out = 0, literals = -1;
  for (int i = 0; i < Heads; i++)
    head[i] = -1;
  for (int i = 0; i < N;) {
    int best = 0, from = 0;
    if (i + 3 <= N) {
      int at = head[hash(text + i)];
      for (int tries = 0; at >= 0 && i - at < 65536 && tries < 16; tries++) {
        int same = 0;
        while (same < 130 && i + same < N && text[at + same] == text[i + same])
          same++;
        if (same > best) {
          best = same;
          from = at;
        }
        at = chain[at];
      }
    }
    int count = best >= 3 ? best : 1;
    if (best >= 3) {
      packed[out++] = (uint8_t)(128 + best - 3);
      packed[out++] = (uint8_t)(i - from);
      packed[out++] = (uint8_t)((i - from) >> 8);
      literals = -1;
    } else {
      if (literals < 0 || packed[literals] == 127) {
        literals = out++;
        packed[literals] = 0;
      } else {
        packed[literals]++;
      }
      packed[out++] = text[i];
    }
    for (; count > 0; count--, i++)
      if (i + 3 <= N) {
        uint32_t h = hash(text + i);
        chain[i] = head[h];
        head[h] = i;
      }
  }
  return out;
}

static int unpack(const uint8_t *packed, int size, uint8_t *text) {
  int out = 0;
  for (int i = 0; i < size;) {
    int token = packed[i++];
    if (token < 128) {
      for (int k = 0; k <= token; k++)
        text[out++] = packed[i++];
      continue;
    }
    int distance = packed[i] | packed[i + 1] << 8;
    i += 2;
    for (int k = 0; k < token - 125; k++, out++)
      text[out] = text[out - distance];
  }
  return out;
}

int main(void) {
  uint8_t *text = array(N), *packed = array(2 * N), *unpacked = array(N + 4);
  int *head = array(Heads * sizeof *head), *chain = array(N * sizeof *chain);
  int size = 0, out = 0;
  while (again()) {
    init(text);
    memset(unpacked, 0, N + 4);
    start();
    size = pack(text, packed, head, chain);
    out = unpack(packed, size, unpacked);
    stop();
  }
  if (out != N || memcmp(text, unpacked, N) != 0) {
    fputs("what was unpacked differs\n", stderr);
    return 1;
  }
  check(&size, sizeof size);
  check(packed, (size_t)size & ~(size_t)3);
  return finish();
}
