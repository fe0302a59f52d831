// Loops over strings, bytes and 16-bit samples. What the C library has a
// function for is written out, and hidden from the compiler's eye for it.

#include "loops.h"

#define KEEP_LOOP __asm__ volatile("")

LOOP(string_length) {
  int length = 0;
  while (s[length]) {
    KEEP_LOOP;
    length++;
  }
  return length;
}
LOOP(string_find) {
  int at = 0;
  while (s[at] && s[at] != '#')
    at++;
  return at;
}
LOOP(string_compare) {
  int i = 0;
  while (s[i] && s[i] == t[i])
    i++;
  return s[i] - t[i];
}
LOOP(string_copy) {
  int i = 0;
  do
    KEEP_LOOP;
  while ((t[i] = s[i]) && ++i);
  return i;
}
LOOP(memory_compare) {
  for (int i = 0; i < n; i++)
    if (s[i] != t[i])
      return s[i] < t[i] ? -1 - i : 1 + i;
  return 0;
}
LOOP(memory_copy) {
  for (int i = 0; i < n; i++)
    s[i] = t[i];
  return 0;
}
LOOP(memory_set) {
  for (int i = 0; i < n; i++)
    s[i] = (uint8_t)step;
  return 0;
}
LOOP(bytes_reverse) {
  for (int i = 0; i < n; i++)
    s[i] = t[n - 1 - i];
  return 0;
}
LOOP(upper_case) {
  for (int i = 0; i < n; i++)
    s[i] = s[i] >= 'a' && s[i] <= 'z' ? (uint8_t)(s[i] - 32) : s[i];
  return 0;
}
LOOP(count_words) {
  int words = 0, inside = 0;
  for (int i = 0; s[i]; i++) {
    int letter = s[i] > ' ';
    words += letter && !inside;
    inside = letter;
  }
  return words;
}
LOOP(count_byte) {
  int count = 0;
  for (int i = 0; i < n; i++)
    count += s[i] == 'o';
  return count;
}
LOOP(find_substring) {
  int found = 0;
  for (int i = 0; i + 5 <= n; i++) {
    int k = 0;
    while (k < 5 && s[i + k] == (uint8_t)"amet "[k])
      k++;
    found += k == 4;
  }
  return found;
}
LOOP(adler) {
  uint32_t low = 1, high = 0;
  for (int i = 0; i < n; i++) {
    low = (low + s[i]) % 65521;
    high = (high + low) % 65521;
  }
  return high << 16 | low;
}
LOOP(hash_fnv) {
  uint32_t hash = 0x811c9dc5;
  for (int i = 0; i < n; i++)
    hash = (hash ^ s[i]) * 0x01000193;
  return hash;
}
LOOP(byte_histogram) {
  memset(x, 0, 256 * sizeof *x);
  for (int i = 0; i < n; i++)
    x[s[i]]++;
  return 0;
}
LOOP(xor_bytes) {
  for (int i = 0; i < n; i++)
    s[i] ^= t[i];
  return 0;
}
LOOP(sum_bytes) {
  unsigned sum = 0;
  for (int i = 0; i < n; i++)
    sum += s[i];
  return sum;
}
LOOP(add_saturated) {
  for (int i = 0; i < n; i++) {
    int sum = s[i] + t[i];
    s[i] = sum > 255 ? 255 : (uint8_t)sum;
  }
  return 0;
}
LOOP(blend) {
  for (int i = 0; i < n; i++)
    s[i] = (uint8_t)((s[i] * 77 + t[i] * 179) >> 8);
  return 0;
}
LOOP(grey) {
  for (int i = 0; i < n / 3; i++)
    s[i] = (uint8_t)((t[3 * i] * 77 + t[3 * i + 1] * 150 + t[3 * i + 2] * 29) >>
                     8);
  return 0;
}
LOOP(widen) {
  for (int i = 0; i < n; i++)
    u[i] = (int16_t)(s[i] * 3);
  return 0;
}
LOOP(narrow) {
  for (int i = 0; i < n; i++)
    s[i] = (uint8_t)(u[i] < 0 ? 0 : u[i] > 255 ? 255 : u[i]);
  return 0;
}
LOOP(mix_samples) {
  for (int i = 0; i < n; i++) {
    int sum = u[i] + v[i];
    u[i] = (int16_t)(sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum);
  }
  return 0;
}
LOOP(dot_samples) {
  int sum = 0;
  for (int i = 0; i < n; i++)
    sum += (u[i] >> 6) * (v[i] >> 6);
  return sum;
}
LOOP(delta_samples) {
  for (int i = n - 1; i > 0; i--)
    u[i] = (int16_t)(u[i] - u[i - 1]);
  return 0;
}
LOOP(run_lengths) {
  int out = 0;
  for (int i = 0; i < n && out + 2 <= n;) {
    int from = i;
    while (i < n && i - from < 255 && t[i] == t[from])
      i++;
    s[out++] = t[from];
    s[out++] = (uint8_t)(i - from);
  }
  return out;
}
LOOP(hexadecimal) {
  for (int i = 0; i < n / 2; i++) {
    s[2 * i] = (uint8_t)"0123456789abcdef"[t[i] >> 4];
    s[2 * i + 1] = (uint8_t)"0123456789abcdef"[t[i] & 15];
  }
  return 0;
}
LOOP(parse_numbers) {
  for (int i = 0; i < n; i++)
    s[i] = i % 7 == 6 ? ',' : (uint8_t)('0' + i % 10);
  uint32_t sum = 0, number = 0;
  for (int i = 0; i < n; i++)
    if (s[i] == ',') {
      sum += number;
      number = 0;
    } else {
      number = number * 10 + (s[i] - '0');
    }
  return sum;
}

static const Entry entries[] = {
    ENTRY(string_length), ENTRY(string_find),    ENTRY(string_compare),
    ENTRY(string_copy),   ENTRY(memory_compare), ENTRY(memory_copy),
    ENTRY(memory_set),    ENTRY(bytes_reverse),  ENTRY(upper_case),
    ENTRY(count_words),   ENTRY(count_byte),     ENTRY(find_substring),
    ENTRY(adler),         ENTRY(hash_fnv),       ENTRY(byte_histogram),
    ENTRY(xor_bytes),     ENTRY(sum_bytes),      ENTRY(add_saturated),
    ENTRY(blend),         ENTRY(grey),           ENTRY(widen),
    ENTRY(narrow),        ENTRY(mix_samples),    ENTRY(dot_samples),
    ENTRY(delta_samples), ENTRY(run_lengths),    ENTRY(hexadecimal),
    ENTRY(parse_numbers),
};

RUN_LOOPS(entries)
