// Decomposing addresses. All sums are exact in 64 bits: a step
// is below 2^27, a count at most 2^32, and there are at most eight terms.
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"

#include <cstdlib>

using namespace llvm;
using namespace wasmetal;

static constexpr int64_t MaxFactor = int64_t(1) << 20;
static constexpr size_t MaxTerms = 8;
static constexpr unsigned MaxDepth = 8;

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
  return {trips.size(), counts.size(), leafRanges.size(), conditions.size()};
}

void LoopNest::rollBack(const Mark &mark) {
  while (trips.size() > mark.trips)
    trips.pop_back();
  while (counts.size() > mark.counts)
    counts.pop_back();
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
