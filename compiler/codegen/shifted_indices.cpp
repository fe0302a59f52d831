// The word of bit x is at a + (x >> 5) * 4, of which LLVM makes a +
// ((x >> 3) & -4). In native code an access multiplies by 4; in WebAssembly the
// address is a sum of 32 bits, which LEA makes at once if the product is still
// there. LLVM restores it where x is not signed, and on AArch64.
#include "compiler/codegen/shifted_indices.h"
#include "compiler/codegen/preserved.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

/// Null where a value is not of that form.
static Value *restored(BinaryOperator &value) {
  constexpr unsigned MaxScale = 3; // of what addresses multiply by, 8
  Value *number;
  const APInt *shift, *mask;
  if (!value.getType()->isIntegerTy() ||
      !match(&value, m_And(m_OneUse(m_AShr(m_Value(number), m_APInt(shift))),
                           m_APInt(mask))) ||
      !mask->isNegatedPowerOf2())
    return nullptr;
  unsigned scale = mask->countr_zero();
  unsigned bits = mask->getBitWidth();
  if (scale == 0 || scale > MaxScale || shift->uge(bits - scale))
    return nullptr;
  IRBuilder<> builder(&value);
  Value *index =
      builder.CreateAShr(number, shift->getZExtValue() + scale, "index");
  return builder.CreateShl(index, scale);
}

PreservedAnalyses ShiftedIndicesPass::run(llvm::Function &function,
                                          FunctionAnalysisManager &) {
  bool changed = false;
  for (BasicBlock &block : function)
    for (llvm::Instruction &inst : make_early_inc_range(block)) {
      auto *value = dyn_cast<BinaryOperator>(&inst);
      if (!value || value->use_empty() ||
          !all_of(value->users(), [](User *user) {
            return match(user, m_Add(m_Value(), m_Value()));
          }))
        continue;
      Value *product = restored(*value);
      if (!product)
        continue;
      auto *shifted = cast<llvm::Instruction>(value->getOperand(0));
      value->replaceAllUsesWith(product);
      value->eraseFromParent();
      shifted->eraseFromParent();
      changed = true;
    }
  return keepingBranches(changed);
}
