// Vector constants and lanes. A vector stands on the operand stack as i64x2;
// each instruction gives it the shape that its name says.
// https://webassembly.github.io/spec/core/exec/instructions.html#vector-instructions
#include "compiler/emit/function_emitter.h"

#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/IntrinsicsAArch64.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace wasmetal;

Value *FunctionEmitter::popVector(FixedVectorType *shape) {
  Value *value = pop();
  if (auto *constant = dyn_cast<Constant>(value))
    return ConstantFoldCastOperand(llvm::Instruction::BitCast, constant, shape,
                                   emitter.module->getDataLayout());
  return builder.CreateBitCast(value, shape);
}

void FunctionEmitter::pushVector(Value *value) {
  push(builder.CreateBitCast(value, emitter.i64x2));
}

Constant *ModuleEmitter::vectorConstant(ArrayRef<uint8_t> bytes) const {
  uint64_t halves[] = {support::endian::read64le(bytes.data()),
                       support::endian::read64le(bytes.data() + 8)};
  return ConstantDataVector::get(context, halves);
}

void FunctionEmitter::emitV128Const(const Instruction &inst) {
  push(emitter.vectorConstant(inst.bytes));
}

void FunctionEmitter::emitI8x16Shuffle(const Instruction &inst) {
  Value *right = popVector(emitter.i8x16);
  Value *left = popVector(emitter.i8x16);
  SmallVector<int, 16> lanes(inst.bytes.begin(), inst.bytes.end());
  pushVector(builder.CreateShuffleVector(left, right, lanes));
}

/// A lane past the last gives zero.
Value *FunctionEmitter::swizzle(Value *source, Value *lanes) {
  if (emitter.options.vectors.ssse3) {
    // pshufb gives zero where bit 7 is set: saturation sets it from 16 on.
    Value *saturated = builder.CreateBinaryIntrinsic(
        Intrinsic::uadd_sat, lanes, ConstantInt::get(emitter.i8x16, 0x80 - 16));
    return builder.CreateIntrinsic(Intrinsic::x86_ssse3_pshuf_b_128, {},
                                   {source, saturated});
  }
  if (emitter.options.vectors.neon)
    return builder.CreateIntrinsic(Intrinsic::aarch64_neon_tbl1,
                                   {emitter.i8x16}, {source, lanes});
  // Through memory, with lanes that stay in the vector.
  if (!vectorSlot) {
    IRBuilder<> entry(entryEnd);
    vectorSlot = entry.CreateAlloca(emitter.i8x16);
  }
  builder.CreateStore(source, vectorSlot);
  Value *inRange =
      builder.CreateAnd(lanes, ConstantInt::get(emitter.i8x16, 15));
  Value *result = PoisonValue::get(emitter.i8x16);
  for (uint64_t i = 0; i < 16; ++i) {
    Value *lane = builder.CreateZExt(builder.CreateExtractElement(inRange, i),
                                     emitter.i64);
    Value *address = builder.CreateInBoundsGEP(emitter.i8, vectorSlot, lane);
    result = builder.CreateInsertElement(
        result, builder.CreateLoad(emitter.i8, address), i);
  }
  Value *isLane =
      builder.CreateICmpULT(lanes, ConstantInt::get(emitter.i8x16, 16));
  return builder.CreateSelect(isLane, result,
                              Constant::getNullValue(emitter.i8x16));
}

void FunctionEmitter::emitI8x16Swizzle(const Instruction &) {
  Value *lanes = popVector(emitter.i8x16);
  Value *source = popVector(emitter.i8x16);
  pushVector(swizzle(source, lanes));
}

/// A scalar operand as the element of a shape: i32 stands for i8 and i16.
Value *FunctionEmitter::popElement(FixedVectorType *shape) {
  Value *value = pop();
  Type *type = shape->getElementType();
  return type->isIntegerTy() ? builder.CreateTrunc(value, type) : value;
}

void FunctionEmitter::splat(FixedVectorType *shape) {
  pushVector(
      builder.CreateVectorSplat(shape->getNumElements(), popElement(shape)));
}

void FunctionEmitter::replaceLane(const Instruction &inst,
                                  FixedVectorType *shape) {
  Value *element = popElement(shape);
  pushVector(
      builder.CreateInsertElement(popVector(shape), element, inst.index));
}

#define SHAPE(T, shape)                                                        \
  void FunctionEmitter::emit##T##Splat(const Instruction &) {                  \
    splat(emitter.shape);                                                      \
  }                                                                            \
  void FunctionEmitter::emit##T##ReplaceLane(const Instruction &inst) {        \
    replaceLane(inst, emitter.shape);                                          \
  }
SHAPE(I8x16, i8x16)
SHAPE(I16x8, i16x8)
SHAPE(I32x4, i32x4)
SHAPE(I64x2, i64x2)
SHAPE(F32x4, f32x4)
SHAPE(F64x2, f64x2)
#undef SHAPE

#define EXTRACT(name, shape, extend)                                           \
  void FunctionEmitter::emit##name(const Instruction &inst) {                  \
    Value *lane =                                                              \
        builder.CreateExtractElement(popVector(emitter.shape), inst.index);    \
    push(extend);                                                              \
  }
EXTRACT(I8x16ExtractLaneS, i8x16, builder.CreateSExt(lane, emitter.i32))
EXTRACT(I8x16ExtractLaneU, i8x16, builder.CreateZExt(lane, emitter.i32))
EXTRACT(I16x8ExtractLaneS, i16x8, builder.CreateSExt(lane, emitter.i32))
EXTRACT(I16x8ExtractLaneU, i16x8, builder.CreateZExt(lane, emitter.i32))
EXTRACT(I32x4ExtractLane, i32x4, lane)
EXTRACT(I64x2ExtractLane, i64x2, lane)
EXTRACT(F32x4ExtractLane, f32x4, lane)
EXTRACT(F64x2ExtractLane, f64x2, lane)
#undef EXTRACT
