// Accesses that loops leave to their checks, by a limit of the index that
// varies: docs/decisions/0029-index-limits.md.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

class IndexLimitsPass : public llvm::PassInfoMixin<IndexLimitsPass> {
public:
  /// Whether accesses compare anyway.
  explicit IndexLimitsPass(bool isChecked) : isChecked(isChecked) {}
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);

private:
  bool isChecked;
};

} // namespace wasmetal
