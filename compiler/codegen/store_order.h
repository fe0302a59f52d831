// Plain stores beside accesses whose fault is the trap.
#pragma once

#include "llvm/Analysis/LoopInfo.h"

namespace wasmetal {

/// Keeps plain stores on their side of a place: beyond it there may be a
/// volatile access, whose fault shows what memory holds, and to LLVM the two
/// may change places. No instruction comes of it, and loads move as they like.
void keepStores(llvm::Instruction *before);

/// The same around a loop: before it, and wherever it is left to. It has a
/// preheader.
void keepStoresIn(const llvm::Loop &loop);

} // namespace wasmetal
