// search-tree: as many nodes as no cache holds (300,000 at MEDIUM), inserted,
// looked up and walked.

#include "../bench.h"

enum { N = PICK(200, 5000, 300000, 1000000, 4000000) };

typedef struct Node {
  struct Node *left, *right;
  uint32_t key, count;
} Node;

static uint32_t key(uint32_t i) {
  i *= 2654435761u;
  return i ^ i >> 15;
}

static uint64_t walk(const Node *node, uint32_t depth) {
  if (!node)
    return 0;
  return walk(node->left, depth + 1) + (uint64_t)node->key * node->count +
         depth + walk(node->right, depth + 1);
}

static uint64_t kernel(Node *nodes) {
  Node *root = NULL;
  uint32_t used = 0, found = 0;
  for (uint32_t i = 0; i < N; i++) {
    uint32_t k = key(i);
    Node **link = &root;
    while (*link && (*link)->key != k)
      link = k < (*link)->key ? &(*link)->left : &(*link)->right;
    if (!*link) {
      nodes[used] = (Node){NULL, NULL, k, 0};
      *link = &nodes[used++];
    }
    (*link)->count++;
  }
  for (uint32_t i = 0; i < N; i++) {
    uint32_t k = key(3 * i);
    const Node *node = root;
    while (node && node->key != k)
      node = k < node->key ? node->left : node->right;
    found += node != NULL;
  }
  return walk(root, 0) + found;
}

int main(void) {
  Node *nodes = array(N * sizeof *nodes);
  uint64_t result = 0;
  while (again())
    TIMED(result = kernel(nodes));
  check(&result, sizeof result);
  return finish();
}
