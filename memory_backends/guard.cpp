// Guard pages: a 32-bit address plus a 32-bit offset reaches less than 8 GiB
// and the size of an access. All of that is reserved, and what lies past the
// memory's size has no access: the fault is the trap (ports/linux/trap.cpp).
// The sandbox rests on this file.
#include "memory_backends/backend.h"
#include "runtime/port.h"
#include "runtime/trap.h"

extern "C" __attribute__((always_inline)) uint8_t *
wm_translate(const wm_memory *, uint8_t *base, uint64_t address,
             uint64_t offset, uint64_t, uint64_t, uint64_t) {
  return base + address + offset;
}

// No reservation holds all that 64 bits reach, and no fault comes from within a
// page of the system: explicit checks.
extern "C" __attribute__((always_inline)) uint8_t *
wm_translate64(const wm_memory *memory, uint8_t *base, uint64_t address,
               uint64_t offset, uint64_t size, uint64_t minimum,
               uint64_t maximum) {
  uint64_t limit = minimum == maximum ? minimum : memory->size;
  uint64_t start, end;
  if (__builtin_expect(__builtin_add_overflow(address, offset, &start) ||
                           __builtin_add_overflow(start, size, &end) ||
                           end > limit,
                       0)) [[clang::nomerge]]
    wm_trap_memory_bounds(); // one place, one address
  return base + start;
}

static uint64_t reach(const wm_memory_type *type) {
  return wm_is_plain(type) ? (8ull << 30) + (64 << 10) : 0;
}

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  return port_commit_growth(memory->base, old_size, new_size);
}

extern "C" const wm_backend wm_backend_ops = {"guard", WM_STRATEGY_guard, reach,
                                              commit};
