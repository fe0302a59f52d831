// https://developer.arm.com/documentation/ddi0403 (B3.5), ddi0553 (B10)
#include "compiler/emit/region.h"
#include "compiler/emit/module_emitter.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace wasmetal;

static constexpr uint64_t Smallest = 32;
/// Of ARMv8-M: emulators look at larger pages, whose ends they find as exactly.
static constexpr uint64_t Page = 1024;

bool wasmetal::hasRegion(const Memory &memory, size_t index,
                         const EmitOptions &options) {
  return infoOf(options.strategy).unprivileged && index == 0 &&
         ModuleEmitter::isPlain(memory);
}

static bool isV8M(const TargetInfo &target) {
  return Triple(target.triple).getArchName().starts_with("thumbv8");
}

uint64_t wasmetal::regionAlignment(const TargetInfo &target, uint64_t size) {
  if (isV8M(target))
    return size < Page ? Smallest : Page;
  return PowerOf2Ceil(std::max(size, Smallest));
}

RegionSizes wasmetal::regionSizes(const TargetInfo &target, uint64_t size) {
  constexpr uint64_t SmallestWithParts = 256, Parts = 8;
  uint64_t part = Smallest;
  if (!isV8M(target)) {
    uint64_t whole = regionAlignment(target, size);
    part = whole < SmallestWithParts ? whole : whole / Parts;
  }
  return {alignDown(size, part), alignTo(size, part)};
}
