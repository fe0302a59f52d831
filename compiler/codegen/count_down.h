// Loops that count down and end behind zero take the end from the subtraction.
// docs/decisions/0020-static-instance.md
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run last: LLVM's passes know loops by comparisons.
class CountDownPass : public llvm::PassInfoMixin<CountDownPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
