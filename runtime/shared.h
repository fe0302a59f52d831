// What threads that use one memory share beside its bytes.
#pragma once

#include "runtime/lock.h"

/// A thread that waits at an address; stands on its stack.
struct wm_waiter {
  wm_waiter *next;
  uint64_t address;
  uint32_t is_woken;
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
