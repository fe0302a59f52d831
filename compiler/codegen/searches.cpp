// The count is the least of all that LLVM knows: nothing is said of iterations
// for which no test was made.
#include "compiler/codegen/searches.h"

using namespace llvm;

static bool onlyLoads(const Loop &loop) {
  return none_of(loop.blocks(), [](const BasicBlock *block) {
    return any_of(*block, [](const Instruction &inst) {
      return !isa<LoadInst>(inst) && inst.mayWriteToMemory();
    });
  });
}

const SCEV *wasmetal::searchCount(const Loop &loop, ScalarEvolution &scev) {
  BasicBlock *latch = loop.getLoopLatch();
  if (!loop.isInnermost() || !latch || !loop.isLoopExiting(latch) ||
      loop.getExitingBlock() || !isa<BranchInst>(latch->getTerminator()) ||
      !onlyLoads(loop))
    return nullptr;
  const SCEV *count = scev.getExitCount(&loop, latch);
  if (isa<SCEVCouldNotCompute>(count) ||
      count != scev.getSymbolicMaxBackedgeTakenCount(&loop) ||
      scev.getUnsignedRangeMax(count).getActiveBits() > 32)
    return nullptr;
  return count;
}

void wasmetal::assumeReadable(IRBuilder<> &builder, Instruction *row,
                              Value *bytes) {
  row->setMetadata(LLVMContext::MD_nofree, MDNode::get(row->getContext(), {}));
  Value *what[] = {row, bytes};
  builder.CreateAssumption(builder.getTrue(),
                           OperandBundleDef("dereferenceable", what));
}
