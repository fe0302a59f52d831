// exit: 134
// stderr: ^wasmetal: trap: unreachable.*
// stderr: in function [0-9]+ "[^"]+" at offset 0x[0-9a-f]+$
// stderr: ^[^\n]*\n$
__attribute__((noinline)) void stop_here(int code) {
  if (code)
    __builtin_trap();
}
int main(int argc, char **argv) {
  stop_here(argc);
  return 0;
}
