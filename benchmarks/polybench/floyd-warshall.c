// floyd-warshall: the shortest paths between all nodes of a graph.

#include "../bench.h"

enum { N = PICK(60, 180, 500, 2800, 5600) };

static void init(int (*path)[N]) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      path[i][j] = i * j % 7 + 1;
      if ((i + j) % 13 == 0 || (i + j) % 7 == 0 || (i + j) % 11 == 0)
        path[i][j] = 999;
    }
}

static void kernel(int (*path)[N]) {
  for (int k = 0; k < N; k++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++)
        path[i][j] = path[i][j] < path[i][k] + path[k][j]
                         ? path[i][j]
                         : path[i][k] + path[k][j];
}

int main(void) {
  int (*path)[N] = array(N * sizeof *path);
  while (again()) {
    init(path);
    TIMED(kernel(path));
  }
  check(path, N * sizeof *path);
  return finish();
}
