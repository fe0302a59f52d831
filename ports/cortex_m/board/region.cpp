// The memory protection unit, of which one region is for linear memory, and
// nothing else unprivileged. Privileged code has everything. The sandbox rests
// on this file: what no region is like is refused, whoever asks.
// https://developer.arm.com/documentation/ddi0403 (B3.5), ddi0553 (D1.2)
#include "ports/cortex_m/port.h"

#if __ARM_ARCH >= 7

namespace {
struct Unit {
  uint32_t type;    // bits 15 to 8: how many regions
  uint32_t control; // enable; also in NMI and HardFault; privileged default
  uint32_t number;  // of the region that the next two describe
  uint32_t base;
  uint32_t limit; // on ARMv7-M, attributes and size
  uint32_t aliases[6];
  uint32_t attributes; // of ARMv8-M: what regions refer to
};
} // namespace

static volatile Unit &unit() {
  return *reinterpret_cast<volatile Unit *>(0xe000ed90);
}

enum : uint32_t { Enabled = 1, NormalMemory = 0xff };

#if __ARM_ARCH >= 8

static bool describe(uint32_t base, uint32_t size) {
  constexpr uint32_t Granule = 32, AnyPrivilege = 1 << 1, NoCode = 1;
  if ((base | size) % Granule)
    return false;
  unit().attributes = (unit().attributes & ~0xffu) | NormalMemory;
  unit().base = base | AnyPrivilege | NoCode;
  unit().limit = ((base + size - 1) & ~(Granule - 1)) | Enabled;
  return true;
}

#else

static bool describe(uint32_t base, uint32_t size) {
  constexpr uint32_t NoCode = 1 << 28, AnyPrivilege = 3 << 24,
                     Normal = 1 << 19 | 1 << 17 | 1 << 16;
  constexpr uint32_t Smallest = 5, WithParts = 8, Parts = 3; // logarithms
  uint32_t whole = Smallest;
  while (whole < 31 && 1u << whole < size)
    ++whole;
  uint32_t part = whole < WithParts ? whole : whole - Parts;
  uint32_t used = size >> part;
  if (size != used << part || base % (1u << whole))
    return false;
  uint32_t disabled = whole < WithParts ? 0 : 0xff << used & 0xff;
  unit().base = base;
  unit().limit = NoCode | AnyPrivilege | Normal | disabled << 8 |
                 (whole - 1) << 1 | Enabled;
  return true;
}

#endif

extern "C" bool port_set_region(void *base, uint64_t size) {
  uint32_t count = unit().type >> 8 & 0xff;
  if (!count)
    return false;
  unit().number = count - 1;
  unit().limit = 0;
  bool is_good =
      !size || (size <= 1u << 31 && describe(reinterpret_cast<uintptr_t>(base),
                                             static_cast<uint32_t>(size)));
  unit().control = 7;
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  return is_good;
}

#else

extern "C" bool port_set_region(void *, uint64_t) { return false; }

#endif
