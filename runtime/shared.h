// What threads that use one memory share beside its bytes.
#pragma once

#include "runtime/port.h"

/// A thread that waits at an address; stands on its stack.
struct wm_waiter {
  wm_waiter *next;
  uint64_t address;
  uint32_t is_woken;
};

/// Holds a memory's lock. On the host's stack only: a guest that exhausts its
/// own must not leave the lock behind. What is done meanwhile is short.
class MemoryLock {
public:
  explicit MemoryLock(wm_memory *memory) : lock(memory->lock) {
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
      port_yield();
  }
  ~MemoryLock() { __atomic_store_n(&lock, 0, __ATOMIC_RELEASE); }
  MemoryLock(const MemoryLock &) = delete;
  MemoryLock &operator=(const MemoryLock &) = delete;

private:
  uint8_t &lock;
};

/// The size of a memory that other threads may grow.
static inline uint64_t sizeOf(const wm_memory *memory) {
  return __atomic_load_n(&memory->size, __ATOMIC_ACQUIRE);
}

/// Whether a memory lives as long as it has users, in whichever stores.
static inline bool isOfNoStore(const wm_memory *memory) {
  return __atomic_load_n(&memory->references, __ATOMIC_RELAXED) != 0;
}

/// Grows by `pages`; the old size in pages, or -1. On the host's stack, or for
/// a memory that is not shared.
int64_t growMemory(wm_memory *memory, const wm_backend *backend,
                   uint64_t pages);
