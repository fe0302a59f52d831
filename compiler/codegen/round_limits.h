// Limits that a comparison has room for (docs/decisions/0020).
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// For Thumb-2 and AArch64: to be run last.
class RoundLimitsPass : public llvm::PassInfoMixin<RoundLimitsPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
