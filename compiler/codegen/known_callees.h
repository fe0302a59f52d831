// Loops that call what an index selects (docs/decisions/0015).
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Makes a loop for each of the callees, which is inlined, where the index does
/// not vary. To be run before loops are versioned.
class KnownCalleesPass : public llvm::PassInfoMixin<KnownCalleesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
