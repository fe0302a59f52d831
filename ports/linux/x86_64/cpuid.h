// What the processor says of itself, which hypervisors make slow.
#pragma once

#include <stdint.h>

enum Register { EAX, EBX, ECX, EDX };

static inline void cpuid(uint32_t leaf, uint32_t subleaf, uint32_t (&out)[4]) {
  __asm__ volatile("cpuid"
                   : "=a"(out[EAX]), "=b"(out[EBX]), "=c"(out[ECX]),
                     "=d"(out[EDX])
                   : "a"(leaf), "c"(subleaf));
}

/// Which registers the system saves when it switches threads. None that the
/// processor does not have.
static inline uint64_t savedRegisters() {
  uint32_t one[4];
  cpuid(1, 0, one);
  constexpr uint32_t HasXgetbv = 1u << 27;
  if (!(one[ECX] & HasXgetbv))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}
constexpr uint64_t SavedYmm = 0x6, SavedZmm = 0xe6;
