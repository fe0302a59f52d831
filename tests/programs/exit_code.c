// stdin: 42\n
#include <stdio.h>
#include <stdlib.h>

static void atEnd(void) { puts("at exit"); }

int main(void) {
  int code = 0;
  atexit(atEnd);
  if (scanf("%d", &code) != 1)
    return 1;
  printf("leaving with %d", code); // without a newline: exit flushes
  exit(code);
}
