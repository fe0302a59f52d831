// Operations with neutral constants, which quiet signalling NaNs.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Hides the constants that LLVM would drop an operation for, as in `x * 1`. To
/// be run before anything simplifies, and when locals are values, so that it
/// sees them.
class KeepQuietingPass : public llvm::PassInfoMixin<KeepQuietingPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &);
  static bool isRequired() { return true; } // at -O0, too
};

} // namespace wasmetal
