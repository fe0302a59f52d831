// All in Z. A value is followed back to what it was made of: copies and sums
// with small numbers that are not negative, middles of an interval, values that
// do not vary, and values that a branch let pass because they were below an
// end. Ways that lead back to where they came from must not have added
// anything. Nothing has wrapped where the highest of these sums is a number of
// 32 bits with a sign, and then the branches compared what was meant.
// docs/decisions/0015-bounds-versioning.md says why this is sound. The sandbox
// rests on this file.
#include "compiler/codegen/guarded_values.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace wasmetal;

namespace {

class Guards {
public:
  Guards(const Loop &nest, ScalarEvolution &scev,
         const DominatorTree &dominators)
      : nest(nest), scev(scev), dominators(dominators),
        i64(Type::getInt64Ty(scev.getContext())) {}

  std::optional<GuardedRange> range(llvm::Instruction &value);

private:
  struct Term {
    const SCEV *base; // i64
    int64_t sum;
    bool operator==(const Term &) const = default;
  };
  using Terms = SmallVector<Term, 4>;

  bool follow(Value *value, const BasicBlock *from, const BasicBlock *to,
              int64_t sum, Terms &terms);
  bool followMade(llvm::Instruction &inst, int64_t sum, Terms &terms);
  const SCEV *endOf(Value *value, const BasicBlock *from, const BasicBlock *to);
  bool isGuarded(CmpInst::Predicate less, Value *low, Value *high,
                 const BasicBlock *place);
  bool isLess(Value *low, Value *high, const BasicBlock *place);
  const SCEV *wide(Value *value) {
    return scev.getSignExtendExpr(scev.getSCEV(value), i64);
  }
  const SCEV *highest(const Terms &terms);

  const Loop &nest;
  ScalarEvolution &scev;
  const DominatorTree &dominators;
  Type *i64;
  /// Being followed, and what was added on the way there.
  SmallVector<std::pair<Value *, int64_t>, 8> way;
  /// What else has to have bounds.
  SmallSetVector<Value *, 8> others;
  SmallSetVector<const SCEV *, 4> starts;
  unsigned visits = 0;
};

} // namespace

/// low + (high - low) / 2, or (low + high) / 2, where either may be the lower.
static bool matchMiddle(Value *value, Value *&low, Value *&high,
                        bool &mayBeSwapped) {
  mayBeSwapped = match(
      value, m_LShr(m_Add(m_Value(low), m_Value(high)), m_SpecificInt(1)));
  return mayBeSwapped ||
         match(value, m_c_Add(m_LShr(m_Sub(m_Value(high), m_Value(low)),
                                     m_SpecificInt(1)),
                              m_Deferred(low)));
}

bool wasmetal::isMiddle(llvm::Instruction &inst) {
  Value *low, *high;
  bool mayBeSwapped;
  return inst.getType()->isIntegerTy(32) &&
         matchMiddle(&inst, low, high, mayBeSwapped);
}

/// The most that a value is, wide, where control comes from one block to
/// another one, or is in a block, since a branch let it pass there.
const SCEV *Guards::endOf(Value *value, const BasicBlock *from,
                          const BasicBlock *to) {
  for (const User *user : value->users()) {
    auto *compare = dyn_cast<ICmpInst>(user);
    if (!compare || !compare->isRelational())
      continue;
    bool isLeft = compare->getOperand(0) == value;
    Value *end = compare->getOperand(isLeft ? 1 : 0);
    if (end == value || !scev.isLoopInvariant(scev.getSCEV(end), &nest))
      continue;
    for (const User *decided : compare->users()) {
      auto *branch = dyn_cast<BranchInst>(decided);
      if (!branch || branch->getSuccessor(0) == branch->getSuccessor(1))
        continue;
      for (unsigned way : {0, 1}) {
        CmpInst::Predicate holds =
            way == 0 ? compare->getPredicate() : compare->getInversePredicate();
        if (!isLeft)
          holds = CmpInst::getSwappedPredicate(holds);
        BasicBlockEdge edge(branch->getParent(), branch->getSuccessor(way));
        bool isPassed = dominators.dominates(edge, from) ||
                        (edge.getStart() == from && edge.getEnd() == to);
        if (!isPassed || (!ICmpInst::isLT(holds) && !ICmpInst::isLE(holds)))
          continue;
        const SCEV *most = CmpInst::isSigned(holds)
                               ? wide(end)
                               : scev.getZeroExtendExpr(scev.getSCEV(end), i64);
        return CmpInst::isStrictPredicate(holds)
                   ? scev.getAddExpr(most, scev.getMinusOne(i64))
                   : most;
      }
    }
  }
  return nullptr;
}

/// Whether branches before a block say that one value is below another one.
bool Guards::isGuarded(CmpInst::Predicate less, Value *low, Value *high,
                       const BasicBlock *place) {
  const SCEV *left = scev.getSCEV(low), *right = scev.getSCEV(high);
  bool isFixed =
      scev.isLoopInvariant(left, &nest) && scev.isLoopInvariant(right, &nest);
  // ScalarEvolution does not look behind where ways meet.
  for (const DomTreeNode *node = dominators.getNode(place); node;
       node = isFixed ? node->getIDom() : nullptr)
    if (scev.isBasicBlockEntryGuardedByCond(node->getBlock(), less, left,
                                            right))
      return true;
  return false;
}

/// Whether this branch takes control to a block only if one value is below
/// another one.
static bool isBranchIfLess(const BasicBlock *from, const BasicBlock *to,
                           CmpInst::Predicate less, Value *low, Value *high) {
  auto *branch = dyn_cast<BranchInst>(from->getTerminator());
  auto *compare = branch && branch->isConditional()
                      ? dyn_cast<ICmpInst>(branch->getCondition())
                      : nullptr;
  if (!compare || branch->getSuccessor(0) == branch->getSuccessor(1))
    return false;
  CmpInst::Predicate holds = branch->getSuccessor(0) == to
                                 ? compare->getPredicate()
                                 : compare->getInversePredicate();
  Value *left = compare->getOperand(0), *right = compare->getOperand(1);
  return (left == low && right == high && holds == less) ||
         (left == high && right == low &&
          holds == CmpInst::getSwappedPredicate(less));
}

/// Whether branches, or what variables come with on each way into their loop,
/// say that one is below the other. Neither is negative, so that it does not
/// matter how they compare.
bool Guards::isLess(Value *low, Value *high, const BasicBlock *place) {
  auto *one = dyn_cast<PHINode>(low);
  auto *other = dyn_cast<PHINode>(high);
  bool areVariables = one && other && one->getParent() == other->getParent();
  for (CmpInst::Predicate less : {ICmpInst::ICMP_SLT, ICmpInst::ICMP_ULT}) {
    auto isLessFrom = [&](const BasicBlock *from) {
      Value *left = one->getIncomingValueForBlock(from);
      Value *right = other->getIncomingValueForBlock(from);
      return isBranchIfLess(from, one->getParent(), less, left, right) ||
             isGuarded(less, left, right, from);
    };
    if (isGuarded(less, low, high, place) ||
        (areVariables && all_of(one->blocks(), isLessFrom)))
      return true;
  }
  return false;
}

/// Adds what a value can be at most, plus `sum`, to `terms`: where control
/// comes from one block to another one, or in the one.
bool Guards::follow(Value *value, const BasicBlock *from, const BasicBlock *to,
                    int64_t sum, Terms &terms) {
  constexpr unsigned MaxVisits = 64;
  if (visits++ == MaxVisits || !value->getType()->isIntegerTy(32))
    return false;
  auto add = [&](const SCEV *base) {
    Term term{base, sum};
    if (!is_contained(terms, term))
      terms.push_back(term);
  };
  if (scev.isLoopInvariant(scev.getSCEV(value), &nest)) {
    starts.insert(wide(value));
    add(wide(value));
    return true;
  }
  if (const SCEV *end = endOf(value, from, to)) {
    others.insert(value);
    add(end);
    return true;
  }
  auto *inst = dyn_cast<llvm::Instruction>(value);
  if (!inst || !nest.contains(inst))
    return false;
  auto before = find_if(way, [&](auto &step) { return step.first == inst; });
  if (before != way.end())
    return sum <= before->second;
  way.push_back({inst, sum});
  bool isFollowed = followMade(*inst, sum, terms);
  way.pop_back();
  return isFollowed;
}

bool Guards::followMade(llvm::Instruction &inst, int64_t sum, Terms &terms) {
  constexpr int64_t MaxSum = int64_t(1) << 20;
  const BasicBlock *block = inst.getParent();
  if (auto *phi = dyn_cast<PHINode>(&inst))
    return all_of(phi->blocks(), [&](const BasicBlock *from) {
      return follow(phi->getIncomingValueForBlock(from), from, block, sum,
                    terms);
    });
  if (auto *select = dyn_cast<SelectInst>(&inst))
    return follow(select->getTrueValue(), block, block, sum, terms) &&
           follow(select->getFalseValue(), block, block, sum, terms);
  Value *low, *high;
  bool mayBeSwapped;
  if (matchMiddle(&inst, low, high, mayBeSwapped)) {
    if (mayBeSwapped && !isLess(low, high, block))
      std::swap(low, high);
    if (!isLess(low, high, block))
      return false;
    others.insert(low);
    others.insert(high);
    return follow(high, block, block, sum - 1, terms);
  }
  if (inst.getOpcode() != llvm::Instruction::Add)
    return false;
  for (unsigned which : {1, 0}) {
    ConstantRange added =
        scev.getSignedRange(scev.getSCEV(inst.getOperand(which)));
    if (added.getSignedMin().isNegative() || added.getSignedMax().sgt(MaxSum))
      continue;
    int64_t most = added.getSignedMax().getSExtValue();
    if (sum + most <= MaxSum)
      return follow(inst.getOperand(1 - which), block, block, sum + most,
                    terms);
  }
  return false;
}

const SCEV *Guards::highest(const Terms &terms) {
  const SCEV *high = nullptr;
  for (const Term &term : terms) {
    const SCEV *value = scev.getAddExpr(
        term.base, scev.getConstant(i64, static_cast<uint64_t>(term.sum),
                                    /*isSigned=*/true));
    high = high ? scev.getSMaxExpr(high, value) : value;
  }
  return high;
}

std::optional<GuardedRange> Guards::range(llvm::Instruction &value) {
  Terms terms;
  if (!follow(&value, value.getParent(), value.getParent(), 0, terms))
    return std::nullopt;
  // What comes back to such a value is followed around once more: it is not on
  // the way itself.
  Terms all = terms;
  for (size_t i = 0; i < others.size(); ++i)
    if (auto *inst = dyn_cast<llvm::Instruction>(others[i]))
      if (nest.contains(inst) && !followMade(*inst, 0, all))
        return std::nullopt;
  if (starts.empty())
    return std::nullopt;
  const SCEV *least = starts[0];
  for (const SCEV *start : drop_begin(starts))
    least = scev.getSMinExpr(least, start);
  return GuardedRange{least, highest(terms), highest(all)};
}

std::optional<GuardedRange>
wasmetal::guardedRange(llvm::Instruction &value, const Loop &nest,
                       ScalarEvolution &scev, const DominatorTree &dominators) {
  return Guards(nest, scev, dominators).range(value);
}
