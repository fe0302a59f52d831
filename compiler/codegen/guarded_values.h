// What branches say of a variable that data moves: in `while (i < n && x[i] ==
// y) i++`, or where an interval is halved, i stays below an end that does not
// vary, whichever loop moves it on and however often.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

#include <optional>

namespace wasmetal {

/// Inclusive, i64, signed, none of them varying in the nest: the bounds of a
/// value if `low` is not negative and `most` is at most INT32_MAX.
struct GuardedRange {
  const llvm::SCEV *low;
  const llvm::SCEV *high;
  const llvm::SCEV *most; // of all that it is made of
};

std::optional<GuardedRange> guardedRange(llvm::Instruction &value,
                                         const llvm::Loop &nest,
                                         llvm::ScalarEvolution &scev,
                                         const llvm::DominatorTree &dominators);

/// Whether an instruction computes the middle of two values, or looks so.
bool isMiddle(llvm::Instruction &inst);

} // namespace wasmetal
