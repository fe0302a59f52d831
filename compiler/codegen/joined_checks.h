// One explicit check for accesses a constant apart that nothing can be seen
// between. docs/decisions/0019-redundant-checks.md
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run before NearAccessesPass and RedundantChecksPass, which do the
/// rest, and where wm_translate compares: what it is told of an access's size
/// is all that is compared. Which of the accesses is reported changes.
class JoinedChecksPass : public llvm::PassInfoMixin<JoinedChecksPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
