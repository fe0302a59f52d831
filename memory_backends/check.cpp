// Explicit checks: compare and branch to a cold trap before each access. Exact
// to the byte on every machine. The size is a constant where the memory cannot
// grow. The sandbox rests on this file.
#include "memory_backends/backend.h"
#include "runtime/port.h"

WM_TRANSLATE(wm_translate) {
  return wm_check(base, address, offset, size,
                  wm_limit(memory, minimum, maximum));
}

WM_TRANSLATE(wm_translate_shared) {
  return wm_check(base, address, offset, size,
                  wm_limit_shared(memory, minimum, maximum));
}

WM_TRANSLATE(wm_translate64) {
  return wm_check64(base, address, offset, size, minimum,
                    wm_limit(memory, minimum, maximum));
}

WM_TRANSLATE(wm_translate64_shared) {
  return wm_check64(base, address, offset, size, minimum,
                    wm_limit_shared(memory, minimum, maximum));
}

static uint64_t reach(const wm_memory_type *) { return 0; }

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  return port_commit_growth(memory->base, old_size, new_size);
}

extern "C" const wm_backend wm_backend_ops = {"check", WM_STRATEGY_check, reach,
                                              commit};
