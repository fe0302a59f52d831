// Innermost loops of fast copies: how often they run, and where they access
// memory.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Instructions.h"

#include <optional>

namespace wasmetal {

/// A loop of a fast copy: it leaves in the iteration in which `number`, from 0,
/// is `last`, by its only exit. Its accesses do not trap, and their pointers
/// are a row plus number * step plus a constant.
struct CountedLoop {
  llvm::Loop *loop;
  llvm::PHINode *number;
  llvm::ICmpInst *exit; // compares number and last
  llvm::Value *last;    // i64, below 2^32
};

/// Where an access goes: row + number * step + distance.
struct Place {
  llvm::Value *row; // does not vary in the loop
  int64_t step;
  int64_t distance;
};

/// Nothing, where a pointer is made of something else.
std::optional<Place> placeOf(llvm::Value *pointer, const CountedLoop &counted);

/// Whether two accesses of one iteration are known to have no byte in common.
bool areApart(const Place &one, int64_t oneSize, const Place &two,
              int64_t twoSize);

/// Whether the loop's number serves for more than places and the exit.
bool hasOtherUses(const CountedLoop &counted);

} // namespace wasmetal
