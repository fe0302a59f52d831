// Relaxed vector instructions: by default what the processor does at once;
// with --relaxed-simd deterministic what every processor does, which is the
// specification's deterministic profile.
// https://webassembly.github.io/spec/core/exec/numerics.html#relaxed-operations
#include "compiler/emit/simd.h"

#include "llvm/IR/IntrinsicsAArch64.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;
using namespace wasmetal;

bool FunctionEmitter::mayRelax(bool hasInstruction) const {
  return hasInstruction && !emitter.options.deterministicRelaxed;
}

void FunctionEmitter::emitI8x16RelaxedSwizzle(const Instruction &inst) {
  if (!mayRelax(emitter.options.vectors.ssse3))
    return emitI8x16Swizzle(inst);
  Value *lanes = popVector(emitter.i8x16);
  Value *source = popVector(emitter.i8x16);
  pushVector(builder.CreateIntrinsic(Intrinsic::x86_ssse3_pshuf_b_128, {},
                                     {source, lanes}));
}

//===-- Floats ------------------------------------------------------------===//

void FunctionEmitter::emitI32x4RelaxedTruncF32x4S(const Instruction &inst) {
  if (!mayRelax(emitter.options.vectors.sse2))
    return emitI32x4TruncSatF32x4S(inst);
  pushVector(builder.CreateIntrinsic(Intrinsic::x86_sse2_cvttps2dq, {},
                                     {popVector(emitter.f32x4)}));
}

void FunctionEmitter::emitI32x4RelaxedTruncF64x2SZero(const Instruction &inst) {
  if (!mayRelax(emitter.options.vectors.sse2))
    return emitI32x4TruncSatF64x2SZero(inst);
  pushVector(builder.CreateIntrinsic(Intrinsic::x86_sse2_cvttpd2dq, {},
                                     {popVector(emitter.f64x2)}));
}

void FunctionEmitter::emitI32x4RelaxedTruncF32x4U(const Instruction &inst) {
  emitI32x4TruncSatF32x4U(inst);
}

void FunctionEmitter::emitI32x4RelaxedTruncF64x2UZero(const Instruction &inst) {
  emitI32x4TruncSatF64x2UZero(inst);
}

Value *FunctionEmitter::multiplyAdd(Value *x, Value *y, Value *z) {
  if (mayRelax(emitter.options.vectors.fma))
    return builder.CreateIntrinsic(Intrinsic::fma, x->getType(), {x, y, z});
  return builder.CreateFAdd(builder.CreateFMul(x, y), z);
}

Value *FunctionEmitter::minMaxRelaxed(Value *x, Value *y, bool isMax) {
  if (!mayRelax(emitter.options.vectors.sse2))
    return minMaxLanes(x, y, isMax);
  return chooseLess(x, y, isMax);
}

#define FLOAT(T, shape)                                                        \
  TERNARY(T##RelaxedMadd, shape, multiplyAdd(x, y, z))                         \
  TERNARY(T##RelaxedNmadd, shape, multiplyAdd(builder.CreateFNeg(x), y, z))    \
  BINARY(T##RelaxedMin, shape, minMaxRelaxed(x, y, /*isMax=*/false))           \
  BINARY(T##RelaxedMax, shape, minMaxRelaxed(x, y, /*isMax=*/true))
FLOAT(F32x4, f32x4)
FLOAT(F64x2, f64x2)

//===-- Integers ----------------------------------------------------------===//

/// A blend looks at the sign bit of each lane; that of 16-bit lanes does not
/// exist, and of bytes is good enough.
Value *FunctionEmitter::laneSelect(Value *x, Value *y, Value *mask) {
  if (!mayRelax(emitter.options.vectors.sse41))
    return bitselect(x, y, mask);
  if (mask->getType() == emitter.i16x8) {
    auto bytes = [&](Value *value) {
      return builder.CreateBitCast(value, emitter.i8x16);
    };
    return builder.CreateIntrinsic(Intrinsic::x86_sse41_pblendvb, {},
                                   {bytes(y), bytes(x), bytes(mask)});
  }
  Value *isNegative =
      builder.CreateICmpSLT(mask, Constant::getNullValue(mask->getType()));
  return builder.CreateSelect(isNegative, x, y);
}

TERNARY(I8x16RelaxedLaneselect, i8x16, laneSelect(x, y, z))
TERNARY(I16x8RelaxedLaneselect, i16x8, laneSelect(x, y, z))
TERNARY(I32x4RelaxedLaneselect, i32x4, laneSelect(x, y, z))
TERNARY(I64x2RelaxedLaneselect, i64x2, laneSelect(x, y, z))

void FunctionEmitter::emitI16x8RelaxedQ15mulrS(const Instruction &inst) {
  if (!mayRelax(emitter.options.vectors.ssse3))
    return emitI16x8Q15mulrSatS(inst);
  Value *y = popVector(emitter.i16x8);
  pushVector(multiplyQ15(popVector(emitter.i16x8), y));
}

/// pmaddubsw takes its first operand as unsigned: here the second, whose
/// lanes have seven bits.
Value *FunctionEmitter::dotBytes(Value *x, Value *y) {
  if (mayRelax(emitter.options.vectors.ssse3))
    return builder.CreateIntrinsic(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {},
                                   {y, x});
  if (emitter.options.vectors.neon) {
    auto products = [&](bool isHigh) {
      return builder.CreateMul(widen(x, isHigh, true), widen(y, isHigh, true));
    };
    return builder.CreateIntrinsic(Intrinsic::aarch64_neon_addp,
                                   {emitter.i16x8},
                                   {products(false), products(true)});
  }
  auto product = [&](bool isHigh) {
    auto part = [&](Value *value) {
      value = builder.CreateBitCast(value, emitter.i16x8);
      if (!isHigh)
        value = builder.CreateShl(value, 8);
      return builder.CreateAShr(value, 8);
    };
    return builder.CreateMul(part(x), part(y));
  };
  return builder.CreateAdd(product(false), product(true));
}

BINARY(I16x8RelaxedDotI8x16I7x16S, i8x16, dotBytes(x, y))

void FunctionEmitter::emitI32x4RelaxedDotI8x16I7x16AddS(
    const Instruction &inst) {
  Value *sum = popVector(emitter.i32x4);
  emitI16x8RelaxedDotI8x16I7x16S(inst);
  emitI32x4ExtaddPairwiseI16x8S(inst);
  pushVector(builder.CreateAdd(popVector(emitter.i32x4), sum));
}
