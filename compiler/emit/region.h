// What regions the memory protection units of Cortex-M have: on ARMv7-M a power
// of two, or eighths of one, aligned to that; on ARMv8-M multiples of 32 bytes.
// ports/cortex_m/board/region.cpp programs them, and refuses others.
#pragma once

#include "compiler/emit/emit.h"

namespace wasmetal {

/// Whether accesses to a memory may be unprivileged, and limited by a region.
bool hasRegion(const Memory &memory, size_t index, const EmitOptions &options);

/// The sizes nearest to one: equal to it if a region has that size.
struct RegionSizes {
  uint64_t below;
  uint64_t above;
};
RegionSizes regionSizes(const TargetInfo &target, uint64_t size);

/// Where regions of up to `size` bytes may all begin.
uint64_t regionAlignment(const TargetInfo &target, uint64_t size);

} // namespace wasmetal
