// args: 20000
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned state = 12345;
static unsigned next(void) { return state = state * 1664525u + 1013904223u; }

static int ascending(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}
static int descending(const void *a, const void *b) { return ascending(b, a); }

int main(int argc, char **argv) {
  int count = atoi(argv[1]);
  int *values = malloc(count * sizeof *values);
  for (int i = 0; i < count; ++i)
    values[i] = (int)next();
  int (*orders[])(const void *, const void *) = {ascending, descending};
  for (int round = 0; round < 2; ++round) {
    qsort(values, count, sizeof *values, orders[round]);
    unsigned hash = 0;
    for (int i = 0; i < count; ++i)
      hash = hash * 31 + (unsigned)values[i];
    printf("%d %d %u\n", values[0], values[count - 1], hash);
  }
  int key = values[count / 3];
  int *found = bsearch(&key, values, count, sizeof key, descending);
  printf("%d\n", found && *found == key);
  return 0;
}
