// What a nest of loops does with linear memory, in exact integers: for each
// access the lowest and the highest address that it can have, as expressions
// that do not vary in the nest, and the conditions under which they are right.
//
// WebAssembly's addresses are computed modulo 2^32 or 2^64, so LLVM cannot tell
// that a row of addresses ascends. Here an address is lead + delta +
// sum(step * k) with the iteration numbers k of the nest's loops, taken in Z.
// That is congruent to the address; where the whole range lies in the memory,
// it is the address, and nothing wrapped.
// docs/decisions/0015-bounds-versioning.md says why this is sound. The sandbox
// rests on this file.
#pragma once

#include "llvm/ADT/MapVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace wasmetal {

/// zext(lead) + delta + sum(steps[X] * k_X) + sum(leaves[S] * zext(S)), in Z.
struct Affine {
  /// i32, or i64 and to be tested by LoopNest::requireLead; does not vary in
  /// the nest.
  const llvm::SCEV *lead = nullptr;
  int64_t delta = 0;
  /// By i64 values, constants and others, that do not vary in the nest.
  llvm::SmallVector<std::pair<const llvm::Loop *, const llvm::SCEV *>, 3> steps;
  /// i32 or i64 values that vary in the nest, with bounds that are known; and
  /// what they are multiplied by, like steps.
  llvm::SmallVector<std::pair<const llvm::SCEV *, const llvm::SCEV *>, 1>
      leaves;

  /// Null where it is zero.
  const llvm::SCEV *stepOf(const llvm::Loop *loop) const;
  /// Whether this differs from another one by a constant, at most.
  bool isParallelTo(const Affine &other) const;
};

// What keeps sums in 64 bits.
constexpr int64_t MaxStep = int64_t(1) << 27;
constexpr int64_t TwoTo32 = int64_t(1) << 32;
/// What is beyond no memory, and where a lead of 64 bits has to end.
constexpr int64_t LeadLimit = int64_t(1) << 48;

/// |value| < limit
bool isBelow(int64_t limit, int64_t value);

/// That a SCEV is, of which ScalarEvolution knows no more; else null.
llvm::Instruction *instructionOf(const llvm::SCEV *value);

/// Of a SCEV that is a constant.
std::optional<int64_t> constantOf(const llvm::SCEV *value);

/// Inclusive, i64, not varying in the nest.
struct Range {
  const llvm::SCEV *low;
  const llvm::SCEV *high;
};

/// Calls of wm_translate and wm_translate64, and their operands.
struct Translate {
  enum { Memory, Base, Address, Offset, Size, Minimum, Maximum };
  /// A wm_translate, whose address has been extended from 32 bits.
  static llvm::CallInst *match(llvm::Instruction &inst);
  /// That, or a wm_translate64.
  static llvm::CallInst *matchAny(llvm::Instruction &inst);
  /// Whether an address that matchAny found may have more than 32 bits.
  static bool isWide(const llvm::CallInst &translate);
  /// The address before it was extended; null if it may be wide, or has not
  /// been.
  static llvm::Value *narrowAddress(const llvm::CallInst &translate);
  /// Its address, i32 unless it may be wide.
  static const llvm::SCEV *addressOf(const llvm::CallInst &translate,
                                     llvm::ScalarEvolution &scev);
  /// Whether static offset and least size are small enough to calculate with,
  /// which of a 64-bit memory may be anything, and pointers as wide as the
  /// address.
  static bool isSmall(const llvm::CallInst &translate);
  /// Whether what comes out is used by ordinary loads and stores alone, which
  /// need no order among themselves where they cannot trap. Atomic ones do;
  /// shared memories have a translation of their own.
  static bool hasPlainUses(const llvm::CallInst &translate);
};

/// One translation whose addresses are known.
struct Access {
  llvm::CallInst *translate;
  const llvm::Loop *loop;   // innermost around it
  const llvm::SCEV *memory; // neither varies in the nest
  const llvm::SCEV *base;
  Affine address; // without the static offset
  int64_t offset;
  int64_t size; // bytes

  uint64_t limit(unsigned operand) const; // Translate::Minimum or Maximum
};

class LoopNest {
public:
  LoopNest(llvm::Loop *loop, llvm::ScalarEvolution &scev, llvm::LoopInfo &loops,
           llvm::DominatorTree &dominators)
      : loop(loop), scev(scev), loops(loops), dominators(dominators) {}

  /// Finds all accesses; those that cannot be described are `left`.
  void analyze();
  /// The extremes of an affine value over all iterations of the nest.
  std::optional<Range> range(const Affine &value);
  const llvm::SCEV *number(int64_t value);
  /// Adds the conditions under which a lead is small enough to calculate with.
  void requireLead(const llvm::SCEV *lead);
  /// The iterations behind the first one that a loop with one exit makes, as
  /// far as they are known: 32 bits, under the conditions.
  const llvm::SCEV *count(const llvm::Loop *inner);
  /// The iterations that a loop makes where it is entered, at most, if numbers
  /// alone bound them; under the conditions.
  std::optional<uint64_t> mostIterations(const llvm::Loop *inner) const;
  /// Whether an access is left whose fault is the trap.
  bool leavesFaults() const;

  llvm::Loop *const loop;
  bool trapsByFault = false; // there are no checks to lose
  std::vector<Access> accesses;
  std::vector<llvm::CallInst *> left;
  /// i64 values that must not be negative for any of this to hold.
  std::vector<const llvm::SCEV *> conditions;
  /// What must hold besides for the outermost loop's count.
  llvm::SmallVector<const llvm::SCEVPredicate *, 4> predicates;

private:
  /// Where attempts that fail return to: no fact may outlive its conditions.
  struct Mark {
    size_t trips, counts, leaves, conditions;
  };
  Mark mark() const;
  void rollBack(const Mark &mark);

  std::optional<Access> describe(llvm::CallInst *translate);
  std::optional<Access> describe(llvm::CallInst *translate,
                                 const llvm::SCEV *address);
  const llvm::SCEV *withMasks(llvm::Value *address, unsigned depth = 0);
  std::optional<Affine> affine(const llvm::SCEV *value);
  bool decompose(const llvm::SCEV *value, const llvm::SCEV *scale,
                 unsigned depth, Affine &out,
                 llvm::SmallVectorImpl<const llvm::SCEV *> &invariant);
  bool decomposeExtension(const llvm::SCEV *value, const llvm::SCEV *scale,
                          Affine &out,
                          llvm::SmallVectorImpl<const llvm::SCEV *> &invariant);
  const llvm::SCEV *inIntegers(const llvm::SCEV *step);
  template <typename List, typename Key>
  void addTerm(List &terms, Key key, const llvm::SCEV *factor);
  bool requireSmall(const llvm::SCEV *step);
  bool ascends(const llvm::SCEV *step);
  void require(const llvm::SCEV *notNegative);
  std::optional<Affine> trip(const llvm::Loop *inner);
  bool computeTrip(const llvm::Loop *inner, Affine &out);
  struct Side {
    const llvm::SCEV *start; // i32, does not vary in the nest
    const llvm::SCEV *step;  // i64, positive under the conditions; null if none
  };
  std::optional<Side> side(const llvm::SCEV *value, const llvm::Loop *inner,
                           bool ascends);
  const llvm::SCEV *passedExits(const llvm::Loop *inner);
  const llvm::SCEV *passedExits(const llvm::Loop *inner,
                                const llvm::BasicBlock *exiting);
  const llvm::SCEV *requireNarrow(const llvm::SCEV *count);
  bool divisibleTrip(const llvm::Loop *inner, const llvm::SCEV *backedges,
                     Affine &out);
  bool require(const Affine &count, bool mayBeZero);
  bool isNotZero(const llvm::SCEV *count, const llvm::BasicBlock *block,
                 unsigned depth = 0);
  bool isEntered(const llvm::Loop *inner, const llvm::SCEV *count);
  bool isGuardedIn(const llvm::Loop *inner, const llvm::Loop *parent,
                   const llvm::SCEV *iteration);
  std::optional<Range> leafRange(const llvm::SCEV *leaf);
  std::optional<Range> computeLeafRange(const llvm::SCEV *leaf);
  std::optional<Range> variableRange(llvm::Instruction &variable);
  std::optional<Range> movedRange(llvm::PHINode &variable);
  std::optional<Range> exactRange(const llvm::SCEV *value);
  const llvm::SCEV *extreme(const Affine &value, bool isHigh);

  llvm::ScalarEvolution &scev;
  llvm::LoopInfo &loops;
  llvm::DominatorTree &dominators;
  /// Nothing: not known, or being found out.
  llvm::MapVector<const llvm::Loop *, std::optional<Affine>> trips;
  /// Of loops with one exit, where ScalarEvolution knows none.
  llvm::MapVector<const llvm::Loop *, const llvm::SCEV *> counts;
  llvm::MapVector<const llvm::SCEV *, std::optional<Range>> leafRanges;
  unsigned visits = 0; // of what is decomposed: sums of products multiply
};

} // namespace wasmetal
