// stringsearch: many words in a text, after Boyer, Moore and Horspool.

#include "../bench.h"
#include "input.h"

enum { N = PICK(2000, 20000, 500000, 4000000, 16000000), Patterns = 60 };

static int count(const uint8_t *text, const uint8_t *pattern, int length) {
  int skip[256], found = 0;
  for (int i = 0; i < 256; i++)
    skip[i] = length;
  for (int i = 0; i < length - 1; i++)
    skip[pattern[i]] = length - 1 - i;
  for (int at = 0; at + length <= N; at += skip[text[at + length - 1]]) {
    int i = length - 1;
    while (i >= 0 && text[at + i] == pattern[i])
      i--;
    found += i < 0;
  }
  return found;
}

int main(void) {
  uint8_t *text = array(N);
  int *lengths = array(Patterns * sizeof *lengths);
  int *froms = array(Patterns * sizeof *froms);
  int32_t *found = array(Patterns * sizeof *found);
  // Letters as uneven as those of a language.
  for (int i = 0; i < N; i++) {
    uint32_t a = random32() % 27, b = random32() % 27;
    uint32_t letter = a < b ? a : b;
    text[i] = letter == 0 ? ' ' : (uint8_t)('a' + letter - 1);
  }
  for (int i = 0; i < Patterns; i++) {
    lengths[i] = 3 + i % 14;
    froms[i] = (int)(random32() % (N - 20));
  }
  while (again()) {
    start();
    for (int i = 0; i < Patterns; i++)
      found[i] = count(text, text + froms[i], lengths[i]);
    stop();
  }
  for (int i = 0; i < Patterns; i++)
    if (found[i] < 1) {
      fputs("a word of the text was not found\n", stderr);
      return 1;
    }
  check(found, Patterns * sizeof *found);
  return finish();
}
