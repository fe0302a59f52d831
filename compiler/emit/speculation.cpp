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

/// What computes a value of the first operand's type, and nothing besides.
static CallInst *assemble(IRBuilder<> &builder, StringRef text,
                          StringRef constraints, ArrayRef<Value *> operands) {
  SmallVector<Type *, 4> types;
  for (const Value *operand : operands)
    types.push_back(operand->getType());
  auto *assembly = InlineAsm::get(FunctionType::get(types[0], types, false),
                                  text, constraints, /*hasSideEffects=*/false);
  CallInst *result = builder.CreateCall(assembly, operands);
  result->setDoesNotThrow();
  result->setDoesNotAccessMemory();
  result->addFnAttr(Attribute::WillReturn);
  return result;
}

CallInst *wasmetal::hideAll(IRBuilder<> &builder, Value *value) {
  return assemble(builder, "", "=r,0", {value});
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

static Triple targetOf(const IRBuilder<> &builder) {
  return Triple(builder.GetInsertBlock()->getModule()->getTargetTriple());
}

/// All ones if the value is negative. LLVM makes no branch of the mask again.
static Value *maskOfSign(IRBuilder<> &builder, Value *value) {
  constexpr uint64_t SignBit = 63;
  return hide(builder, builder.CreateAShr(value, SignBit));
}

/// AArch64 shifts as it masks.
static Value *keepByOneInstruction(IRBuilder<> &builder, Value *value,
                                   Value *sign) {
  return assemble(builder, "and $0, $1, $2, asr #63", "=r,r,r", {value, sign});
}

/// x86-64 moves by a comparison, which is data to its processors. All of the
/// register is compared that is used, whatever LLVM knows of it, so that
/// nothing has to be hidden.
static Value *selectIfBelow(IRBuilder<> &builder, Value *value, Value *index,
                            Value *limit, Value *otherwise) {
  if (value == index)
    return assemble(builder, "cmpq $2, $0\n\tcmovaeq $3, $0",
                    "=r,0,r,r,~{flags}", {index, limit, otherwise});
  return assemble(builder, "cmpq $3, $2\n\tcmovaeq $4, $0",
                  "=r,0,r,r,r,~{flags}", {value, index, limit, otherwise});
}

static Value *keepIfNegative(IRBuilder<> &builder, Value *value, Value *sign) {
  if (targetOf(builder).isAArch64())
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
  if (targetOf(builder).isX86())
    return selectIfBelow(builder, value, index, limit, builder.getInt64(0));
  return keepIfNegative(builder, value, signIfBelow(builder, index, limit));
}

Value *wasmetal::keepIfBelow(IRBuilder<> &builder, Value *index, Value *limit) {
  if (!targetOf(builder).isX86())
    index = hide(builder, index);
  return keepIfBelow(builder, index, index, limit);
}

Value *wasmetal::clampIndex(IRBuilder<> &builder, Value *index,
                            uint64_t limit) {
  Value *end = builder.getInt64(limit);
  if (targetOf(builder).isX86())
    return assemble(builder, "cmpq $2, $0\n\tcmovaeq $2, $0", "=r,0,r,~{flags}",
                    {index, end});
  // Less the limit and plus it again, which is a part of the table's address.
  index = hide(builder, index);
  Value *kept = keepIfBelow(builder, builder.CreateSub(index, end), index, end);
  return builder.CreateAdd(kept, end);
}

Value *wasmetal::maskIfEqual(IRBuilder<> &builder, Value *left, Value *right) {
  Type *type = builder.getInt64Ty();
  // Addresses have less than 64 bits: 0 alone gives a negative number.
  Value *distance = builder.CreateXor(builder.CreatePtrToInt(left, type),
                                      builder.CreatePtrToInt(right, type));
  return maskOfSign(builder, builder.CreateSub(distance, builder.getInt64(1)));
}
