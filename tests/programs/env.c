// env: GREETING=hello
// env: EMPTY=
// env: EQUALS=a=b=c
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const char *names[] = {"GREETING", "EMPTY", "EQUALS", "NOT_GRANTED"};
  for (int i = 0; i < 4; ++i) {
    const char *value = getenv(names[i]);
    printf("%s: %s\n", names[i], value ? value : "(none)");
  }
  return 0;
}
