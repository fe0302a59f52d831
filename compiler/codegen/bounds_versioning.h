// Two copies of a loop nest, and a test before them: where the first and the
// last address of each access are in bounds, nothing in between is out, nothing
// wraps, and no access can trap. Such a nest runs as a copy that LLVM may
// reorder and vectorise; any other as the nest that was.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run while accesses are calls of wm_translate that nobody looks into,
/// on loops in simple and LCSSA form, before induction variables are widened.
class BoundsVersioningPass : public llvm::PassInfoMixin<BoundsVersioningPass> {
public:
  /// The name under which it remarks, of each loop that accesses memory, what
  /// became of it.
  static constexpr llvm::StringLiteral Remarks = "bounds-versioning";

  /// With strips to follow, searches are left to them that may run so and need
  /// many tests here.
  explicit BoundsVersioningPass(bool hasStrips) : hasStrips(hasStrips) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);

private:
  bool hasStrips;
};

} // namespace wasmetal
