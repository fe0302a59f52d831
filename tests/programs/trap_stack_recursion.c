// exit: 134
// stderr: ^wasmetal: trap: call stack exhausted.*
// stderr: ^[^\n]*\n$
#include <stdio.h>
// Without a frame in linear memory, so that the native stack ends first.
__attribute__((noinline)) static unsigned endless(unsigned n) {
  return n == 0xffffffffu ? 0 : endless(n + 1) * 3 + n;
}
int main(int argc, char **argv) {
  printf("%u\n", endless(argc));
  return 0;
}
