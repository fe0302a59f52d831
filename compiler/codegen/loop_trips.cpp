// How often the loops of a nest run: at most, for the sake of addresses, and
// exactly, for the sake of whoever counts iterations instead. The sandbox rests
// on this file.
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/unrolled_starts.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"

using namespace llvm;
using namespace wasmetal;

std::optional<Affine> LoopNest::trip(const Loop *inner) {
  auto known = trips.find(inner);
  if (known != trips.end())
    return known->second;
  trips.insert({inner, std::nullopt}); // while it is being found out
  Affine count;
  bool isKnown =
      computeTrip(inner, count) && all_of(count.steps, [&](auto &term) {
        return term.first != inner && term.first->contains(inner);
      });
  if (!isKnown)
    return std::nullopt;
  trips[inner] = count;
  return count;
}

/// Adds the conditions under which a count is what its affine form says.
bool LoopNest::require(const Affine &count, bool mayBeZero) {
  std::optional<Range> bounds = range(count);
  if (!bounds)
    return false;
  requireLead(count.lead);
  conditions.push_back(mayBeZero ? bounds->low
                                 : scev.getMinusSCEV(bounds->low, number(1)));
  conditions.push_back(scev.getMinusSCEV(number(TwoTo32), bounds->high));
  return true;
}

/// (c * y - c) / c + 1 is y where c * y is not zero: what producers' unrolled
/// loops count.
bool LoopNest::divisibleTrip(const Loop *inner, const SCEV *backedges,
                             Affine &out) {
  auto *quotient = dyn_cast<SCEVUDivExpr>(backedges);
  auto *divisor =
      quotient ? dyn_cast<SCEVConstant>(quotient->getRHS()) : nullptr;
  if (!divisor || divisor->isZero())
    return false;
  const SCEV *product = scev.getAddExpr(quotient->getLHS(), divisor);
  const SCEV *count = scev.getUDivExpr(product, divisor);
  const SCEV *zero = scev.getZero(product->getType());
  if (scev.getMulExpr(count, divisor) != product)
    return false;
  if (!scev.isLoopEntryGuardedByCond(inner, ICmpInst::ICMP_NE, product, zero) &&
      !isNotZero(count, inner->getLoopPreheader()) &&
      !scev.isKnownNonZero(scev.applyLoopGuards(count, inner)) &&
      !isEntered(inner, count))
    return false;
  std::optional<Affine> form = affine(count);
  if (!form || !require(*form, /*mayBeZero=*/true))
    return false;
  out = *form;
  return true;
}

/// A side of a comparison: what it begins with, and by how much it comes nearer
/// to the other side. Null where that is unknown, or it may go away from it.
std::optional<LoopNest::Side> LoopNest::side(const SCEV *value,
                                             const Loop *inner, bool ascends) {
  if (scev.isLoopInvariant(value, loop))
    return Side{value, nullptr};
  auto *recurrence = dyn_cast<SCEVAddRecExpr>(value);
  if (!recurrence || recurrence->getLoop() != inner ||
      !recurrence->isAffine() ||
      !scev.isLoopInvariant(recurrence->getStart(), loop))
    return std::nullopt;
  const SCEV *step = inIntegers(recurrence->getStepRecurrence(scev));
  if (!step)
    return std::nullopt;
  if (!ascends)
    step = scev.getNegativeSCEV(step);
  if (!isa<SCEVConstant>(step))
    require(scev.getMinusSCEV(step, number(1)));
  else if (*constantOf(step) <= 0)
    return std::nullopt;
  return Side{recurrence->getStart(), step};
}

/// How often an exit is passed by whose comparison ScalarEvolution cannot count
/// with, as its variable might wrap: `i + 4 <= n` may hold for ever; or as both
/// sides vary: `i++ < j--`. Neither wraps where their last values are numbers
/// of their type, which becomes a condition. Null where that cannot be told
/// before the nest.
const SCEV *LoopNest::passedExits(const Loop *inner,
                                  const BasicBlock *exiting) {
  auto *branch = dyn_cast<BranchInst>(exiting->getTerminator());
  auto *compare = branch && branch->isConditional()
                      ? dyn_cast<ICmpInst>(branch->getCondition())
                      : nullptr;
  if (!compare || !compare->isRelational() ||
      (!compare->getOperand(0)->getType()->isIntegerTy(32) &&
       !compare->getOperand(0)->getType()->isIntegerTy(64)) ||
      loops.getLoopFor(exiting) != inner ||
      !dominators.dominates(exiting, inner->getLoopLatch()))
    return nullptr;
  const SCEV *low = scev.getSCEV(compare->getOperand(0));
  const SCEV *high = scev.getSCEV(compare->getOperand(1));
  CmpInst::Predicate stays = inner->contains(branch->getSuccessor(0))
                                 ? compare->getPredicate()
                                 : compare->getInversePredicate();
  if (ICmpInst::isGT(stays) || ICmpInst::isGE(stays)) {
    std::swap(low, high);
    stays = CmpInst::getSwappedPredicate(stays);
  }
  std::optional<Side> up = side(low, inner, /*ascends=*/true);
  std::optional<Side> down =
      up ? side(high, inner, /*ascends=*/false) : std::nullopt;
  if (!down || (!up->step && !down->step))
    return nullptr;

  // In Z, where the one gets no farther than a step beyond what the other one
  // began with.
  bool isSigned = CmpInst::isSigned(stays);
  Type *i64 = Type::getInt64Ty(scev.getContext());
  auto wide = [&](const SCEV *value) {
    requireLead(value);
    return isSigned ? scev.getNoopOrSignExtend(value, i64)
                    : scev.getNoopOrZeroExtend(value, i64);
  };
  bool isWide = low->getType() == i64;
  const SCEV *lowest = wide(up->start);
  const SCEV *highest = wide(down->start);
  if (CmpInst::isStrictPredicate(stays))
    highest = scev.getMinusSCEV(highest, number(1));
  const SCEV *step = number(0), *way = scev.getMinusSCEV(highest, lowest);
  if (up->step) {
    step = scev.getAddExpr(step, up->step);
    int64_t most = isWide ? 2 * LeadLimit : isSigned ? INT32_MAX : TwoTo32 - 1;
    conditions.push_back(
        scev.getMinusSCEV(number(most), scev.getAddExpr(highest, up->step)));
  }
  if (down->step) {
    step = scev.getAddExpr(step, down->step);
    int64_t least = !isSigned ? 0 : isWide ? -LeadLimit : INT32_MIN;
    int64_t strict = CmpInst::isStrictPredicate(stays);
    conditions.push_back(scev.getMinusSCEV(
        scev.getAddExpr(lowest, number(strict - least)), down->step));
  }
  way = scev.getAddExpr(way, step);
  conditions.push_back(way);
  // Nothing may be divided by zero, even where the conditions do not hold.
  return scev.getUDivExpr(way, scev.getUMaxExpr(step, number(1)));
}

/// The iterations behind the first one, at most, where ScalarEvolution has no
/// bound.
const SCEV *LoopNest::passedExits(const Loop *inner) {
  SmallVector<BasicBlock *, 4> exiting;
  inner->getExitingBlocks(exiting);
  for (const BasicBlock *block : exiting) {
    Mark before = mark();
    if (const SCEV *passed = passedExits(inner, block)) {
      if (exiting.size() == 1)
        counts.insert({inner, passed});
      return passed;
    }
    rollBack(before);
  }
  return scev.getCouldNotCompute();
}

/// A count in 32 bits, if need be under a condition. Where it varies in the
/// nest, so that there is none, it stays what it is. Null if it is wider.
const SCEV *LoopNest::requireNarrow(const SCEV *count) {
  constexpr unsigned Widest = 64;
  Type *i32 = Type::getInt32Ty(scev.getContext());
  if (scev.getUnsignedRangeMax(count).getActiveBits() <= 32)
    return scev.getTruncateOrZeroExtend(count, i32);
  if (scev.getTypeSizeInBits(count->getType()) != Widest)
    return nullptr;
  if (!scev.isLoopInvariant(count, loop))
    return count;
  conditions.push_back(count);
  conditions.push_back(scev.getMinusSCEV(number(TwoTo32 - 1), count));
  return scev.getTruncateExpr(count, i32);
}

bool LoopNest::computeTrip(const Loop *inner, Affine &out) {
  const SCEV *backedges = scev.getSymbolicMaxBackedgeTakenCount(inner);
  // What a variable's range allows is no count.
  bool isGuess = isa<SCEVConstant>(backedges) && inner->getExitingBlock() &&
                 isa<SCEVCouldNotCompute>(scev.getBackedgeTakenCount(inner));
  if (isGuess || isa<SCEVCouldNotCompute>(backedges)) {
    const SCEV *passed = passedExits(inner);
    if (!isa<SCEVCouldNotCompute>(passed))
      backedges = passed;
  }
  if (isa<SCEVCouldNotCompute>(backedges) && inner == loop) {
    predicates.clear();
    backedges =
        scev.getPredicatedSymbolicMaxBackedgeTakenCount(inner, predicates);
    if (isa<SCEVCouldNotCompute>(backedges))
      predicates.clear();
  }
  if (isa<SCEVCouldNotCompute>(backedges))
    return false;
  backedges = requireNarrow(backedges);
  if (!backedges)
    return false;
  Type *type = backedges->getType();

  if (inner == loop) {
    // Whoever asks is in the loop, which was entered: no way around.
    out.lead = backedges;
    out.delta = 1;
    return scev.isLoopInvariant(backedges, loop);
  }
  Mark before = mark();
  if (divisibleTrip(inner, backedges, out))
    return true;
  rollBack(before);
  // Where the loop is not entered with a count of zero, the count is better
  // than the backedges, which are -1 then.
  const SCEV *count = scev.getAddExpr(backedges, scev.getOne(type));
  bool isNeverZero = scev.isLoopEntryGuardedByCond(
      inner, ICmpInst::ICMP_NE, backedges, scev.getMinusOne(type));
  if (!isNeverZero) {
    isNeverZero =
        isNotZero(count, inner->getLoopPreheader()) || isEntered(inner, count);
    if (!isNeverZero)
      rollBack(before);
  }
  const SCEV *base = isNeverZero ? count : backedges;
  if (scev.isLoopInvariant(backedges, loop)) {
    out = Affine();
    out.lead = base;
    out.delta = isNeverZero ? 0 : 1;
    return true;
  }
  std::optional<Affine> form = affine(base);
  if (!form)
    return false;
  out = *form;
  if (!isNeverZero)
    out.delta += 1;
  return require(out, /*mayBeZero=*/isNeverZero);
}

/// Of what is taken modulo a power of two, as `x & 3`; else null.
static const SCEV *dividendOf(const SCEV *remainder, APInt &modulus) {
  auto *wide = dyn_cast<SCEVZeroExtendExpr>(remainder);
  auto *narrow =
      wide ? dyn_cast<SCEVTruncateExpr>(wide->getOperand()) : nullptr;
  if (!narrow || narrow->getOperand()->getType() != remainder->getType())
    return nullptr;
  unsigned bits = narrow->getType()->getIntegerBitWidth();
  modulus =
      APInt::getOneBitSet(remainder->getType()->getIntegerBitWidth(), bits);
  return narrow->getOperand();
}

/// Whether the branches on each way to a block keep it from being entered when
/// `count` is zero. What is left by an unrolled loop is also what a loop makes
/// that is too short for it: below the modulus, `x & 3` is x.
bool LoopNest::isNotZero(const SCEV *count, const BasicBlock *block,
                         unsigned depth) {
  constexpr unsigned MaxDepth = 4;
  const SCEV *zero = scev.getZero(count->getType());
  if (scev.isBasicBlockEntryGuardedByCond(block, ICmpInst::ICMP_NE, count,
                                          zero))
    return true;
  while (const BasicBlock *before = block->getSinglePredecessor()) {
    if (isDecidedBy(count, /*isZero=*/false, before, block, scev))
      return true;
    block = before;
  }
  if (depth == MaxDepth || pred_empty(block) || loops.isLoopHeader(block))
    return false;
  auto closes = [&](const BasicBlock *before) {
    auto *branch = dyn_cast<BranchInst>(before->getTerminator());
    if (!branch)
      return false;
    auto *compare = branch->isConditional()
                        ? dyn_cast<ICmpInst>(branch->getCondition())
                        : nullptr;
    if (!compare || branch->getSuccessor(0) == branch->getSuccessor(1))
      return isNotZero(count, before, depth + 1);
    CmpInst::Predicate holds = branch->getSuccessor(0) == block
                                   ? compare->getPredicate()
                                   : compare->getInversePredicate();
    const SCEV *left = scev.getSCEV(compare->getOperand(0));
    const SCEV *right = scev.getSCEV(compare->getOperand(1));
    if (left == count && right == zero && holds == ICmpInst::ICMP_NE)
      return true;
    APInt modulus;
    const SCEV *whole = dividendOf(count, modulus);
    auto *limit = dyn_cast<SCEVConstant>(right);
    return isNotZero(whole && left == whole && holds == ICmpInst::ICMP_ULT &&
                             limit && limit->getAPInt().ule(modulus)
                         ? whole
                         : count,
                     before, depth + 1);
  };
  return all_of(predecessors(block), closes);
}

/// Whether the branches before `inner` keep it from being entered when `count`
/// is zero, for one that goes up by a constant from zero in its parent, or down
/// by one: that is in the parent's first iterations, or when it got down to
/// zero.
bool LoopNest::isEntered(const Loop *inner, const SCEV *count) {
  constexpr uint64_t MaxDivisor = 128, MaxIterations = 16;
  const Loop *parent = inner->getParentLoop();
  uint64_t divisor = 1;
  if (auto *quotient = dyn_cast<SCEVUDivExpr>(count)) {
    auto *by = dyn_cast<SCEVConstant>(quotient->getRHS());
    if (!by || by->isZero() || by->getAPInt().ugt(MaxDivisor))
      return false;
    divisor = by->getAPInt().getZExtValue();
    count = quotient->getLHS();
  }
  auto *recurrence = dyn_cast<SCEVAddRecExpr>(count);
  if (!parent || !recurrence || recurrence->getLoop() != parent ||
      !recurrence->isAffine() || !loop->contains(parent))
    return false;
  const SCEV *start = recurrence->getStart();
  const SCEV *step = recurrence->getStepRecurrence(scev);
  bool ascends = !step->isAllOnesValue();
  uint64_t first = 0, each = 1;
  if (ascends) {
    auto *from = dyn_cast<SCEVConstant>(start);
    auto *by = dyn_cast<SCEVConstant>(step);
    if (!from || from->getAPInt().uge(divisor) || !by || by->isZero() ||
        by->getAPInt().ugt(divisor))
      return false;
    first = from->getAPInt().getZExtValue();
    each = by->getAPInt().getZExtValue();
  }
  uint64_t zeros = divideCeil(divisor - first, each);
  if (zeros > MaxIterations)
    return false;
  for (uint64_t i = 0; i < zeros; ++i) {
    const SCEV *iteration = scev.getConstant(count->getType(), i);
    if (!ascends)
      iteration = scev.getMinusSCEV(start, iteration);
    if (!isGuardedIn(inner, parent, iteration))
      return false;
  }
  // Coming round to zero again takes 2^32 - start, or 2^32, at least.
  std::optional<Affine> turns = trip(parent);
  std::optional<Range> bounds = turns ? range(*turns) : std::nullopt;
  if (!bounds)
    return false;
  const SCEV *way =
      scev.getMulExpr(bounds->high, number(static_cast<int64_t>(each)));
  conditions.push_back(
      scev.getMinusSCEV(number(TwoTo32 - static_cast<int64_t>(first)), way));
  return true;
}

bool LoopNest::isGuardedIn(const Loop *inner, const Loop *parent,
                           const SCEV *iteration) {
  LoopToScevMapT map;
  map[parent] = iteration;
  auto evaluate = [&](Value *value) {
    return SCEVLoopAddRecRewriter::rewrite(scev.getSCEV(value), map, scev);
  };
  BasicBlock *block = inner->getLoopPreheader();
  while (block && block != parent->getHeader()) {
    BasicBlock *before = block->getSinglePredecessor();
    if (!before) { // where ways meet again, none of them matters
      block = dominators.getNode(block)->getIDom()->getBlock();
      continue;
    }
    auto *branch = dyn_cast<BranchInst>(before->getTerminator());
    auto *compare = branch && branch->isConditional()
                        ? dyn_cast<ICmpInst>(branch->getCondition())
                        : nullptr;
    if (compare && compare->getOperand(0)->getType() == iteration->getType()) {
      bool isTaken = branch->getSuccessor(0) == block;
      // Whether the way to `inner` is closed.
      CmpInst::Predicate closed =
          isTaken ? compare->getInversePredicate() : compare->getPredicate();
      if (scev.isKnownPredicate(closed, evaluate(compare->getOperand(0)),
                                evaluate(compare->getOperand(1))))
        return true;
    }
    block = before;
  }
  return false;
}

const SCEV *LoopNest::count(const Loop *inner) {
  const SCEV *count = scev.getBackedgeTakenCount(inner);
  if (isa<SCEVCouldNotCompute>(count) && inner == loop && !predicates.empty()) {
    SmallVector<const SCEVPredicate *, 4> needed;
    count = scev.getPredicatedBackedgeTakenCount(inner, needed);
    if (!isa<SCEVCouldNotCompute>(count))
      append_range(predicates, needed);
  }
  if (isa<SCEVCouldNotCompute>(count))
    return counts.lookup(inner);
  if (scev.getUnsignedRangeMax(count).getActiveBits() <= 32)
    return count;
  // A bound of 32 bits is one of what is exact, too.
  bool isWide = scev.getTypeSizeInBits(count->getType()) == 64;
  return isWide && trips.lookup(inner) ? count : nullptr;
}

std::optional<uint64_t> LoopNest::mostIterations(const Loop *inner) const {
  auto known = trips.find(inner);
  if (known == trips.end() || !known->second)
    return std::nullopt;
  const Affine &count = *known->second;
  if (!count.steps.empty() || count.delta < 0)
    return std::nullopt;
  auto most = [&](const SCEV *value) {
    return std::min(scev.getUnsignedRangeMax(value).getZExtValue(),
                    static_cast<uint64_t>(LeadLimit));
  };
  uint64_t sum = most(count.lead) + static_cast<uint64_t>(count.delta);
  for (auto &[leaf, factor] : count.leaves) {
    if (!factor->isOne() || most(leaf) >= static_cast<uint64_t>(TwoTo32))
      return std::nullopt;
    sum += most(leaf);
  }
  return sum;
}
