// An address as a sum, so that addresses which are a constant apart are found.
#pragma once

#include "llvm/IR/Instructions.h"

#include <map>
#include <optional>

namespace wasmetal {

/// A sum of i32 values, each times a factor, and a constant: all modulo 2^32.
struct Sum {
  std::map<const llvm::Value *, uint32_t> terms;
  uint32_t constant = 0;

  /// Of a wm_translate; none where its address is known, or has not been
  /// extended from 32 bits.
  static std::optional<Sum> ofAddress(const llvm::CallInst &translate);
  void add(const llvm::Value *value, uint32_t factor, unsigned depth = 0);
};

} // namespace wasmetal
