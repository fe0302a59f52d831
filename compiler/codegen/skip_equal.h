// Loops that look for the first difference between two strings of bytes, as
// memcmp does, do not run where the strings are equal: a function of the
// runtime that compares eight bytes at a time says how many iterations that is.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run while accesses are calls of wm_translate, on loops in simple form.
class SkipEqualPass : public llvm::PassInfoMixin<SkipEqualPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
