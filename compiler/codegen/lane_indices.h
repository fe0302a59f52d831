// A producer that vectorises a loop whose accesses have gaps counts in a
// vector, and takes addresses out of its lanes. As numbers, these ascend.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Makes numbers of lanes of vectors that loops count in, where they become
/// addresses. To be run before loops are versioned.
/// docs/decisions/0015-bounds-versioning.md says why it is sound.
class LaneIndicesPass : public llvm::PassInfoMixin<LaneIndicesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
};

} // namespace wasmetal
