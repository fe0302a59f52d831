// Jump tables that speculative execution cannot leave.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Makes the index of a dense switch in guest code depend on its bounds by
/// data: LLVM then needs no branch before its table, of jumps or of values.
/// To be run when switches have been simplified and before tables are made.
class HardenSwitchesPass : public llvm::PassInfoMixin<HardenSwitchesPass> {
public:
  /// Whether the time that a mask takes in a loop is worth a table of 256
  /// entries.
  explicit HardenSwitchesPass(bool hasWholeTables)
      : hasWholeTables(hasWholeTables) {}
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &);
  static bool isRequired() { return true; } // at -O0, too

private:
  bool hasWholeTables;
};

} // namespace wasmetal
