// exit: 134
// stderr: ^wasmetal: trap: integer divide by zero.*
// stderr: in function [0-9]+ "[^"]+" at offset 0x[0-9a-f]+$
// stderr: ^[^\n]*\n$
#include <stdio.h>
__attribute__((noinline)) int divide_them(int a, volatile int *b) {
  return a / *b;
}
int main(int argc, char **argv) {
  volatile int zero = argc - 1;
  printf("%d\n", divide_them(7, &zero));
  return 0;
}
