#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  enum { Blocks = 64, Size = 3 << 20 };
  unsigned char *blocks[Blocks];
  for (int i = 0; i < Blocks; ++i) {
    blocks[i] = malloc(Size);
    if (!blocks[i])
      return 1;
    memset(blocks[i], i, Size);
  }
  unsigned long sum = 0;
  for (int i = 0; i < Blocks; ++i)
    for (int k = 0; k < Size; k += 4093)
      sum += blocks[i][k];
  printf("%lu\n", sum);
  for (int i = 0; i < Blocks; i += 2)
    free(blocks[i]);
  char *moved = realloc(blocks[1], 2 * Size);
  printf("%d\n", moved[Size - 1]);
  return 0;
}
