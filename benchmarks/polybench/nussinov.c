// nussinov: how an RNA sequence folds, by dynamic programming.

#include "../bench.h"

typedef char Base;

enum { N = PICK(60, 180, 500, 2500, 5500) };

static void init(Base *sequence, int (*table)[N]) {
  for (int i = 0; i < N; i++)
    sequence[i] = (Base)((i + 1) % 4);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      table[i][j] = 0;
}

#define MAX(a, b) ((a) >= (b) ? (a) : (b))

static void kernel(Base *sequence, int (*table)[N]) {
  for (int i = N - 1; i >= 0; i--)
    for (int j = i + 1; j < N; j++) {
      if (j - 1 >= 0)
        table[i][j] = MAX(table[i][j], table[i][j - 1]);
      if (i + 1 < N)
        table[i][j] = MAX(table[i][j], table[i + 1][j]);
      if (j - 1 >= 0 && i + 1 < N) {
        // Neighbours do not pair.
        if (i < j - 1)
          table[i][j] =
              MAX(table[i][j], table[i + 1][j - 1] +
                                   (sequence[i] + sequence[j] == 3 ? 1 : 0));
        else
          table[i][j] = MAX(table[i][j], table[i + 1][j - 1]);
      }
      for (int k = i + 1; k < j; k++)
        table[i][j] = MAX(table[i][j], table[i][k] + table[k + 1][j]);
    }
}

int main(void) {
  Base *sequence = array(N * sizeof *sequence);
  int (*table)[N] = array(N * sizeof *table);
  while (again()) {
    init(sequence, table);
    TIMED(kernel(sequence, table));
  }
  check(table, N * sizeof *table);
  return finish();
}
