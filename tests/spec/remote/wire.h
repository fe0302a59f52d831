// How the harness and the agent, which runs modules of another processor, talk:
// requests and their answers, one after the other, through two pipes. Both are
// little-endian, with pointers of 64 bits.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

namespace spec {

enum class Request : uint8_t {
  Open,    // path, symbol -> module and its imports, or 0 and a message
  Store,   // -> store
  Release, // store
  Make,    // module, store, imports -> status, error, instance
  Start,   // instance -> status, error
  Find,    // instance, name -> found, external, and its type or value
  Call,    // function, values -> status, error, values
  Destroy, // instance
};

/// What is sent waits for `flush`. A peer that is gone ends the process.
class Wire {
public:
  Wire(int in, int out) : in(fdopen(in, "r")), out(fdopen(out, "w")) {}

  void putBytes(const void *bytes, size_t size) {
    if (fwrite(bytes, 1, size, out) != size)
      _Exit(3);
  }
  void getBytes(void *bytes, size_t size) {
    if (fread(bytes, 1, size, in) != size)
      _Exit(3);
  }
  template <typename T> void put(const T &value) {
    putBytes(&value, sizeof(value));
  }
  template <typename T> T get() {
    T value;
    getBytes(&value, sizeof(value));
    return value;
  }
  /// Text with its length, which the reader frees.
  void putText(const char *text, uint32_t size) {
    put(size);
    putBytes(text, size);
  }
  char *getText(uint32_t &size) {
    size = get<uint32_t>();
    char *text = static_cast<char *>(malloc(size + 1));
    getBytes(text, size);
    text[size] = 0;
    return text;
  }
  void flush() { fflush(out); }

private:
  FILE *in, *out;
};

} // namespace spec
