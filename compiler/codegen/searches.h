// Loops that end by what they load, and what LLVM needs to know of them: it
// makes vectors of such a loop where it may load what lies behind the end.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/IRBuilder.h"

namespace wasmetal {

/// The iterations behind the first one that an innermost loop makes where
/// nothing that it loads ends it, 32 bits. Null where that is not known, or it
/// does more than load.
const llvm::SCEV *searchCount(const llvm::Loop &loop,
                              llvm::ScalarEvolution &scev);

/// Says that so many bytes from a row's beginning may be read, now and later.
void assumeReadable(llvm::IRBuilder<> &builder, llvm::Instruction *row,
                    llvm::Value *bytes);

} // namespace wasmetal
