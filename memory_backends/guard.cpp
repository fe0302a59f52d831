// Guard pages: a 32-bit address plus a 32-bit offset reaches less than 8 GiB
// and the size of an access. All of that is reserved, and what lies past the
// memory's size has no access: the fault is the trap (ports/linux/trap.cpp).
// The sandbox rests on this file.
#include "memory_backends/backend.h"
#include "runtime/port.h"

WM_TRANSLATE(wm_translate) { return base + address + offset; }
WM_TRANSLATE(wm_translate_shared) { return base + address + offset; }

// No reservation holds all that 64 bits reach, and no fault comes from within a
// page of the system: explicit checks.
WM_TRANSLATE(wm_translate64) {
  return wm_check64(base, address, offset, size, minimum,
                    wm_limit(memory, minimum, maximum));
}

WM_TRANSLATE(wm_translate64_shared) {
  return wm_check64(base, address, offset, size, minimum,
                    wm_limit_shared(memory, minimum, maximum));
}

static uint64_t reach(const wm_memory_type *type) {
  return wm_is_plain(type) ? (8ull << 30) + (64 << 10) : 0;
}

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  return port_commit_growth(memory->base, old_size, new_size);
}

extern "C" const wm_backend wm_backend_ops = {"guard", WM_STRATEGY_guard, reach,
                                              commit};
