// Which loops may run in strips, and what their accesses are, iteration by
// iteration. docs/decisions/0024-strips.md says why that is sound.
#pragma once

#include "compiler/codegen/advance.h"
#include "compiler/codegen/carried_index.h"

#include "llvm/IR/Dominators.h"

#include <vector>

namespace wasmetal {

/// Accesses that are a constant apart, of one memory.
struct StripGroup {
  const llvm::SCEV *memory;
  const llvm::SCEV *base;
  /// i32: the address in the first iteration; with a variable of the loop, what
  /// does not vary.
  const llvm::SCEV *lead;
  llvm::PHINode *variable; // null: each iteration advances by a constant
  int64_t factor;          // of the variable
  Advance advance;
  int64_t low; // the lowest address, from the lead, without static offsets
  int64_t end; // behind the last byte, with them
  uint64_t minimum, maximum;
  /// Of a search that goes on where the last one ended: the lead's index.
  std::optional<CarriedIndex> index;
};

struct StripMember {
  llvm::CallInst *translate;
  size_t group;
  int64_t distance; // from the lead, static offset included
};

struct StripPlan {
  llvm::Loop *loop;
  unsigned length; // iterations of a strip
  std::vector<StripGroup> groups;
  std::vector<StripMember> members;
};

/// Nothing, if the loop should not or cannot run in strips.
std::optional<StripPlan> planStrips(llvm::Loop &loop,
                                    llvm::ScalarEvolution &scev,
                                    llvm::DominatorTree &dominators);

} // namespace wasmetal
