// Masks against speculative execution: a processor runs ahead of a comparison
// that it has not yet made, so that what the comparison protects has to depend
// on it by data and not by a branch alone. The sandbox's position on Spectre
// (docs/security.md) rests on this file.
#include "compiler/emit/speculation.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;
using namespace wasmetal;

CallInst *wasmetal::hideAll(IRBuilder<> &builder, Value *value) {
  Type *type = value->getType();
  auto *nothing = InlineAsm::get(FunctionType::get(type, {type}, false), "",
                                 "=r,0", /*hasSideEffects=*/false);
  CallInst *hidden = builder.CreateCall(nothing, {value});
  hidden->setDoesNotThrow();
  hidden->setDoesNotAccessMemory();
  hidden->addFnAttr(Attribute::WillReturn);
  return hidden;
}

Value *wasmetal::hide(IRBuilder<> &builder, Value *value) {
  auto *extended = dyn_cast<ZExtInst>(value); // that much may be known
  if (!extended)
    return hideAll(builder, value);
  // Extended behind it: LLVM counts loops in 64 bits where a comparison, which
  // may be predicted wrongly, keeps the number in 32.
  return builder.CreateZExt(hideAll(builder, extended->getOperand(0)),
                            value->getType());
}

/// All ones if the value is negative. LLVM makes no branch of the mask again.
static Value *maskOfSign(IRBuilder<> &builder, Value *value) {
  constexpr uint64_t SignBit = 63;
  return hide(builder, builder.CreateAShr(value, SignBit));
}

/// AArch64 shifts as it masks.
static Value *keepByOneInstruction(IRBuilder<> &builder, Value *value,
                                   Value *sign) {
  Type *type = builder.getInt64Ty();
  auto *both = InlineAsm::get(FunctionType::get(type, {type, type}, false),
                              "and $0, $1, $2, asr #63", "=r,r,r",
                              /*hasSideEffects=*/false);
  CallInst *kept = builder.CreateCall(both, {value, sign});
  kept->setDoesNotThrow();
  kept->setDoesNotAccessMemory();
  kept->addFnAttr(Attribute::WillReturn);
  return kept;
}

Value *wasmetal::keepIfNegative(IRBuilder<> &builder, Value *value,
                                Value *sign) {
  const Module &module = *builder.GetInsertBlock()->getModule();
  if (Triple(module.getTargetTriple()).isAArch64())
    return keepByOneInstruction(builder, value, sign);
  return builder.CreateAnd(value, maskOfSign(builder, sign));
}

/// Negative if index < limit.
static Value *signIfBelow(IRBuilder<> &builder, Value *index, Value *limit) {
  Value *distance = builder.CreateSub(index, limit);
  // An index of 64 bits may be so far beyond that it looks like one before.
  const DataLayout &layout =
      builder.GetInsertBlock()->getModule()->getDataLayout();
  if (!isKnownNonNegative(index, layout))
    distance = builder.CreateAnd(distance, builder.CreateNot(index));
  return distance;
}

Value *wasmetal::keepIfBelow(IRBuilder<> &builder, Value *value, Value *index,
                             Value *limit) {
  return keepIfNegative(builder, value, signIfBelow(builder, index, limit));
}

Value *wasmetal::maskIfEqual(IRBuilder<> &builder, Value *left, Value *right) {
  Type *type = builder.getInt64Ty();
  // Addresses have less than 64 bits: 0 alone gives a negative number.
  Value *distance = builder.CreateXor(builder.CreatePtrToInt(left, type),
                                      builder.CreatePtrToInt(right, type));
  return maskOfSign(builder, builder.CreateSub(distance, builder.getInt64(1)));
}
