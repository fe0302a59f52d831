// args: 60000
#include <stdio.h>
#include <stdlib.h>

static int depth(int n, volatile int *sink) {
  volatile int here = n;
  if (n == 0)
    return 0;
  return depth(n - 1, &here) + (*sink >= 0) + (here == n);
}

static unsigned ackermann(unsigned m, unsigned n) {
  return m == 0   ? n + 1
         : n == 0 ? ackermann(m - 1, 1)
                  : ackermann(m - 1, ackermann(m, n - 1));
}

int main(int argc, char **argv) {
  volatile int start = 0;
  // wasi-libc's own stack in linear memory has 64 KiB: stay within it.
  printf("%d\n", depth(atoi(argv[1]) / 60, &start));
  printf("%u %u\n", ackermann(2, 500), ackermann(3, 7));
  return 0;
}
