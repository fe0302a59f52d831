// The table and the ways to find a row.
#include "compiler/strategies.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace wasmetal;

static constexpr StrategyInfo Strategies[] = {
#define BACKEND(name, fault_is_trap, compares, unprivileged, smallest, slack,  \
                summary)                                                       \
  {Strategy::name, #name,    fault_is_trap, Compares::compares,                \
   unprivileged,   smallest, slack,         summary},
#include "memory_backends/backends.def"
};

uint64_t StrategyInfo::reservedBytes(uint64_t size) const {
  return (smallest ? PowerOf2Ceil(std::max(size, smallest)) : size) + slack;
}

ArrayRef<StrategyInfo> wasmetal::allStrategies() { return Strategies; }

const StrategyInfo &wasmetal::infoOf(Strategy strategy) {
  return Strategies[static_cast<size_t>(strategy)];
}

std::optional<Strategy> wasmetal::findStrategy(StringRef name) {
  const auto *found = find_if(
      Strategies, [&](const StrategyInfo &info) { return info.name == name; });
  if (found == std::end(Strategies))
    return std::nullopt;
  return found->strategy;
}
