// An address is followed in Z. It starts a strip somewhere and gets ahead by
// steps with bounds that are constant. The sandbox rests on this file.
#include "compiler/codegen/strip_plan.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Planner {
public:
  Planner(Loop &loop, ScalarEvolution &scev, DominatorTree &dominators)
      : plan{&loop, 0, {}, {}}, loop(loop), scev(scev), dominators(dominators),
        expander(scev, "strip") {}

  bool analyze();

  StripPlan plan;

private:
  bool isSimple();
  bool describe(CallInst *translate);
  bool split(const SCEV *address, StripGroup &group);
  bool addTo(StripGroup &group, CallInst *translate);
  bool isExpandable(const SCEV *value);
  bool hasParentFor(const StripGroup &group);

  Loop &loop;
  ScalarEvolution &scev;
  DominatorTree &dominators;
  SCEVExpander expander;
};

} // namespace

/// Whether nothing but plain accesses of linear memory stands in the way, and
/// the copies are worth their room.
bool Planner::isSimple() {
  constexpr size_t MaxCopied = 96, MaxBlocks = 8, Few = 16;
  if (!loop.getLoopPreheader() || !loop.isInnermost() || !loop.getLoopLatch() ||
      !loop.hasDedicatedExits() || !loop.isSafeToClone() ||
      !loop.isLCSSAForm(dominators) ||
      findStringMetadataForLoop(&loop, "llvm.loop.disable_nonforced"))
    return false;
  size_t size = 0;
  for (BasicBlock *block : loop.blocks())
    for (llvm::Instruction &inst : *block) {
      size += !isa<PHINode>(inst) && !isa<CastInst>(inst);
      if (isa<CallBase>(inst) && !isa<IntrinsicInst>(inst) &&
          !Translate::matchAny(inst))
        return false;
    }
  plan.length = size * 8 <= MaxCopied ? 8 : 4;
  unsigned most = scev.getSmallConstantMaxTripCount(&loop);
  return size * plan.length <= MaxCopied && loop.getNumBlocks() <= MaxBlocks &&
         (!most || most > Few);
}

/// An address is what it is in the first iteration and a constant step, or it
/// varies with one of the loop's variables.
bool Planner::split(const SCEV *address, StripGroup &group) {
  if (scev.isLoopInvariant(address, &loop)) {
    group.lead = address;
    return isExpandable(address);
  }
  if (auto *recurrence = dyn_cast<SCEVAddRecExpr>(address)) {
    auto *step = dyn_cast<SCEVConstant>(recurrence->getStepRecurrence(scev));
    if (!recurrence->isAffine() || recurrence->getLoop() != &loop || !step)
      return false;
    int64_t by = step->getAPInt().getSExtValue();
    group.lead = recurrence->getStart();
    group.advance = {by, by};
    return isBelow(MaxStep, by) && isExpandable(group.lead);
  }
  SmallVector<const SCEV *, 4> terms{address}, invariant;
  if (auto *sum = dyn_cast<SCEVAddExpr>(address))
    terms.assign(sum->operands().begin(), sum->operands().end());
  for (const SCEV *term : terms) {
    if (scev.isLoopInvariant(term, &loop)) {
      invariant.push_back(term);
      continue;
    }
    int64_t factor = 1;
    if (auto *product = dyn_cast<SCEVMulExpr>(term)) {
      auto *constant = dyn_cast<SCEVConstant>(product->getOperand(0));
      if (!constant || product->getNumOperands() != 2)
        return false;
      factor = constant->getAPInt().getSExtValue();
      term = product->getOperand(1);
    }
    auto *unknown = dyn_cast<SCEVUnknown>(term);
    auto *phi = unknown ? dyn_cast<PHINode>(unknown->getValue()) : nullptr;
    if (group.variable || !phi || phi->getParent() != loop.getHeader() ||
        !isBelow(MaxAdvance, factor))
      return false;
    group.variable = phi;
    group.factor = factor;
  }
  std::optional<Advance> advance = advanceOf(*group.variable, loop, scev);
  if (!advance)
    return false;
  group.lead = invariant.empty() ? scev.getZero(address->getType())
                                 : scev.getAddExpr(invariant);
  group.advance = {group.factor * advance->least, group.factor * advance->most};
  if (group.factor < 0)
    std::swap(group.advance.least, group.advance.most);
  return isExpandable(group.lead);
}

bool Planner::isExpandable(const SCEV *value) {
  return expander.isSafeToExpandAt(value,
                                   loop.getLoopPreheader()->getTerminator());
}

/// Whether a limit can stand before the loop around this one.
bool Planner::hasParentFor(const StripGroup &group) {
  const Loop *parent = loop.getParentLoop();
  BasicBlock *before = parent ? parent->getLoopPreheader() : nullptr;
  return before && scev.isLoopInvariant(group.memory, parent) &&
         scev.isLoopInvariant(group.base, parent) &&
         expander.isSafeToExpandAt(group.base, before->getTerminator()) &&
         expander.isSafeToExpandAt(group.memory, before->getTerminator());
}

/// Puts the access where others are a constant apart.
bool Planner::addTo(StripGroup &wanted, CallInst *translate) {
  auto operand = [&](unsigned number) {
    return cast<ConstantInt>(translate->getArgOperand(number))->getZExtValue();
  };
  wanted.minimum = operand(Translate::Minimum);
  wanted.maximum = operand(Translate::Maximum);
  auto offset = static_cast<int64_t>(operand(Translate::Offset));
  auto size = static_cast<int64_t>(operand(Translate::Size));
  for (size_t i = 0; i < plan.groups.size(); ++i) {
    StripGroup &group = plan.groups[i];
    if (group.memory != wanted.memory || group.base != wanted.base ||
        group.lead->getType() != wanted.lead->getType() ||
        group.variable != wanted.variable || group.factor != wanted.factor ||
        group.advance.least != wanted.advance.least ||
        group.advance.most != wanted.advance.most)
      continue;
    std::optional<int64_t> distance =
        constantOf(scev.getMinusSCEV(wanted.lead, group.lead));
    if (!distance || !isBelow(TwoTo32, *distance))
      continue;
    group.low = std::min(group.low, *distance);
    group.end = std::max(group.end, *distance + offset + size);
    if (!wanted.index)
      group.index.reset();
    plan.members.push_back({translate, i, *distance + offset});
    return true;
  }
  constexpr size_t MaxGroups = 4;
  wanted.low = 0;
  wanted.end = offset + size;
  plan.members.push_back({translate, plan.groups.size(), offset});
  plan.groups.push_back(wanted);
  return plan.groups.size() <= MaxGroups;
}

bool Planner::describe(CallInst *translate) {
  StripGroup group = {};
  group.memory = scev.getSCEV(translate->getArgOperand(Translate::Memory));
  group.base = scev.getSCEV(translate->getArgOperand(Translate::Base));
  const SCEV *address = Translate::addressOf(*translate, scev);
  Value *narrow = Translate::narrowAddress(*translate);
  if (narrow && hasParentFor(group))
    group.index = carriedIndexOf(narrow, loop, scev);
  return Translate::hasPlainUses(*translate) &&
         Translate::isSmall(*translate) &&
         scev.isLoopInvariant(group.memory, &loop) &&
         scev.isLoopInvariant(group.base, &loop) &&
         isExpandable(group.memory) && isExpandable(group.base) &&
         split(address, group) && addTo(group, translate);
}

bool Planner::analyze() {
  if (!isSimple())
    return false;
  for (BasicBlock *block : loop.blocks())
    for (llvm::Instruction &inst : *block) {
      CallInst *translate = Translate::matchAny(inst);
      if (translate && !describe(translate))
        return false;
    }
  // A volatile access of another kind would change places with these.
  auto isForeign = [&](const llvm::Instruction &inst) {
    if (!inst.isVolatile())
      return false;
    auto *pointer = getLoadStorePointerOperand(&inst);
    return !pointer || none_of(plan.members, [&](const StripMember &member) {
      return member.translate == pointer;
    });
  };
  auto isCarried = [](const StripGroup &group) {
    return group.index.has_value();
  };
  if (all_of(plan.groups, isCarried))
    plan.length = 1; // as it may end at once
  else
    for (StripGroup &group : plan.groups)
      group.index.reset();
  return !plan.members.empty() &&
         none_of(loop.blocks(),
                 [&](BasicBlock *block) { return any_of(*block, isForeign); });
}

std::optional<StripPlan> wasmetal::planStrips(Loop &loop, ScalarEvolution &scev,
                                              DominatorTree &dominators) {
  Planner planner(loop, scev, dominators);
  if (!planner.analyze())
    return std::nullopt;
  return std::move(planner.plan);
}
