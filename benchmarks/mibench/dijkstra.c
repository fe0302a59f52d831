// dijkstra: shortest paths in a graph given as a matrix, with a queue that is a
// linked list, as in the suite.

#include "../bench.h"
#include "input.h"

enum {
  N = PICK(20, 60, 160, 300, 600),
  Pairs = PICK(5, 10, 30, 60, 100),
  None = 9999
};

typedef struct Item {
  struct Item *next;
  int node, distance, from;
} Item;

typedef struct {
  int distance, from;
} Reached;

static Item *freeItems;

static void push(Item **queue, int node, int distance, int from) {
  Item *item = freeItems;
  if (item)
    freeItems = item->next;
  else
    item = malloc(sizeof *item);
  *item = (Item){NULL, node, distance, from};
  while (*queue)
    queue = &(*queue)->next;
  *queue = item;
}

static int shortest(const int (*edges)[N], Reached *reached, int from, int to) {
  Item *queue = NULL;
  for (int i = 0; i < N; i++)
    reached[i] = (Reached){None, -1};
  reached[from].distance = 0;
  push(&queue, from, 0, -1);
  while (queue) {
    Item *item = queue;
    queue = item->next;
    for (int i = 0; i < N; i++) {
      int cost = edges[item->node][i];
      if (cost != None && item->distance + cost < reached[i].distance) {
        reached[i] = (Reached){item->distance + cost, item->node};
        push(&queue, i, item->distance + cost, item->node);
      }
    }
    item->next = freeItems;
    freeItems = item;
  }
  return reached[to].distance;
}

int main(void) {
  int (*edges)[N] = array(N * sizeof *edges);
  Reached *reached = array(N * sizeof *reached);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      edges[i][j] = random32() % 8 ? (int)(random32() % 100) + 1 : None;
  int32_t sum = 0;
  while (again()) {
    sum = 0;
    start();
    for (int i = 0; i < Pairs; i++)
      sum += shortest((const int (*)[N])edges, reached, i % N, N - 1 - i % N);
    stop();
  }
  check(&sum, sizeof sum);
  check(reached, N * sizeof *reached);
  return finish();
}
