// exit: 134
// stderr: ^wasmetal: trap: unreachable.*
#include <stdlib.h>
int main(void) { abort(); }
