// Loops whose end nobody knows beforehand, such as searches, run in strips:
// before a few iterations is tested that all of their accesses are in bounds,
// and then none of them is.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run while accesses are calls of wm_translate, after loops have been
/// versioned, on loops in simple form and LCSSA form.
class LoopStripsPass : public llvm::PassInfoMixin<LoopStripsPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
