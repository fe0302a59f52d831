// Which loops over vectors may run several iterations at once, and what there
// is to know of them. docs/decisions/0030-wider-vectors.md says why that is
// sound.
#pragma once

#include "compiler/codegen/counted_loop.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/IntrinsicInst.h"

#include <vector>

namespace wasmetal {

/// What all accesses of a row take up, relative to it, in the first iteration.
struct Extent {
  int64_t begin = INT64_MAX;
  int64_t end = INT64_MIN;
  bool stores = false;
};

/// A variable of integers that every iteration adds to, or the like: in
/// whichever order.
struct Reduction {
  llvm::PHINode *variable;
  llvm::Instruction *last;
  unsigned opcode;
  llvm::Intrinsic::ID id; // or that of a function
};

/// A number counts as a vector of one.
inline unsigned lanesOf(const llvm::Type *type) {
  auto *vector = llvm::dyn_cast<llvm::FixedVectorType>(type);
  return vector ? vector->getNumElements() : 1;
}

/// What does to each half of 256 bits what an instruction of x86 does to its
/// 128; nothing for others.
llvm::Intrinsic::ID doubled(llvm::Intrinsic::ID id);

class WidePlan {
public:
  /// For registers that hold so many iterations' vectors.
  WidePlan(llvm::Loop &loop, unsigned room)
      : loop(loop), body(loop.getHeader()), room(room) {}

  /// Whether the loop can be so many iterations at once.
  bool make(unsigned numCopies);

  /// Whether an instruction is for places and the loop's number.
  bool isAside(const llvm::Instruction &inst) const;
  /// How many lanes an instruction needs of each operand.
  llvm::SmallVector<unsigned, 4>
  lanesUsedBy(const llvm::Instruction &inst) const;

  llvm::Loop &loop;
  llvm::BasicBlock *const body;
  const unsigned room;
  CountedLoop counted = {};
  unsigned copies = 0;
  /// By row and step.
  llvm::MapVector<std::pair<llvm::Value *, int64_t>, Extent> extents;
  llvm::SmallVector<Reduction, 2> reductions;
  /// What reductions consist of.
  llvm::SmallPtrSet<const llvm::Instruction *, 8> reordered;
  /// How many lanes of an iteration's value matter, from the first one.
  llvm::DenseMap<const llvm::Value *, unsigned> used;

private:
  struct Access {
    Place place;
    int64_t size;
    bool stores;
  };

  bool findCount();
  bool canWiden(llvm::Instruction &inst);
  bool canWidenCall(const llvm::IntrinsicInst &call) const;
  bool findReduction(llvm::PHINode &variable);
  bool addAccess(llvm::Instruction &inst);
  bool keepsOrder() const;
  bool canLeave() const;
  bool isWorthwhile() const;
  void findUsed();

  std::vector<Access> accesses;
};

} // namespace wasmetal
