// Where a producer's unrolled loop begins. It comes to a multiple of a power of
// two by first doing a few iterations one by one, unless there are none of
// those: two ways, and a variable that is what one of them ended with. That is
// a sum, which says that what is left is a multiple.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Dominators.h"

namespace wasmetal {

/// Whether control comes from one block to another one, between which there are
/// no ways in, if `remainder`, a number modulo 2^n, is zero (or is not), and
/// not otherwise.
bool isDecidedBy(const llvm::SCEV *remainder, bool isZero,
                 const llvm::BasicBlock *from, const llvm::BasicBlock *to,
                 llvm::ScalarEvolution &scev);

/// Makes sums of such variables; whether there were any.
bool restoreStarts(llvm::Function &function, const llvm::LoopInfo &loops,
                   const llvm::DominatorTree &dominators,
                   llvm::ScalarEvolution &scev);

} // namespace wasmetal
