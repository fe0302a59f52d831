// Builds a one-line message in a fixed buffer, cut where it is full.
#pragma once

#include <stdint.h>

static inline uint64_t textSize(const char *text) {
  uint64_t size = 0;
  while (text[size])
    ++size;
  return size;
}

class Message {
public:
  template <uint64_t N>
  explicit Message(char (&buffer)[N]) : at(buffer), end(buffer + N - 1) {
    *at = 0;
  }

  Message &text(const char *string) {
    while (*string)
      put(*string++);
    return *this;
  }

  /// A guest's name: any bytes, in quotation marks.
  Message &name(const char *bytes, uint64_t size) {
    put('"');
    bare(bytes, size);
    put('"');
    return *this;
  }

  Message &bare(const char *bytes, uint64_t size) {
    for (uint64_t i = 0; i < size; ++i) {
      uint8_t byte = static_cast<uint8_t>(bytes[i]);
      if (byte >= 0x20 && byte != 0x7f && byte != '"' && byte != '\\') {
        put(bytes[i]);
        continue;
      }
      put('\\');
      put("0123456789abcdef"[byte >> 4]);
      put("0123456789abcdef"[byte & 15]);
    }
    return *this;
  }

  /// Not negative. In the width of its type: processors of 32 bits divide
  /// larger numbers by a function that takes more room than all of this.
  template <unsigned Base = 10, typename Number> Message &number(Number value) {
    char digits[20];
    unsigned count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % Base];
      value = static_cast<Number>(value / Base);
    } while (value);
    while (count)
      put(digits[--count]);
    return *this;
  }

  const char *position() const { return at; }

private:
  void put(char c) {
    if (at == end)
      return;
    *at++ = c;
    *at = 0;
  }

  char *at;
  char *end;
};
