// trees: binary trees allocated, counted and freed, which is the allocator's
// work as much as that of recursion.

#include "../bench.h"

enum { Depth = PICK(6, 10, 14, 17, 19) };

typedef struct Tree {
  struct Tree *left, *right;
} Tree;

static Tree *make(int depth) {
  Tree *tree = malloc(sizeof *tree);
  tree->left = depth > 0 ? make(depth - 1) : NULL;
  tree->right = depth > 0 ? make(depth - 1) : NULL;
  return tree;
}

static uint32_t count(const Tree *tree) {
  return 1 + (tree->left ? count(tree->left) + count(tree->right) : 0);
}

static void drop(Tree *tree) {
  if (tree->left) {
    drop(tree->left);
    drop(tree->right);
  }
  free(tree);
}

static uint32_t kernel(void) {
  uint32_t sum = 0;
  Tree *kept = make(Depth);
  for (int depth = 4; depth <= Depth; depth += 2)
    for (int i = 0; i < 1 << (Depth - depth); i++) {
      Tree *tree = make(depth);
      sum += count(tree);
      drop(tree);
    }
  sum += count(kept);
  drop(kept);
  return sum;
}

int main(void) {
  uint32_t result = 0;
  while (again())
    TIMED(result = kernel());
  check(&result, sizeof result);
  return finish();
}
