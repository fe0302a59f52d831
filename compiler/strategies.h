// How memory is protected: memory_backends/backends.def as a table.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace wasmetal {

enum class Strategy : uint8_t {
#define BACKEND(name, fault_is_trap, compares, unprivileged, smallest, slack,  \
                summary)                                                       \
  name,
#include "memory_backends/backends.def"
};

enum class Compares : uint8_t { None, Wide, All };

/// A row of backends.def, where the columns are told.
struct StrategyInfo {
  Strategy strategy;
  llvm::StringRef name;
  bool faultIsTrap;
  Compares compares;
  bool unprivileged;
  uint64_t smallest;
  uint64_t slack;
  llvm::StringRef summary;

  /// Whether nothing but a comparison keeps accesses in bounds.
  bool comparesAlone() const {
    return compares == Compares::All && !unprivileged;
  }
  /// Whether a branch stands between an address and its access; `isPlain` where
  /// both address and page size are WebAssembly's first ones.
  bool comparesFor(bool isPlain) const {
    return compares == Compares::All ||
           (compares == Compares::Wide && !isPlain);
  }
  /// What accesses to a memory of at most `size` bytes may touch.
  uint64_t reservedBytes(uint64_t size) const;
};

/// In the order of the enumerators.
llvm::ArrayRef<StrategyInfo> allStrategies();

const StrategyInfo &infoOf(Strategy strategy);

std::optional<Strategy> findStrategy(llvm::StringRef name);

} // namespace wasmetal
