// By how much a variable of a loop changes from one iteration to the next,
// where that depends on what the iteration finds: `x[kept++] = y` behind a
// condition.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Instructions.h"

#include <cstdint>
#include <optional>

namespace wasmetal {

/// What is added, in Z, inclusive.
struct Advance {
  int64_t least;
  int64_t most;
};

// What is added at a time is below it.
constexpr int64_t MaxAdvance = int64_t(1) << 20;

/// What each iteration of the loop adds to a variable, which is a phi of its
/// header: congruent modulo 2^n to a number between these two.
std::optional<Advance> advanceOf(llvm::PHINode &variable,
                                 const llvm::Loop &loop,
                                 llvm::ScalarEvolution &scev);

} // namespace wasmetal
