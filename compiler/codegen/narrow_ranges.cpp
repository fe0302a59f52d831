// i16x8.narrow_i32x4_u of x and y is, on SSE2, packssdw(x - 0x8000, y - 0x8000)
// ^ 0x8000, for x and y that are not negative. Bytes that were extended to be
// added are below 0x8000: packssdw(x, y) is the same.
#include "compiler/codegen/narrow_ranges.h"
#include "compiler/codegen/preserved.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

/// From -0x8000 to -1.
static bool isMovedSmall(const Value *value, const DataLayout &layout) {
  return computeKnownBits(value, layout).countMinLeadingOnes() > 16;
}

PreservedAnalyses NarrowRangesPass::run(llvm::Function &function,
                                        FunctionAnalysisManager &) {
  const DataLayout &layout = function.getDataLayout();
  bool changed = false;
  for (BasicBlock &block : function)
    for (llvm::Instruction &inst : make_early_inc_range(block)) {
      Value *one, *two;
      if (!match(&inst,
                 m_Xor(m_OneUse(m_Intrinsic<Intrinsic::x86_sse2_packssdw_128>(
                           m_Value(one), m_Value(two))),
                       m_SpecificInt(0x8000))) ||
          !isMovedSmall(one, layout) || !isMovedSmall(two, layout))
        continue;
      IRBuilder<> builder(&inst);
      Constant *back = ConstantInt::getSigned(one->getType(), -0x8000);
      auto *pack = cast<IntrinsicInst>(inst.getOperand(0));
      inst.replaceAllUsesWith(builder.CreateIntrinsic(
          pack->getIntrinsicID(), {},
          {builder.CreateXor(one, back), builder.CreateXor(two, back)}));
      inst.eraseFromParent();
      pack->eraseFromParent();
      changed = true;
    }
  return keepingBranches(changed);
}
