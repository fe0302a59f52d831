// SSE2 saturates words as signed ones only; unsigned ones are moved there and
// back, which is not needed where none is large.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Takes away what docs/decisions/0010-vector-instructions.md adds.
class NarrowRangesPass : public llvm::PassInfoMixin<NarrowRangesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &,
                              llvm::FunctionAnalysisManager &);
};

} // namespace wasmetal
