// A binary search tree in a pool: inserting, finding and removing.
#include "bench.h"

typedef struct Node {
  uint32_t key, count;
  struct Node *left, *right;
} Node;

enum { Pool = 512, Steps = 3000 };
static Node nodes[Pool];
static Node *root, *unused;

static Node **find(uint32_t key) {
  Node **at = &root;
  while (*at && (*at)->key != key)
    at = key < (*at)->key ? &(*at)->left : &(*at)->right;
  return at;
}

static void removeAt(Node **at) {
  Node *node = *at;
  if (node->left && node->right) {
    Node **next = &node->right;
    while ((*next)->left)
      next = &(*next)->left;
    node->key = (*next)->key;
    node->count = (*next)->count;
    removeAt(next);
    return;
  }
  *at = node->left ? node->left : node->right;
  node->left = unused;
  unused = node;
}

static uint32_t sum(const Node *node, uint32_t depth) {
  if (!node)
    return depth;
  return mix(sum(node->left, depth + 1), node->key) +
         sum(node->right, depth + 1) * node->count;
}

uint32_t run(void) {
  uint32_t seed = 1, hash = 0;
  root = unused = NULL;
  for (int i = 0; i < Pool; ++i) {
    nodes[i].left = unused;
    unused = &nodes[i];
  }
  for (int step = 0; step < Steps; ++step) {
    uint32_t key = nextRandom(&seed) % 700;
    Node **at = find(key);
    if (*at && step % 3 == 0) {
      removeAt(at);
    } else if (*at) {
      hash = mix(hash, ++(*at)->count);
    } else if (unused) {
      Node *node = unused;
      unused = node->left;
      *node = (Node){key, 1, NULL, NULL};
      *at = node;
    }
  }
  return mix(hash, sum(root, 0));
}
