// No protection: for trusted code, and as the base line of measurements. A
// wild access reaches the host's memory.
#include "memory_backends/backend.h"
#include "runtime/port.h"

extern "C" __attribute__((always_inline)) uint8_t *
wm_translate(const wm_memory *, uint8_t *base, uint64_t address,
             uint64_t offset, uint64_t, uint64_t, uint64_t) {
  return base + address + offset;
}

extern "C" __attribute__((always_inline)) uint8_t *
wm_translate64(const wm_memory *, uint8_t *base, uint64_t address,
               uint64_t offset, uint64_t, uint64_t, uint64_t) {
  return base + address + offset;
}

static uint64_t reach(const wm_memory_type *) { return 0; }

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  return port_commit_growth(memory->base, old_size, new_size);
}

extern "C" const wm_backend wm_backend_ops = {"none", WM_STRATEGY_none, reach,
                                              commit};
