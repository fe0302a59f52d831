// A distance of k * 4 bytes, k * 4 being a value, is an instruction to LLVM's
// models of cost; the element k of four bytes is a part of the access, as it is
// in machine code. Loops are unrolled by what they cost.
#include "compiler/codegen/scaled_addresses.h"
#include "compiler/codegen/preserved.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

/// The element's index, and its size, where processors can multiply by it. No
/// conversion stands between the product and the pointer, so that both are
/// modulo the same power of two.
static Value *indexOf(Value *distance, uint64_t &size) {
  constexpr uint64_t MaxScale = 8;
  Value *index;
  uint64_t number;
  if (match(distance, m_Shl(m_Value(index), m_ConstantInt(number))))
    size = number < 64 ? uint64_t(1) << number : 0;
  else if (match(distance, m_Mul(m_Value(index), m_ConstantInt(number))))
    size = number;
  else
    return nullptr;
  return isPowerOf2_64(size) && size > 1 && size <= MaxScale ? index : nullptr;
}

/// An index that overflows when it is multiplied makes poison of an address
/// that promises not to.
static GEPNoWrapFlags flagsOf(const GetElementPtrInst &place) {
  auto *product = cast<OverflowingBinaryOperator>(place.getOperand(1));
  GEPNoWrapFlags flags = place.getNoWrapFlags();
  if (!product->hasNoSignedWrap())
    flags = flags.withoutNoUnsignedSignedWrap();
  if (!product->hasNoUnsignedWrap())
    flags = flags.withoutNoUnsignedWrap();
  return flags;
}

PreservedAnalyses ScaledAddressesPass::run(llvm::Function &function,
                                           FunctionAnalysisManager &) {
  const DataLayout &layout = function.getDataLayout();
  bool changed = false;
  for (llvm::Instruction &inst : instructions(function)) {
    auto *place = dyn_cast<GetElementPtrInst>(&inst);
    if (!place || !place->getSourceElementType()->isIntegerTy(8) ||
        place->getOperand(1)->getType() !=
            layout.getIndexType(place->getType()))
      continue;
    uint64_t size;
    Value *index = indexOf(place->getOperand(1), size);
    if (!index)
      continue;
    place->setNoWrapFlags(flagsOf(*place));
    Type *element = ArrayType::get(place->getSourceElementType(), size);
    place->setSourceElementType(element);
    place->setResultElementType(element);
    place->setOperand(1, index);
    changed = true;
  }
  return keepingBranches(changed);
}
