// Searches that go on where the last one ended: `while (x[++i] < p)` in a loop.
// Producers advance an address beside the index, and the outer loop computes it
// anew; here the address is found to be the index again, times a factor, and
// what does not vary in the outer loop either.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Instructions.h"

#include <cstdint>
#include <optional>

namespace wasmetal {

/// factor * (variable + ahead) + sum(terms), modulo 2^32.
struct CarriedIndex {
  llvm::PHINode *variable; // of the inner loop
  int64_t ahead;           // 0, or what each iteration adds
  const llvm::SCEV *place; // the address
  uint32_t factor;
  /// Neither varies in the outer loop: values, and what they are multiplied by.
  llvm::SmallVector<std::pair<llvm::Value *, uint32_t>, 2> terms;
};

/// Of an i32 address in an inner loop whose variable the outer loop hands from
/// one run of the inner loop to the next.
std::optional<CarriedIndex> carriedIndexOf(llvm::Value *address,
                                           const llvm::Loop &loop,
                                           llvm::ScalarEvolution &scev);

/// Whether `from` is computed of `wanted` within the loop, or in iterations
/// before: as a part of it, or `byComparison` as well.
bool dependsOn(llvm::Value *from, const llvm::Instruction &wanted,
               const llvm::Loop &loop, bool byComparison);

} // namespace wasmetal
