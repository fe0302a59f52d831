// Explicit checks that need not be made: an access at the same address has been
// checked before, as far as this one reaches, or no value that the address can
// have leads beyond the size that the memory begins with. Memories never
// shrink. The sandbox rests on this file.
#pragma once

#include "llvm/IR/Instructions.h"
#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Whether this function of the runtime traps by a branch, so that what is
/// behind its call is in bounds, depends on the memory strategy: `isCheck`
/// says so of a function's name. To be run while accesses are calls, after
/// loops have been versioned: their tests are made of checks. Before loops run
/// in strips, it may look for what is checked `behindLoops`, at an address that
/// a loop ended with: copies of the loop hide that.
class RedundantChecksPass : public llvm::PassInfoMixin<RedundantChecksPass> {
public:
  using Predicate = bool (*)(llvm::StringRef);
  explicit RedundantChecksPass(Predicate isCheck, bool behindLoops = false)
      : isCheck(isCheck), behindLoops(behindLoops) {}
  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);

private:
  Predicate isCheck;
  bool behindLoops;
};

/// Puts the address of an access that is known to be in bounds in its check's
/// place.
void replaceCheck(llvm::CallInst &check);

} // namespace wasmetal
