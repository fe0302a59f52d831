// A copy of a loop that begins elsewhere and leaves to the same places.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

namespace wasmetal {

/// The copy and its preheader stand before `next`, and are dominated by
/// `before`, whose branch to them is the caller's. `clones` gets what became
/// what. Exits are left with blocks that both loops go to, and the dominator
/// tree without knowing that.
llvm::Loop *copyLoop(llvm::Loop &loop, llvm::BasicBlock *next,
                     llvm::BasicBlock *before, const char *suffix,
                     llvm::ValueToValueMapTy &clones, llvm::LoopInfo &loops,
                     llvm::DominatorTree &dominators);

} // namespace wasmetal
