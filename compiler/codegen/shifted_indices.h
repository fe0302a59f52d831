// Elements whose index is a number shifted right, in the form that an x86 adds
// at once.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// In a sum, makes (x >> 5) * 4 of (x >> 3) & -4, x being signed.
class ShiftedIndicesPass : public llvm::PassInfoMixin<ShiftedIndicesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &,
                              llvm::FunctionAnalysisManager &);
};

} // namespace wasmetal
