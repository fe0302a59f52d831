// Conversions between the shapes of vectors.
// https://webassembly.github.io/spec/core/exec/numerics.html#conversions
#include "compiler/emit/simd.h"

#include "llvm/IR/IntrinsicsAArch64.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;
using namespace wasmetal;

//===-- Integers ----------------------------------------------------------===//

#define EXTENSIONS(to, from, shape)                                            \
  UNARY(to##ExtendLow##from##S, shape, widen(x, false, true))                  \
  UNARY(to##ExtendHigh##from##S, shape, widen(x, true, true))                  \
  UNARY(to##ExtendLow##from##U, shape, widen(x, false, false))                 \
  UNARY(to##ExtendHigh##from##U, shape, widen(x, true, false))
EXTENSIONS(I16x8, I8x16, i8x16)
EXTENSIONS(I32x4, I16x8, i16x8)

/// Two lanes of i32, sign-extended. Without an instruction for it, LLVM
/// compares either half of a vector with zero; all signs come of one shift.
Value *FunctionEmitter::widenPair(Value *x, int first) {
  const VectorExtensions &vectors = emitter.options.vectors;
  if (!vectors.sse2 || vectors.sse41)
    return builder.CreateSExt(
        builder.CreateShuffleVector(x, {first, first + 1}), emitter.i64x2);
  auto *shape = cast<FixedVectorType>(x->getType());
  int sign = first + static_cast<int>(shape->getNumElements());
  return builder.CreateShuffleVector(x, builder.CreateAShr(x, 31),
                                     {first, sign, first + 1, sign + 1});
}

UNARY(I64x2ExtendLowI32x4S, i32x4, widenPair(x, 0))
UNARY(I64x2ExtendHighI32x4S, i32x4, widenPair(x, 2))
UNARY(I64x2ExtendLowI32x4U, i32x4, widen(x, false, false))
UNARY(I64x2ExtendHighI32x4U, i32x4, widen(x, true, false))

/// The lanes of both, saturated to half their width.
Value *FunctionEmitter::narrow(Value *x, Value *y, bool isSigned) {
  bool toBytes = x->getType() == emitter.i16x8;
  const VectorExtensions &vectors = emitter.options.vectors;
  if (vectors.sse41 || (vectors.sse2 && (toBytes || isSigned))) {
    Intrinsic::ID bytes = isSigned ? Intrinsic::x86_sse2_packsswb_128
                                   : Intrinsic::x86_sse2_packuswb_128;
    Intrinsic::ID words = isSigned ? Intrinsic::x86_sse2_packssdw_128
                                   : Intrinsic::x86_sse41_packusdw;
    return builder.CreateIntrinsic(toBytes ? bytes : words, {}, {x, y});
  }
  if (vectors.sse2) {
    // Words are saturated as signed ones only: the range moves there and back.
    auto moved = [&](Value *value) {
      value = builder.CreateBinaryIntrinsic(
          Intrinsic::smax, value, Constant::getNullValue(emitter.i32x4));
      return builder.CreateSub(value, ConstantInt::get(emitter.i32x4, 0x8000));
    };
    return builder.CreateXor(narrow(moved(x), moved(y), true),
                             ConstantInt::get(emitter.i16x8, 0x8000));
  }
  auto *shape = cast<FixedVectorType>(x->getType());
  SmallVector<int, 16> lanes;
  for (unsigned i = 0; i < 2 * shape->getNumElements(); ++i)
    lanes.push_back(static_cast<int>(i));
  Value *both = builder.CreateShuffleVector(x, y, lanes);
  unsigned width = shape->getScalarSizeInBits();
  APInt least = isSigned ? APInt::getSignedMinValue(width / 2).sext(width)
                         : APInt::getZero(width);
  APInt most = isSigned ? APInt::getSignedMaxValue(width / 2).sext(width)
                        : APInt::getMaxValue(width / 2).zext(width);
  Type *wide = both->getType();
  both = builder.CreateBinaryIntrinsic(Intrinsic::smax, both,
                                       ConstantInt::get(wide, least));
  both = builder.CreateBinaryIntrinsic(Intrinsic::smin, both,
                                       ConstantInt::get(wide, most));
  return builder.CreateTrunc(
      both, VectorType::getTruncatedElementVectorType(cast<VectorType>(wide)));
}

BINARY(I8x16NarrowI16x8S, i16x8, narrow(x, y, true))
BINARY(I8x16NarrowI16x8U, i16x8, narrow(x, y, false))
BINARY(I16x8NarrowI32x4S, i32x4, narrow(x, y, true))
BINARY(I16x8NarrowI32x4U, i32x4, narrow(x, y, false))

//===-- Floats to integers ------------------------------------------------===//

/// x86 gives the smallest integer for what it cannot represent.
Value *FunctionEmitter::truncateSigned(Value *x) {
  if (!emitter.options.vectors.sse2)
    return builder.CreateIntrinsic(Intrinsic::fptosi_sat,
                                   {emitter.i32x4, x->getType()}, {x});
  Value *number = builder.CreateSelect(builder.CreateFCmpORD(x, x), x,
                                       Constant::getNullValue(x->getType()));
  Value *result =
      builder.CreateIntrinsic(Intrinsic::x86_sse2_cvttps2dq, {}, {number});
  Value *isTooLarge =
      builder.CreateFCmpOGE(x, ConstantFP::get(x->getType(), 0x1p31));
  // From the smallest integer to the largest.
  return builder.CreateXor(result, laneMask(isTooLarge, emitter.i32x4));
}

/// What is too large for the conversion is not taken from it.
Value *FunctionEmitter::truncateUnsigned(Value *x) {
  if (emitter.options.vectors.neon)
    return builder.CreateIntrinsic(Intrinsic::fptoui_sat,
                                   {emitter.i32x4, x->getType()}, {x});
  Value *zero = Constant::getNullValue(x->getType());
  Value *positive = chooseLess(x, zero, /*isGreater=*/true);
  Value *isTooLarge =
      builder.CreateFCmpOGE(x, ConstantFP::get(x->getType(), 0x1p32));
  return builder.CreateSelect(isTooLarge,
                              Constant::getAllOnesValue(emitter.i32x4),
                              builder.CreateFPToUI(positive, emitter.i32x4));
}

/// Two lanes and two zeros.
Value *FunctionEmitter::withZeros(Value *pair) {
  return builder.CreateShuffleVector(
      pair, Constant::getNullValue(pair->getType()), {0, 1, 2, 3});
}

/// Doubles hold the limits of i32 exactly, so that they are clamped before.
Value *FunctionEmitter::truncatePair(Value *x, bool isSigned) {
  auto *pair = FixedVectorType::get(emitter.i32, 2);
  Type *shape = x->getType();
  if (emitter.options.vectors.neon) {
    Value *wide = builder.CreateIntrinsic(isSigned ? Intrinsic::fptosi_sat
                                                   : Intrinsic::fptoui_sat,
                                          {emitter.i64x2, shape}, {x});
    return withZeros(
        builder.CreateIntrinsic(isSigned ? Intrinsic::aarch64_neon_sqxtn
                                         : Intrinsic::aarch64_neon_uqxtn,
                                {pair}, {wide}));
  }
  Value *zero = Constant::getNullValue(shape);
  Value *most = ConstantFP::get(shape, isSigned ? 0x1p31 - 1 : 0x1p32 - 1);
  if (!isSigned) {
    Value *value = chooseLess(x, zero, /*isGreater=*/true);
    value = chooseLess(value, most, /*isGreater=*/false);
    return withZeros(builder.CreateFPToUI(value, pair));
  }
  // NaN is compared with zero instead of the limit, and becomes it.
  Value *limit = builder.CreateSelect(builder.CreateFCmpORD(x, x), most, zero);
  Value *value = chooseLess(x, limit, /*isGreater=*/false);
  if (emitter.options.vectors.sse2) // what is too small gives the smallest
    return builder.CreateIntrinsic(Intrinsic::x86_sse2_cvttpd2dq, {}, {value});
  value = chooseLess(value, ConstantFP::get(shape, -0x1p31),
                     /*isGreater=*/true);
  return withZeros(builder.CreateFPToSI(value, pair));
}

UNARY(I32x4TruncSatF32x4S, f32x4, truncateSigned(x))
UNARY(I32x4TruncSatF32x4U, f32x4, truncateUnsigned(x))
UNARY(I32x4TruncSatF64x2SZero, f64x2, truncatePair(x, true))
UNARY(I32x4TruncSatF64x2UZero, f64x2, truncatePair(x, false))

//===-- To floats ---------------------------------------------------------===//

/// The first two lanes of four.
Value *FunctionEmitter::lowPair(Value *x) {
  return builder.CreateShuffleVector(x, {0, 1});
}

UNARY(F32x4ConvertI32x4S, i32x4, builder.CreateSIToFP(x, emitter.f32x4))
UNARY(F32x4ConvertI32x4U, i32x4, builder.CreateUIToFP(x, emitter.f32x4))
UNARY(F64x2ConvertLowI32x4S, i32x4,
      builder.CreateSIToFP(lowPair(x), emitter.f64x2))
UNARY(F64x2ConvertLowI32x4U, i32x4,
      builder.CreateUIToFP(lowPair(x), emitter.f64x2))
UNARY(F64x2PromoteLowF32x4, f32x4,
      builder.CreateFPExt(lowPair(x), emitter.f64x2))

void FunctionEmitter::emitF32x4DemoteF64x2Zero(const Instruction &) {
  // LLVM folds a demotion with the promotion before it, which would leave a
  // signalling NaN signalling.
  Value *x = builder.CreateIntrinsic(Intrinsic::arithmetic_fence, emitter.f64x2,
                                     {popVector(emitter.f64x2)});
  pushVector(withZeros(
      builder.CreateFPTrunc(x, FixedVectorType::get(emitter.f32, 2))));
}
