// Memory for the little that the runtime keeps beside the instance: what
// WASI's descriptors take, out of a part of RAM that the linker script sets
// aside. Nothing is ever given back.
#include "runtime/port.h"

extern "C" {
extern char __arena_begin[], __arena_end[];

uint64_t port_page_size() { return 16; }

void *port_reserve(uint64_t size) {
  static char *next = __arena_begin;
  if (size > static_cast<uint64_t>(__arena_end - next))
    return nullptr;
  char *result = next;
  next += size;
  __builtin_memset(result, 0, size);
  return result;
}

bool port_commit(void *, uint64_t) { return true; }

void port_decommit(void *address, uint64_t size) {
  __builtin_memset(address, 0, size);
}

void port_release(void *, uint64_t) {}
}
