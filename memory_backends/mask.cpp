// Masking: the whole sum of address and offset wraps at a power of two that
// the memory's maximum determines at compile time. Never traps, never leaves
// the reservation, all of which is accessible from the start; the slack behind
// it takes an access that starts at its last byte. The sandbox rests on this
// file.
#include "memory_backends/backend.h"
#include "runtime/port.h"

// What the compiler sets aside, and the ends of what masks there are.
static constexpr uint64_t Slack = WM_SLACK_mask;
static constexpr uint64_t Smallest = WM_SMALLEST_mask, Largest = 1ull << 32;
static_assert(Slack >= 16, "the widest access");

static __attribute__((always_inline)) uint64_t wrapAt(uint64_t maximum) {
  if (maximum <= Smallest)
    return Smallest;
  if (maximum >= Largest)
    return Largest;
  return 1ull << (64 - __builtin_clzll(maximum - 1));
}

// A sum that wraps is masked like any other. A 64-bit memory ends at 4 GiB.
static inline __attribute__((always_inline)) uint8_t *
mask(uint8_t *base, uint64_t address, uint64_t offset, uint64_t maximum) {
  return base + ((address + offset) & (wrapAt(maximum) - 1));
}

WM_TRANSLATE(wm_translate) { return mask(base, address, offset, maximum); }
WM_TRANSLATE(wm_translate64) { return mask(base, address, offset, maximum); }
// All of the reservation is accessible: growth changes nothing here.
WM_TRANSLATE(wm_translate_shared) {
  return mask(base, address, offset, maximum);
}
WM_TRANSLATE(wm_translate64_shared) {
  return mask(base, address, offset, maximum);
}

static uint64_t reach(const wm_memory_type *type) {
  return roundToPage(wrapAt(type->maximum) + Slack);
}

static bool commit(wm_memory *memory, uint64_t old_size, uint64_t new_size) {
  if (new_size > Largest)
    return false;
  if (old_size == 0 && !port_commit(memory->base, memory->reserved))
    return false;
  // The guest may have written past its size. Pages that straddle the ends of
  // the range hold bytes that stay.
  uint64_t begin = roundToPage(old_size);
  uint64_t end = new_size & -port_page_size();
  if (begin >= end) {
    __builtin_memset(memory->base + old_size, 0, new_size - old_size);
    return true;
  }
  __builtin_memset(memory->base + old_size, 0, begin - old_size);
  port_decommit(memory->base + begin, end - begin);
  __builtin_memset(memory->base + end, 0, new_size - end);
  return true;
}

extern "C" const wm_backend wm_backend_ops = {"mask", WM_STRATEGY_mask, reach,
                                              commit};
