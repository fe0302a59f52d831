// No protection: for trusted code, and as the base line of measurements. A
// wild access reaches the host's memory.
#include "memory_backends/backend.h"
#include "runtime/port.h"

WM_TRANSLATE(wm_translate) { return base + address + offset; }
WM_TRANSLATE(wm_translate64) { return base + address + offset; }
WM_TRANSLATE(wm_translate_shared) { return base + address + offset; }
WM_TRANSLATE(wm_translate64_shared) { return base + address + offset; }

static uint64_t reach(const wm_memory_type *) { return 0; }

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  return port_commit_growth(memory->base, old_size, new_size);
}

extern "C" const wm_backend wm_backend_ops = {"none", WM_STRATEGY_none, reach,
                                              commit};
