// A lock for what is done in a few instructions or one system call. Held on the
// host's stack only: a guest that exhausts its own must not leave it behind.
#pragma once

#include "runtime/port.h"

class Lock {
public:
  explicit Lock(uint8_t &word) : word(word) {
    while (__atomic_exchange_n(&word, 1, __ATOMIC_ACQUIRE))
      port_yield();
  }
  ~Lock() { __atomic_store_n(&word, 0, __ATOMIC_RELEASE); }
  Lock(const Lock &) = delete;
  Lock &operator=(const Lock &) = delete;

private:
  uint8_t &word;
};
