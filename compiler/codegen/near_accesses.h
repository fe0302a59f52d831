// Accesses a constant apart share one address: what an earlier access has shown
// to be in bounds does not wrap a little further on.
// docs/decisions/0022-near-accesses.md
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run while accesses are calls, after loops have been versioned and
/// before redundant checks go, as more of them are for the same address then.
class NearAccessesPass : public llvm::PassInfoMixin<NearAccessesPass> {
public:
  /// Whether wm_translate traps, and not the access behind it.
  explicit NearAccessesPass(bool isChecked) : isChecked(isChecked) {}
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);

private:
  bool isChecked;
};

} // namespace wasmetal
