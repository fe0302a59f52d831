// exit: 134
// stderr: ^wasmetal: trap: indirect call type mismatch.*
// stderr: ^[^\n]*\n$
#include <stdio.h>
static float wrong(float a, double b) { return a + (float)b; }
int main(int argc, char **argv) {
  void *volatile function = (void *)wrong;
  printf("%d\n", ((int (*)(int))function)(argc));
  return 0;
}
