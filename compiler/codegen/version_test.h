// The test before a nest of loops that has been analysed: whether its accesses
// are all in bounds, and what else has to hold. docs/decisions/0015 says why
// that is sound.
#pragma once

#include "compiler/codegen/loop_nest.h"

#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

#include <vector>

namespace wasmetal {

/// What processors of 32 bits load and store at a time.
constexpr int64_t WordSize = 4;

class VersionTest {
public:
  /// `number`: the type that addresses are computed in where it holds.
  VersionTest(LoopNest &nest, llvm::ScalarEvolution &scev,
              llvm::SCEVExpander &expander, llvm::Type *number)
      : nest(nest), scev(scev), expander(expander),
        i64(llvm::Type::getInt64Ty(scev.getContext())), number(number),
        before(nest.loop->getLoopPreheader()->getTerminator()) {}

  /// Finds out what is to be tested; accesses get leads that they share. False
  /// where it cannot be tested, is known to fail, or is more than so much.
  bool collect(size_t maxTests);
  /// Makes the test at the end of the preheader; null: nothing is to be tested.
  llvm::Value *emit();
  /// Whether an access is at a multiple of words where the test holds.
  bool isAligned(const Access &access) const;

  // What addresses are made of, computed with the test.
  llvm::DenseMap<const llvm::SCEV *, llvm::Value *> leads;
  llvm::DenseMap<const llvm::SCEV *, llvm::Value *> bases;
  llvm::DenseMap<const llvm::SCEV *, llvm::Value *> factors; // no constants

private:
  /// What stands this far from a lead is at a multiple of words.
  struct AlignedLead {
    int64_t place;
    bool isKnown; // or to be tested
  };

  void shareLeads();
  bool collectBounds();
  void alignLeads();
  bool movesByWords(const Access &access) const;
  bool collectTests(size_t maxTests);
  bool isExpandable(const llvm::SCEV *value);
  void emitSizeTests();
  template <typename List> void emitFactors(const List &terms);
  void require(llvm::Value *test);

  LoopNest &nest;
  llvm::ScalarEvolution &scev;
  llvm::SCEVExpander &expander;
  llvm::Type *i64;
  llvm::Type *number;
  llvm::Instruction *before; // where tests go

  llvm::Value *holds = nullptr; // what has been made of it
  /// The extreme constants of what is otherwise the same bound. The upper ones
  /// are by memory.
  llvm::MapVector<const llvm::SCEV *, int64_t> lowest;
  llvm::MapVector<std::pair<const llvm::SCEV *, const llvm::SCEV *>, int64_t>
      highest;
  llvm::MapVector<const llvm::SCEV *, const Access *> memories;
  std::vector<const llvm::SCEV *> notNegative;
  llvm::MapVector<const llvm::SCEV *, AlignedLead> alignedLeads;
  /// What must not be beyond the size of a memory, which is to be loaded.
  std::vector<std::pair<const llvm::SCEV *, const llvm::SCEV *>> ends;
};

} // namespace wasmetal
