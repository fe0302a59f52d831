// The memory protection unit of Cortex-M3 and above. Accesses that may be out
// of bounds are unprivileged, and the unit gives these one region: the memory.
// A fault is the trap then (ports/cortex_m/fault.cpp). The comparisons here are
// what compiler/codegen/unprivileged.cpp makes such accesses of; they stay
// where it does not, of atomic accesses and of memories other than the first.
// The sandbox rests on this file.
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

/// Growth that no region is like fails. The size comes first: an interrupt that
/// enters other guest code selects the region again by it.
static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  if (!port_is_selected(memory))
    return true;
  memory->size = new_size;
  if (port_set_region(memory->base, new_size))
    return true;
  memory->size = old_size;
  port_set_region(memory->base, old_size);
  return false;
}

static bool select(const wm_memory *memory) {
  return memory ? port_set_region(memory->base, memory->size)
                : port_set_region(nullptr, 0);
}

extern "C" const wm_backend wm_backend_ops = {"mpu", WM_STRATEGY_mpu, reach,
                                              commit, select};
