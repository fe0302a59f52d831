// exit: 134
// options: -O2
// options: -O0 --memory check
// options: -O0
// stderr: ^wasmetal: trap: out of bounds memory access.*
// stderr: in function [0-9]+ "[^"]+" at offset 0x[0-9a-f]+$
// stderr: ^[^\n]*\n$
#include <stdio.h>
__attribute__((noinline)) int read_far(unsigned address) {
  return *(volatile int *)(address + 0x40000000u);
}
int main(int argc, char **argv) {
  printf("%d\n", read_far(0xa0000000u + (unsigned)argc));
  return 0;
}
