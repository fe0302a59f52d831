// A loop that has done its last round with a count of zero compares the count,
// and takes one from it: two values at a time, a register for each, and a move.
// The processor's subtraction has the answer: it borrows if the count was zero.
#include "compiler/codegen/count_down.h"
#include "compiler/codegen/preserved.h"

#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace wasmetal;

/// What the loop counts with, where the block is the end of its body: a value
/// that the next round has one less of, and which ends it at zero.
static PHINode *countOf(BasicBlock &end, const DominatorTree &dominators) {
  using namespace PatternMatch;
  Value *value;
  CmpPredicate predicate;
  BasicBlock *first, *second;
  if (!match(end.getTerminator(),
             m_Br(m_OneUse(m_ICmp(predicate, m_Value(value), m_Zero())),
                  m_BasicBlock(first), m_BasicBlock(second))) ||
      !ICmpInst::isEquality(predicate))
    return nullptr;
  auto *count = dyn_cast<PHINode>(value);
  BasicBlock *next = predicate == ICmpInst::ICMP_EQ ? second : first;
  if (!count || count->getParent() != next || !dominators.dominates(next, &end))
    return nullptr;
  return count;
}

/// What takes one from the count, for the next round alone.
static BinaryOperator *decrementOf(const PHINode &count,
                                   const BasicBlock &end) {
  using namespace PatternMatch;
  Value *next = count.getIncomingValueForBlock(&end);
  if (!count.getType()->isIntegerTy(32) ||
      !match(next, m_Add(m_Specific(&count), m_AllOnes())))
    return nullptr;
  auto *decrement = dyn_cast<BinaryOperator>(next);
  if (!decrement || decrement->getParent() != &end ||
      !all_of(decrement->users(), IsaPred<PHINode>))
    return nullptr;
  return decrement;
}

/// Where the comparison was, as what stands between may need the flags.
static void useBorrow(BinaryOperator &decrement, BranchInst &branch) {
  auto *comparison = cast<ICmpInst>(branch.getCondition());
  IRBuilder<> builder(&branch);
  Value *both = builder.CreateBinaryIntrinsic(
      Intrinsic::usub_with_overflow, decrement.getOperand(0),
      ConstantInt::get(decrement.getType(), 1));
  Value *isZero = builder.CreateExtractValue(both, 1);
  if (comparison->getPredicate() == ICmpInst::ICMP_NE)
    branch.swapSuccessors();
  branch.setCondition(isZero);
  comparison->eraseFromParent();
  decrement.replaceAllUsesWith(builder.CreateExtractValue(both, 0));
  decrement.eraseFromParent();
}

PreservedAnalyses CountDownPass::run(llvm::Function &function,
                                     FunctionAnalysisManager &manager) {
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  bool changed = false;
  for (BasicBlock &block : function)
    if (PHINode *count = countOf(block, dominators))
      if (BinaryOperator *decrement = decrementOf(*count, block)) {
        useBorrow(*decrement, cast<BranchInst>(*block.getTerminator()));
        changed = true;
      }
  return keepingBranches(changed);
}
