// What passes say that they leave as it was.
#pragma once

#include "llvm/IR/Analysis.h"

namespace wasmetal {

/// Of a pass that changes instructions, and no branches.
inline llvm::PreservedAnalyses keepingBranches(bool changed = true) {
  if (!changed)
    return llvm::PreservedAnalyses::all();
  llvm::PreservedAnalyses preserved;
  preserved.preserveSet<llvm::CFGAnalyses>();
  return preserved;
}

} // namespace wasmetal
