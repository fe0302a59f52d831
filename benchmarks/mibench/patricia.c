// patricia: addresses in a tree of the bits in which they differ.

#include "../bench.h"
#include "input.h"

enum { N = PICK(200, 4000, 200000, 1000000, 4000000) };

typedef struct Node {
  struct Node *child[2];
  uint32_t key, count;
  int bit; // Which decides, from the top; smaller further up.
} Node;

static int bitOf(uint32_t key, int bit) { return key >> (31 - bit) & 1; }

// Links lead upwards where no bit is left to tell keys apart.
static Node *find(Node *root, uint32_t key) {
  Node *node = root->child[0];
  int bit = -1;
  while (node->bit > bit) {
    bit = node->bit;
    node = node->child[bitOf(key, bit)];
  }
  return node;
}

static int insert(Node *root, Node *fresh, uint32_t key) {
  Node *same = find(root, key);
  if (same->key == key) {
    same->count++;
    return 0;
  }
  int bit = __builtin_clz(same->key ^ key);
  Node **link = &root->child[0];
  int above = -1;
  while ((*link)->bit > above && (*link)->bit < bit) {
    above = (*link)->bit;
    link = &(*link)->child[bitOf(key, above)];
  }
  *fresh = (Node){{*link, *link}, key, 1, bit};
  fresh->child[bitOf(key, bit)] = fresh;
  *link = fresh;
  return 1;
}

static uint32_t kernel(const uint32_t *keys, Node *nodes) {
  nodes[0] = (Node){{nodes, nodes}, 0, 0, -1};
  int used = 1;
  for (int i = 0; i < N; i++)
    used += insert(nodes, nodes + used, keys[i]);
  uint32_t found = 0;
  for (int i = 0; i < N; i++) {
    uint32_t key = keys[i] ^ (uint32_t)(i & 1);
    const Node *node = find(nodes, key);
    found += node->key == key ? node->count : 0;
  }
  return found + (uint32_t)used;
}

int main(void) {
  uint32_t *keys = array(N * sizeof *keys);
  Node *nodes = array((N + 1) * sizeof *nodes);
  for (int i = 0; i < N; i++)
    keys[i] = (random32() & 0xffff) << 12 | (random32() & 0xff) | 10u << 28;
  uint32_t result = 0;
  while (again())
    TIMED(result = kernel(keys, nodes));
  check(&result, sizeof result);
  return finish();
}
