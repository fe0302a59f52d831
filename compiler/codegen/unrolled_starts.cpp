// A variable is `first` where x is a multiple of 2^n, and first + x mod 2^n
// otherwise, x being end - first: either is end - x / 2^n * 2^n. The sandbox
// rests on this file.
#include "compiler/codegen/unrolled_starts.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace wasmetal;

/// Of x modulo 2^n, x in n bits.
static const SCEV *narrowOf(const SCEV *remainder) {
  auto *wide = dyn_cast<SCEVZeroExtendExpr>(remainder);
  return wide ? wide->getOperand() : nullptr;
}

/// Whether a number modulo 2^n is zero where two values are equal, and nowhere
/// else: LLVM compares what is easier to compute than the number is.
static bool isZeroIfEqual(const SCEV *remainder, const SCEV *left,
                          const SCEV *right, ScalarEvolution &scev) {
  const SCEV *narrow = narrowOf(remainder);
  const SCEV *compared = narrowOf(left);
  auto *constant = dyn_cast<SCEVConstant>(right);
  if (!narrow || !compared || !constant ||
      narrow->getType() != compared->getType())
    return false;
  const SCEV *value = scev.getTruncateExpr(constant, narrow->getType());
  if (scev.getZeroExtendExpr(value, constant->getType()) != constant)
    return false;
  // The one is the other one or its negative, and a constant.
  return scev.getMinusSCEV(compared, narrow) == value ||
         scev.getAddExpr(compared, narrow) == value;
}

bool wasmetal::isDecidedBy(const SCEV *remainder, bool isZero,
                           const BasicBlock *from, const BasicBlock *to,
                           ScalarEvolution &scev) {
  auto *branch = dyn_cast<BranchInst>(from->getTerminator());
  auto *compare = branch && branch->isConditional()
                      ? dyn_cast<ICmpInst>(branch->getCondition())
                      : nullptr;
  if (!compare || !compare->isEquality() ||
      branch->getSuccessor(0) == branch->getSuccessor(1))
    return false;
  bool isEqual = compare->getPredicate() == ICmpInst::ICMP_EQ;
  return branch->getSuccessor(isEqual != isZero) == to &&
         isZeroIfEqual(remainder, scev.getSCEV(compare->getOperand(0)),
                       scev.getSCEV(compare->getOperand(1)), scev);
}

/// By how much a variable is more than `first`, if that is a number modulo 2^n
/// whichever way it came.
static const SCEV *remainderOf(const PHINode &start, unsigned first,
                               const Loop *loop, ScalarEvolution &scev) {
  auto valueOf = [&](unsigned way) {
    return scev.getSCEVAtScope(start.getIncomingValue(way), loop);
  };
  const SCEV *remainder = scev.getMinusSCEV(valueOf(1 - first), valueOf(first));
  const BasicBlock *from = start.getIncomingBlock(first);
  const BasicBlock *to = start.getParent();
  while (from->getSingleSuccessor() && from->getSinglePredecessor()) {
    to = from;
    from = from->getSinglePredecessor();
  }
  return narrowOf(remainder) &&
                 isDecidedBy(remainder, /*isZero=*/true, from, to, scev)
             ? remainder
             : nullptr;
}

/// What the iterations from `start` on end before: that is what it is
/// subtracted from.
static Value *endOf(const PHINode &start, Value *first, const SCEV *remainder,
                    const DominatorTree &dominators, ScalarEvolution &scev) {
  const SCEV *narrow = narrowOf(remainder);
  for (const User *user : start.users()) {
    auto *difference = dyn_cast<BinaryOperator>(user);
    if (!difference || difference->getOpcode() != llvm::Instruction::Sub ||
        difference->getOperand(1) != &start)
      continue;
    Value *end = difference->getOperand(0);
    if (dominators.dominates(end, &start) &&
        scev.getTruncateExpr(
            scev.getMinusSCEV(scev.getSCEV(end), scev.getSCEV(first)),
            narrow->getType()) == narrow)
      return end;
  }
  return nullptr;
}

static Value *sumOf(PHINode &start, const Loop *loop,
                    const DominatorTree &dominators, ScalarEvolution &scev) {
  for (unsigned way : {0, 1}) {
    Value *first = start.getIncomingValue(way);
    const SCEV *remainder = dominators.dominates(first, &start)
                                ? remainderOf(start, way, loop, scev)
                                : nullptr;
    Value *end =
        remainder ? endOf(start, first, remainder, dominators, scev) : nullptr;
    if (!end)
      continue;
    unsigned bits = narrowOf(remainder)->getType()->getIntegerBitWidth();
    IRBuilder<> builder(start.getParent(),
                        start.getParent()->getFirstInsertionPt());
    Value *count = builder.CreateLShr(builder.CreateSub(end, first), bits);
    return builder.CreateSub(end, builder.CreateShl(count, bits));
  }
  return nullptr;
}

bool wasmetal::restoreStarts(llvm::Function &function, const LoopInfo &loops,
                             const DominatorTree &dominators,
                             ScalarEvolution &scev) {
  bool changed = false;
  for (BasicBlock &block : function) {
    const Loop *loop = loops.getLoopFor(&block);
    if (!loop || loops.isLoopHeader(&block))
      continue;
    for (PHINode &start : make_early_inc_range(block.phis())) {
      Value *sum =
          start.getNumIncomingValues() == 2 && start.getType()->isIntegerTy()
              ? sumOf(start, loop, dominators, scev)
              : nullptr;
      if (!sum)
        continue;
      scev.forgetValue(&start);
      start.replaceAllUsesWith(sum);
      start.eraseFromParent();
      changed = true;
    }
  }
  if (changed)
    scev.forgetAllLoops();
  return changed;
}
