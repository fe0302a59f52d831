// Guard pages: a 32-bit address plus a 32-bit offset reaches less than 8 GiB
// and the size of an access. All of that is reserved, and what lies past the
// memory's size has no access: the fault is the trap (ports/linux/trap.cpp).
// The sandbox rests on this file.
#include "memory_backends/backend.h"
#include "runtime/port.h"

extern "C" __attribute__((always_inline)) uint8_t *
wm_translate(const wm_memory *, uint8_t *base, uint64_t address,
             uint64_t offset, uint64_t, uint64_t, uint64_t) {
  return base + address + offset;
}

static uint64_t reservation(uint64_t) { return (8ull << 30) + (64 << 10); }

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  return old_size == new_size ||
         port_commit(memory->base + old_size, new_size - old_size);
}

extern "C" const wm_backend wm_backend_ops = {"guard", WM_STRATEGY_guard,
                                              reservation, commit, true};
