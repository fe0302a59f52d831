// Decomposing addresses and trip counts. All sums are exact in 64 bits: a step
// is below 2^27, a count at most 2^32, and there are at most eight terms.
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"

#include <cstdlib>

using namespace llvm;
using namespace wasmetal;

static constexpr int64_t MaxStep = int64_t(1) << 27;
static constexpr int64_t MaxFactor = int64_t(1) << 20;
static constexpr size_t MaxTerms = 8;
static constexpr unsigned MaxDepth = 8;
static constexpr int64_t TwoTo32 = int64_t(1) << 32;

CallInst *Translate::match(llvm::Instruction &inst) {
  auto *call = dyn_cast<CallInst>(&inst);
  llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
  if (!callee || callee->getName() != "wm_translate")
    return nullptr;
  bool isKnown = all_of(drop_begin(call->args(), Offset),
                        [](const Use &use) { return isa<ConstantInt>(use); });
  return isKnown ? call : nullptr;
}

bool Translate::hasPlainUses(const CallInst &translate) {
  return all_of(translate.users(), [&](const User *user) {
    if (auto *load = dyn_cast<LoadInst>(user))
      return !load->isAtomic();
    auto *store = dyn_cast<StoreInst>(user);
    return store && !store->isAtomic() &&
           store->getValueOperand() != &translate;
  });
}

static int64_t constantOperand(const CallInst &translate, unsigned operand) {
  auto *value = cast<ConstantInt>(translate.getArgOperand(operand));
  return static_cast<int64_t>(value->getZExtValue());
}

uint64_t Access::limit(unsigned operand) const {
  return static_cast<uint64_t>(constantOperand(*translate, operand));
}

//===-- Affine values -----------------------------------------------------===//

int64_t Affine::stepOf(const Loop *wanted) const {
  for (auto &[loop, step] : steps)
    if (loop == wanted)
      return step;
  return 0;
}

bool Affine::isParallelTo(const Affine &other) const {
  return lead == other.lead && steps.size() == other.steps.size() &&
         leaves.size() == other.leaves.size() &&
         all_of(steps,
                [&](auto &term) { return is_contained(other.steps, term); }) &&
         all_of(leaves,
                [&](auto &term) { return is_contained(other.leaves, term); });
}

/// Adds to the factor of `key`; a factor of zero is no term.
template <typename List, typename Key>
static void addTerm(List &terms, Key key, int64_t factor) {
  auto *found = find_if(terms, [&](auto &term) { return term.first == key; });
  if (found == terms.end()) {
    terms.push_back({key, 0});
    found = &terms.back();
  }
  found->second += factor;
  if (found->second == 0)
    terms.erase(found);
}

const SCEV *LoopNest::number(int64_t value) {
  return scev.getConstant(APInt(64, static_cast<uint64_t>(value)));
}

const SCEV *LoopNest::scaled(const SCEV *value, int64_t factor) {
  if (factor == 1)
    return value;
  unsigned bits = value->getType()->getIntegerBitWidth();
  APInt wide(64, static_cast<uint64_t>(factor));
  return scev.getMulExpr(value, scev.getConstant(wide.sextOrTrunc(bits)));
}

LoopNest::Mark LoopNest::mark() const {
  return {trips.size(), leafRanges.size(), conditions.size()};
}

void LoopNest::rollBack(const Mark &mark) {
  while (trips.size() > mark.trips)
    trips.pop_back();
  while (leafRanges.size() > mark.leaves)
    leafRanges.pop_back();
  conditions.resize(mark.conditions);
}

/// value * scale, congruent modulo 2^32 to what is added to `out` and, for the
/// part that does not vary, to `invariant`.
bool LoopNest::decompose(const SCEV *value, int64_t scale, unsigned depth,
                         Affine &out,
                         SmallVectorImpl<const SCEV *> &invariant) {
  if (depth > MaxDepth)
    return false;
  if (scev.isLoopInvariant(value, loop)) {
    invariant.push_back(scaled(value, scale));
    return true;
  }
  if (auto *recurrence = dyn_cast<SCEVAddRecExpr>(value)) {
    auto *step = dyn_cast<SCEVConstant>(recurrence->getStepRecurrence(scev));
    if (!recurrence->isAffine() || !loop->contains(recurrence->getLoop()) ||
        !step)
      return false;
    int64_t factor = step->getAPInt().getSExtValue();
    if (std::abs(factor) >= MaxStep || std::abs(factor * scale) >= MaxStep)
      return false;
    addTerm(out.steps, recurrence->getLoop(), factor * scale);
    return decompose(recurrence->getStart(), scale, depth + 1, out, invariant);
  }
  if (auto *sum = dyn_cast<SCEVAddExpr>(value))
    return all_of(sum->operands(), [&](const SCEV *operand) {
      return decompose(operand, scale, depth + 1, out, invariant);
    });
  if (auto *product = dyn_cast<SCEVMulExpr>(value))
    if (auto *constant = dyn_cast<SCEVConstant>(product->getOperand(0));
        constant && product->getNumOperands() == 2) {
      int64_t factor = constant->getAPInt().getSExtValue();
      if (std::abs(factor) < MaxFactor && std::abs(factor * scale) < MaxStep)
        return decompose(product->getOperand(1), factor * scale, depth + 1, out,
                         invariant);
    }
  if (!leafRange(value))
    return false;
  addTerm(out.leaves, value, scale);
  return true;
}

std::optional<Affine> LoopNest::affine(const SCEV *value) {
  Affine result;
  SmallVector<const SCEV *, 4> invariant;
  if (!decompose(value, 1, 0, result, invariant))
    return std::nullopt;
  result.lead = invariant.empty() ? scev.getZero(value->getType())
                                  : scev.getAddExpr(invariant);
  return result;
}

/// The bounds of an i32 value, read as unsigned; adds the conditions under
/// which its affine form is the value itself.
std::optional<Range> LoopNest::exactRange(const SCEV *value) {
  std::optional<Affine> form = affine(value);
  std::optional<Range> bounds = form ? range(*form) : std::nullopt;
  if (!bounds || scev.isKnownNegative(bounds->low))
    return std::nullopt;
  conditions.push_back(bounds->low);
  conditions.push_back(scev.getMinusSCEV(number(TwoTo32 - 1), bounds->high));
  return bounds;
}

std::optional<Range> LoopNest::leafRange(const SCEV *leaf) {
  auto known = leafRanges.find(leaf);
  if (known != leafRanges.end())
    return known->second;
  Mark before = mark();
  leafRanges.insert({leaf, std::nullopt}); // while it is being found out
  std::optional<Range> result = computeLeafRange(leaf);
  if (!result)
    rollBack(before);
  leafRanges[leaf] = result;
  return result;
}

std::optional<Range> LoopNest::computeLeafRange(const SCEV *leaf) {
  constexpr unsigned ByteBits = 8; // what a load of a byte gives
  constexpr size_t MaxLeaves = 32;
  if (leafRanges.size() > MaxLeaves)
    return std::nullopt;
  APInt highest = scev.getUnsignedRangeMax(leaf);
  if (highest.getActiveBits() <= ByteBits)
    return Range{number(scev.getUnsignedRangeMin(leaf).getSExtValue()),
                 number(highest.getSExtValue())};
  if (auto *quotient = dyn_cast<SCEVUDivExpr>(leaf)) {
    auto *divisor = dyn_cast<SCEVConstant>(quotient->getRHS());
    if (!divisor || divisor->isZero())
      return std::nullopt;
    std::optional<Range> bounds = exactRange(quotient->getLHS());
    if (!bounds)
      return std::nullopt;
    const SCEV *by = scev.getConstant(divisor->getAPInt().zext(64));
    return Range{scev.getUDivExpr(bounds->low, by),
                 scev.getUDivExpr(bounds->high, by)};
  }
  auto *unknown = dyn_cast<SCEVUnknown>(leaf);
  auto *phi = unknown ? dyn_cast<PHINode>(unknown->getValue()) : nullptr;
  if (!phi || loops.isLoopHeader(phi->getParent()) || !loop->contains(phi))
    return std::nullopt;
  std::optional<Range> merged;
  for (Value *incoming : phi->incoming_values()) {
    std::optional<Range> one = exactRange(scev.getSCEVAtScope(
        scev.getSCEV(incoming), loops.getLoopFor(phi->getParent())));
    if (!one)
      return std::nullopt;
    if (!merged)
      merged = one;
    merged->low = scev.getSMinExpr(merged->low, one->low);
    merged->high = scev.getSMaxExpr(merged->high, one->high);
  }
  return merged;
}

/// Innermost loops first: their counts may depend on the others' k.
const SCEV *LoopNest::extreme(const Affine &value, bool isHigh) {
  Type *i64 = Type::getInt64Ty(scev.getContext());
  Affine rest = value;
  SmallVector<const SCEV *, 8> terms{scev.getNoopOrZeroExtend(rest.lead, i64)};
  while (!rest.steps.empty()) {
    auto innermost = rest.steps[0];
    for (auto &term : rest.steps)
      if (term.first->getLoopDepth() > innermost.first->getLoopDepth())
        innermost = term;
    auto [inner, step] = innermost;
    addTerm(rest.steps, inner, -step);
    std::optional<Affine> count = trip(inner);
    if (!count || std::abs(step) >= MaxStep)
      return nullptr;
    if ((step > 0) != isHigh)
      continue; // k = 0
    // k = count - 1
    terms.push_back(scaled(scev.getNoopOrZeroExtend(count->lead, i64), step));
    rest.delta += step * (count->delta - 1);
    for (auto &[outer, outerStep] : count->steps)
      addTerm(rest.steps, outer, step * outerStep);
    for (auto &[leaf, factor] : count->leaves)
      addTerm(rest.leaves, leaf, step * factor);
  }
  for (auto &[leaf, factor] : rest.leaves) {
    std::optional<Range> bounds = leafRange(leaf);
    if (!bounds || std::abs(factor) >= MaxStep)
      return nullptr;
    terms.push_back(
        scaled((factor > 0) == isHigh ? bounds->high : bounds->low, factor));
  }
  if (terms.size() > MaxTerms)
    return nullptr;
  terms.push_back(number(rest.delta));
  return scev.getAddExpr(terms);
}

std::optional<Range> LoopNest::range(const Affine &value) {
  const SCEV *low = extreme(value, false);
  const SCEV *high = low ? extreme(value, true) : nullptr;
  if (!high)
    return std::nullopt;
  return Range{low, high};
}

//===-- Trip counts -------------------------------------------------------===//

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
  if (!divisor || divisor->isZero() || scev.isLoopInvariant(backedges, loop))
    return false;
  const SCEV *product = scev.getAddExpr(quotient->getLHS(), divisor);
  const SCEV *count = scev.getUDivExpr(product, divisor);
  const SCEV *zero = scev.getZero(product->getType());
  if (scev.getMulExpr(count, divisor) != product)
    return false;
  if (!scev.isLoopEntryGuardedByCond(inner, ICmpInst::ICMP_NE, product, zero) &&
      !scev.isLoopEntryGuardedByCond(inner, ICmpInst::ICMP_NE, count, zero) &&
      !isEntered(inner, count))
    return false;
  std::optional<Affine> form = affine(count);
  if (!form || !require(*form, /*mayBeZero=*/true))
    return false;
  out = *form;
  return true;
}

bool LoopNest::computeTrip(const Loop *inner, Affine &out) {
  const SCEV *backedges = scev.getSymbolicMaxBackedgeTakenCount(inner);
  if (isa<SCEVCouldNotCompute>(backedges) && inner == loop) {
    predicates.clear();
    backedges =
        scev.getPredicatedSymbolicMaxBackedgeTakenCount(inner, predicates);
  }
  if (isa<SCEVCouldNotCompute>(backedges)) {
    if (inner == loop)
      predicates.clear();
    return false;
  }
  Type *i32 = Type::getInt32Ty(scev.getContext());
  uint64_t bits = scev.getTypeSizeInBits(backedges->getType());
  if (bits > 32 && scev.getUnsignedRangeMax(backedges).getActiveBits() > 32)
    return false;
  if (bits != 32)
    backedges = scev.getTruncateOrZeroExtend(backedges, i32);

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
  const SCEV *count = scev.getAddExpr(backedges, scev.getOne(i32));
  bool isNeverZero = scev.isLoopEntryGuardedByCond(
      inner, ICmpInst::ICMP_NE, backedges, scev.getMinusOne(i32));
  if (!isNeverZero) {
    isNeverZero = isEntered(inner, count);
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

/// Whether the branches before `inner` keep it from being entered when `count`
/// is zero: that is in the first iterations of its parent only, for a count
/// that starts there and goes up by one, over at most 2^32 of them.
bool LoopNest::isEntered(const Loop *inner, const SCEV *count) {
  constexpr uint64_t MaxDivisor = 16;
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
      !recurrence->isAffine() || !loop->contains(parent) ||
      !recurrence->getType()->isIntegerTy(32))
    return false;
  auto *step = dyn_cast<SCEVConstant>(recurrence->getStepRecurrence(scev));
  auto *start = dyn_cast<SCEVConstant>(recurrence->getStart());
  if (!step || !start || !step->getAPInt().isOne() ||
      start->getAPInt().uge(divisor))
    return false;
  uint64_t first = start->getAPInt().getZExtValue();
  for (uint64_t i = 0; i < divisor - first; ++i)
    if (!isGuardedIn(inner, parent, i, count->getType()))
      return false;
  // Coming round to zero again takes 2^32 - start iterations.
  std::optional<Affine> turns = trip(parent);
  std::optional<Range> bounds = turns ? range(*turns) : std::nullopt;
  if (!bounds)
    return false;
  conditions.push_back(scev.getMinusSCEV(
      number(TwoTo32 - static_cast<int64_t>(first)), bounds->high));
  return true;
}

bool LoopNest::isGuardedIn(const Loop *inner, const Loop *parent,
                           uint64_t iteration, Type *type) {
  LoopToScevMapT map;
  map[parent] = scev.getConstant(type, iteration);
  auto evaluate = [&](Value *value) {
    return SCEVLoopAddRecRewriter::rewrite(scev.getSCEV(value), map, scev);
  };
  BasicBlock *block = inner->getLoopPreheader();
  while (block && block != parent->getHeader()) {
    BasicBlock *before = block->getSinglePredecessor();
    if (!before)
      return false;
    auto *branch = dyn_cast<BranchInst>(before->getTerminator());
    auto *compare = branch && branch->isConditional()
                        ? dyn_cast<ICmpInst>(branch->getCondition())
                        : nullptr;
    if (compare && compare->getOperand(0)->getType() == type) {
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

//===-- Accesses ----------------------------------------------------------===//

std::optional<Access> LoopNest::describe(CallInst *translate) {
  Access access;
  access.translate = translate;
  access.loop = loops.getLoopFor(translate->getParent());
  access.memory = scev.getSCEV(translate->getArgOperand(Translate::Memory));
  access.base = scev.getSCEV(translate->getArgOperand(Translate::Base));
  access.offset = constantOperand(*translate, Translate::Offset);
  access.size = constantOperand(*translate, Translate::Size);
  if (!Translate::hasPlainUses(*translate) ||
      !scev.isLoopInvariant(access.memory, loop) ||
      !scev.isLoopInvariant(access.base, loop))
    return std::nullopt;

  // It has been extended from 32 bits.
  Value *address = translate->getArgOperand(Translate::Address);
  std::optional<Affine> form = affine(scev.getTruncateExpr(
      scev.getSCEV(address), Type::getInt32Ty(scev.getContext())));
  if (!form)
    return std::nullopt;
  access.address = *form;
  std::optional<Range> bounds = range(access.address);
  if (!bounds || scev.isKnownNegative(bounds->low))
    return std::nullopt;
  for (auto &[around, step] : access.address.steps)
    if (!around->contains(access.loop))
      return std::nullopt;
  // Leaves are computed anew there.
  auto isOutOfReach = [&](const SCEV *value) {
    auto *unknown = dyn_cast<SCEVUnknown>(value);
    auto *inst =
        unknown ? dyn_cast<llvm::Instruction>(unknown->getValue()) : nullptr;
    return isa<SCEVAddRecExpr>(value) ||
           (inst && !dominators.dominates(inst, translate));
  };
  for (auto &[leaf, factor] : access.address.leaves)
    if (SCEVExprContains(leaf, isOutOfReach))
      return std::nullopt;
  return access;
}

void LoopNest::analyze() {
  for (BasicBlock *block : loop->blocks())
    for (llvm::Instruction &inst : *block) {
      CallInst *translate = Translate::match(inst);
      if (!translate)
        continue;
      Mark before = mark();
      std::optional<Access> access = describe(translate);
      bool isHopeless = any_of(
          drop_begin(conditions, before.conditions),
          [&](const SCEV *value) { return scev.isKnownNegative(value); });
      if (access && !isHopeless) {
        accesses.push_back(*access);
        continue;
      }
      rollBack(before);
      left.push_back(translate);
    }
}
