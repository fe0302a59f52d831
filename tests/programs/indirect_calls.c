#include <stdio.h>

typedef long (*Operation)(long, long);
static long add(long a, long b) { return a + b; }
static long sub(long a, long b) { return a - b; }
static long mul(long a, long b) { return a * b; }
static long apply(Operation f, long a, long b) { return f(a, b); }

int main(int argc, char **argv) {
  volatile Operation table[] = {add, sub, mul, add};
  long value = argc;
  for (int i = 0; i < 20; ++i)
    value = apply(table[i & 3], value & 0xffff, i) ^ (value >> 3);
  printf("%ld\n", value);
  return 0;
}
