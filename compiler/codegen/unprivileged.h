// Accesses that a memory protection unit checks. What has an explicit check
// still, once loops are versioned and redundant checks removed, becomes an
// unprivileged load or store of Cortex-M, whose fault is the trap. The sandbox
// rests on this file.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// `memory` is the symbol of the one memory that has a region. To be run while
/// accesses are calls, on guest code.
class UnprivilegedPass : public llvm::PassInfoMixin<UnprivilegedPass> {
public:
  explicit UnprivilegedPass(std::string memory) : memory(std::move(memory)) {}
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);
  static bool isRequired() { return true; }

private:
  std::string memory;
};

} // namespace wasmetal
