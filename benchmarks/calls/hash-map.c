// hash-map: open addressing with deletion, and chains of allocated nodes.

#include "../bench.h"

enum { N = PICK(200, 3000, 150000, 1000000, 5000000) };

typedef struct {
  uint32_t key, value;
} Pair;

typedef struct Node {
  struct Node *next;
  uint32_t key, value;
} Node;

static uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352d;
  x ^= x >> 15;
  x *= 0x846ca68b;
  return x ^ x >> 16;
}

static Pair *find(Pair *pairs, uint32_t mask, uint32_t key) {
  uint32_t at = mix(key) & mask;
  while (pairs[at].key != 0 && pairs[at].key != key)
    at = (at + 1) & mask;
  return pairs + at;
}

// What follows without a gap moves up, unless that is before its own place.
static void removePair(Pair *pairs, uint32_t mask, Pair *pair) {
  uint32_t gap = (uint32_t)(pair - pairs);
  for (uint32_t at = (gap + 1) & mask; pairs[at].key; at = (at + 1) & mask)
    if (((at - (mix(pairs[at].key) & mask)) & mask) >= ((at - gap) & mask)) {
      pairs[gap] = pairs[at];
      gap = at;
    }
  pairs[gap] = (Pair){0, 0};
}

static uint32_t kernel(Pair *pairs, Node **heads, Node *nodes, uint32_t mask) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 2 * N; i++) {
    uint32_t key = mix(i) % N + 1;
    Pair *pair = find(pairs, mask, key);
    pair->key = key;
    pair->value += i;
    if (i % 4 == 3) {
      pair = find(pairs, mask, mix(i - 2) % N + 1);
      if (pair->key) {
        sum += pair->value;
        pair->value = 0;
        removePair(pairs, mask, pair);
      }
    }
  }
  uint32_t used = 0;
  for (uint32_t i = 0; i < 2 * N; i++) {
    uint32_t key = mix(i + 77) % N + 1;
    Node **link = &heads[mix(key) & mask];
    while (*link && (*link)->key != key)
      link = &(*link)->next;
    if (!*link) {
      nodes[used] = (Node){NULL, key, 0};
      *link = &nodes[used++];
    }
    (*link)->value += i;
    sum ^= (*link)->value;
  }
  return sum + used;
}

int main(void) {
  uint32_t size = 1;
  while (size < N + N / 2)
    size *= 2;
  Pair *pairs = array(size * sizeof *pairs);
  Node **heads = array(size * sizeof *heads);
  Node *nodes = array(N * sizeof *nodes);
  uint32_t result = 0;
  while (again()) {
    memset(pairs, 0, size * sizeof *pairs);
    memset(heads, 0, size * sizeof *heads);
    TIMED(result = kernel(pairs, heads, nodes, size - 1));
  }
  check(&result, sizeof result);
  check(pairs, size * sizeof *pairs);
  return finish();
}
