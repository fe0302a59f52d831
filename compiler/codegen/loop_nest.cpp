// Decomposing addresses. All sums are exact in 64 bits: a lead is at most 2^48,
// a step below 2^27, a count at most 2^32, and there are at most eight terms.
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/guarded_values.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/DataLayout.h"

#include <utility>

using namespace llvm;
using namespace wasmetal;

static constexpr size_t MaxTerms = 8;
static constexpr unsigned MaxDepth = 8, MaxVisits = 64;

CallInst *Translate::matchAny(llvm::Instruction &inst) {
  auto *call = dyn_cast<CallInst>(&inst);
  llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
  if (!callee || (callee->getName() != "wm_translate" &&
                  callee->getName() != "wm_translate64"))
    return nullptr;
  bool isKnown = all_of(drop_begin(call->args(), Offset),
                        [](const Use &use) { return isa<ConstantInt>(use); });
  return isKnown ? call : nullptr;
}

CallInst *Translate::match(llvm::Instruction &inst) {
  CallInst *call = matchAny(inst);
  return call && call->getCalledFunction()->getName() == "wm_translate"
             ? call
             : nullptr;
}

Value *Translate::narrowAddress(const CallInst &translate) {
  auto *wide = dyn_cast<ZExtInst>(translate.getArgOperand(Address));
  return wide && wide->getSrcTy()->isIntegerTy(32) ? wide->getOperand(0)
                                                   : nullptr;
}

bool Translate::isWide(const CallInst &translate) {
  return translate.getCalledFunction()->getName() == "wm_translate64" &&
         !narrowAddress(translate);
}

const SCEV *Translate::addressOf(const CallInst &translate,
                                 ScalarEvolution &scev) {
  const SCEV *address = scev.getSCEV(translate.getArgOperand(Address));
  return isWide(translate) ? address
                           : scev.getTruncateExpr(
                                 address, Type::getInt32Ty(scev.getContext()));
}

bool Translate::isSmall(const CallInst &translate) {
  auto isBelow = [&](unsigned operand, int64_t limit) {
    auto *number = cast<ConstantInt>(translate.getArgOperand(operand));
    return number->getValue().ult(static_cast<uint64_t>(limit));
  };
  return isBelow(Offset, TwoTo32) && isBelow(Minimum, LeadLimit) &&
         (!isWide(translate) ||
          translate.getDataLayout().getPointerSizeInBits() == 64);
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

llvm::Instruction *wasmetal::instructionOf(const SCEV *value) {
  auto *unknown = dyn_cast<SCEVUnknown>(value);
  return unknown ? dyn_cast<llvm::Instruction>(unknown->getValue()) : nullptr;
}

std::optional<int64_t> wasmetal::constantOf(const SCEV *value) {
  auto *constant = dyn_cast<SCEVConstant>(value);
  if (!constant)
    return std::nullopt;
  return constant->getAPInt().getSExtValue();
}

const SCEV *Affine::stepOf(const Loop *wanted) const {
  for (auto &[loop, step] : steps)
    if (loop == wanted)
      return step;
  return nullptr;
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
void LoopNest::addTerm(List &terms, Key key, const SCEV *factor) {
  auto *found = find_if(terms, [&](auto &term) { return term.first == key; });
  if (found == terms.end()) {
    terms.push_back({key, number(0)});
    found = &terms.back();
  }
  found->second = scev.getAddExpr(found->second, factor);
  if (found->second->isZero())
    terms.erase(found);
}

const SCEV *LoopNest::number(int64_t value) {
  return scev.getConstant(APInt(64, static_cast<uint64_t>(value)));
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

void LoopNest::require(const SCEV *notNegative) {
  if (!is_contained(conditions, notNegative))
    conditions.push_back(notNegative);
}

bool wasmetal::isBelow(int64_t limit, int64_t value) {
  return -limit < value && value < limit;
}

void LoopNest::requireLead(const SCEV *lead) {
  if (!lead->getType()->isIntegerTy(64))
    return;
  require(lead);
  require(scev.getMinusSCEV(number(LeadLimit), lead));
}

/// |step| < MaxStep, which becomes a condition where it is not known.
bool LoopNest::requireSmall(const SCEV *step) {
  if (std::optional<int64_t> constant = constantOf(step))
    return isBelow(MaxStep, *constant);
  require(scev.getAddExpr(step, number(MaxStep - 1)));
  require(scev.getMinusSCEV(number(MaxStep - 1), step));
  return true;
}

/// The sign of a step; it becomes a condition where it is not known.
bool LoopNest::ascends(const SCEV *step) {
  if (std::optional<int64_t> constant = constantOf(step))
    return *constant > 0;
  if (scev.isKnownNonPositive(step))
    return false;
  require(step);
  return true;
}

/// A number that is congruent to a step, which is taken as signed: that is the
/// smaller one. Null where it varies, or is too large.
const SCEV *LoopNest::inIntegers(const SCEV *step) {
  if (!scev.isLoopInvariant(step, loop))
    return nullptr;
  const SCEV *wide =
      scev.getNoopOrSignExtend(step, Type::getInt64Ty(scev.getContext()));
  return requireSmall(wide) ? wide : nullptr;
}

/// value * scale, congruent to what is added to `out` and, for the part that
/// does not vary, to `invariant`. The scale does not vary either.
bool LoopNest::decompose(const SCEV *value, const SCEV *scale, unsigned depth,
                         Affine &out,
                         SmallVectorImpl<const SCEV *> &invariant) {
  if (depth > MaxDepth || visits++ == MaxVisits)
    return false;
  if (scev.isLoopInvariant(value, loop)) {
    invariant.push_back(scev.getMulExpr(value, scale));
    return true;
  }
  if (auto *recurrence = dyn_cast<SCEVAddRecExpr>(value)) {
    if (!recurrence->isAffine() || !loop->contains(recurrence->getLoop()))
      return false;
    const SCEV *step =
        inIntegers(scev.getMulExpr(recurrence->getStepRecurrence(scev), scale));
    if (!step)
      return false;
    addTerm(out.steps, recurrence->getLoop(), step);
    return decompose(recurrence->getStart(), scale, depth + 1, out, invariant);
  }
  if (auto *sum = dyn_cast<SCEVAddExpr>(value))
    return all_of(sum->operands(), [&](const SCEV *operand) {
      return decompose(operand, scale, depth + 1, out, invariant);
    });
  if (auto *product = dyn_cast<SCEVMulExpr>(value)) {
    const SCEV *varying = nullptr;
    bool isOne = true;
    for (const SCEV *operand : product->operands()) {
      if (scev.isLoopInvariant(operand, loop)) {
        scale = scev.getMulExpr(scale, operand);
      } else {
        isOne &= !varying;
        varying = operand;
      }
    }
    return isOne && decompose(varying, scale, depth + 1, out, invariant);
  }
  if (decomposeExtension(value, scale, out, invariant))
    return true;
  const SCEV *factor = inIntegers(scale);
  if (!factor || !leafRange(value))
    return false;
  addTerm(out.leaves, value, factor);
  return true;
}

/// What is extended from 32 bits is its affine form where that is in bounds.
bool LoopNest::decomposeExtension(const SCEV *value, const SCEV *scale,
                                  Affine &out,
                                  SmallVectorImpl<const SCEV *> &invariant) {
  auto *extension = dyn_cast<SCEVIntegralCastExpr>(value);
  if (!isa<SCEVZeroExtendExpr, SCEVSignExtendExpr>(value) ||
      !value->getType()->isIntegerTy(64) ||
      !extension->getOperand()->getType()->isIntegerTy(32))
    return false;
  Mark before = mark();
  std::optional<Affine> form = affine(extension->getOperand());
  std::optional<Range> bounds =
      form ? exactRange(extension->getOperand()) : std::nullopt;
  auto addTerms = [&](auto &to, auto &from) {
    return all_of(from, [&](auto &term) {
      const SCEV *factor = inIntegers(scev.getMulExpr(term.second, scale));
      if (factor)
        addTerm(to, term.first, factor);
      return factor != nullptr;
    });
  };
  Affine sum = out;
  if (!bounds || !addTerms(sum.steps, form->steps) ||
      !addTerms(sum.leaves, form->leaves)) {
    rollBack(before);
    return false;
  }
  if (isa<SCEVSignExtendExpr>(value))
    require(scev.getMinusSCEV(number(INT32_MAX), bounds->high));
  out = sum;
  const SCEV *lead =
      scev.getAddExpr(scev.getZeroExtendExpr(form->lead, value->getType()),
                      number(form->delta));
  invariant.push_back(scev.getMulExpr(lead, scale));
  return true;
}

std::optional<Affine> LoopNest::affine(const SCEV *value) {
  Affine result;
  SmallVector<const SCEV *, 4> invariant;
  unsigned before = std::exchange(visits, 0);
  bool isAffine =
      decompose(value, scev.getOne(value->getType()), 0, result, invariant);
  visits = before;
  if (!isAffine)
    return std::nullopt;
  result.lead = invariant.empty() ? scev.getZero(value->getType())
                                  : scev.getAddExpr(invariant);
  return result;
}

/// The bounds of a value that is below 2^32, read as unsigned; adds the
/// conditions under which it is, and its affine form is the value itself.
std::optional<Range> LoopNest::exactRange(const SCEV *value) {
  std::optional<Affine> form = affine(value);
  std::optional<Range> bounds = form ? range(*form) : std::nullopt;
  if (!bounds || scev.isKnownNegative(bounds->low))
    return std::nullopt;
  requireLead(form->lead);
  conditions.push_back(bounds->low);
  conditions.push_back(scev.getMinusSCEV(number(TwoTo32 - 1), bounds->high));
  return bounds;
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
    erase(rest.steps, innermost);
    std::optional<Affine> count = trip(inner);
    if (!count || !requireSmall(step))
      return nullptr;
    // What k = count - 1 adds, but for what varies in the nest.
    const SCEV *last = scev.getMulExpr(
        scev.getAddExpr(scev.getNoopOrZeroExtend(count->lead, i64),
                        number(count->delta - 1)),
        step);
    if (!isa<SCEVConstant>(step) && count->steps.empty() &&
        count->leaves.empty()) {
      // Whatever the step's sign is.
      terms.push_back(isHigh ? scev.getSMaxExpr(last, number(0))
                             : scev.getSMinExpr(last, number(0)));
      continue;
    }
    if (ascends(step) != isHigh)
      continue; // k = 0
    terms.push_back(last);
    for (auto &[outer, outerStep] : count->steps)
      addTerm(rest.steps, outer, scev.getMulExpr(step, outerStep));
    for (auto &[leaf, factor] : count->leaves)
      addTerm(rest.leaves, leaf, scev.getMulExpr(step, factor));
  }
  for (auto &[leaf, factor] : rest.leaves) {
    std::optional<Range> bounds = leafRange(leaf);
    if (!bounds || !requireSmall(factor))
      return nullptr;
    terms.push_back(scev.getMulExpr(
        ascends(factor) == isHigh ? bounds->high : bounds->low, factor));
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

static bool isMiddleOf(const SCEV *value) {
  llvm::Instruction *inst = instructionOf(value);
  return inst && isMiddle(*inst);
}

std::optional<Access> LoopNest::describe(CallInst *translate) {
  const SCEV *address = Translate::addressOf(*translate, scev);
  Value *value = Translate::isWide(*translate)
                     ? translate->getArgOperand(Translate::Address)
                     : Translate::narrowAddress(*translate);
  const SCEV *masked = value ? withMasks(value) : address;
  // What halves an interval says of the middle, not of the half.
  if (SCEVExprContains(masked, isMiddleOf))
    std::swap(address, masked);
  Mark before = mark();
  if (std::optional<Access> access = describe(translate, address))
    return access;
  rollBack(before);
  return masked == address ? std::nullopt : describe(translate, masked);
}

std::optional<Access> LoopNest::describe(CallInst *translate,
                                         const SCEV *address) {
  Access access;
  access.translate = translate;
  access.loop = loops.getLoopFor(translate->getParent());
  access.memory = scev.getSCEV(translate->getArgOperand(Translate::Memory));
  access.base = scev.getSCEV(translate->getArgOperand(Translate::Base));
  access.offset = constantOperand(*translate, Translate::Offset);
  access.size = constantOperand(*translate, Translate::Size);
  if (!Translate::hasPlainUses(*translate) || !Translate::isSmall(*translate) ||
      !scev.isLoopInvariant(access.memory, loop) ||
      !scev.isLoopInvariant(access.base, loop))
    return std::nullopt;

  std::optional<Affine> form = affine(address);
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
    llvm::Instruction *inst = instructionOf(value);
    auto *recurrence = dyn_cast<SCEVAddRecExpr>(value);
    return (recurrence && (recurrence->getLoop() == access.loop ||
                           !recurrence->getLoop()->contains(access.loop))) ||
           (inst && !dominators.dominates(inst, translate));
  };
  for (auto &[leaf, factor] : access.address.leaves)
    if (SCEVExprContains(leaf, isOutOfReach))
      return std::nullopt;
  return access;
}

void LoopNest::analyze() {
  trapsByFault = any_of(loop->blocks(), [](const BasicBlock *block) {
    return any_of(*block, [](const llvm::Instruction &inst) {
      return inst.isVolatile();
    });
  });
  for (BasicBlock *block : loop->blocks())
    for (llvm::Instruction &inst : *block) {
      CallInst *translate = Translate::matchAny(inst);
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

bool LoopNest::leavesFaults() const {
  return any_of(left, [](const CallInst *translate) {
    return any_of(translate->users(), [](const User *user) {
      return cast<llvm::Instruction>(user)->isVolatile();
    });
  });
}
