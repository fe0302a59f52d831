// Vector instructions on bits and integers. Each is one expression of its
// operands: `x`, then `y`, then `z` in the order of the specification. They
// are written so that LLVM finds the machine's instruction.
// https://webassembly.github.io/spec/core/exec/numerics.html#vector-operations
#include "compiler/emit/simd.h"

#include "llvm/IR/IntrinsicsAArch64.h"
#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;
using namespace wasmetal;

//===-- Bits --------------------------------------------------------------===//

UNARY(V128Not, i64x2, builder.CreateNot(x))
BINARY(V128And, i64x2, builder.CreateAnd(x, y))
BINARY(V128Andnot, i64x2, builder.CreateAnd(x, builder.CreateNot(y)))
BINARY(V128Or, i64x2, builder.CreateOr(x, y))
BINARY(V128Xor, i64x2, builder.CreateXor(x, y))
TEST(V128AnyTrue, i64x2,
     builder.CreateIsNotNull(builder.CreateBitCast(x, builder.getInt128Ty())))

Value *FunctionEmitter::bitselect(Value *x, Value *y, Value *mask) {
  return builder.CreateOr(builder.CreateAnd(x, mask),
                          builder.CreateAnd(y, builder.CreateNot(mask)));
}

void FunctionEmitter::emitV128Bitselect(const Instruction &) {
  Value *mask = pop();
  Value *y = pop();
  Value *x = pop();
  push(bitselect(x, y, mask));
}

//===-- Comparisons -------------------------------------------------------===//

/// All bits of a lane say whether the comparison holds.
Value *FunctionEmitter::laneMask(Value *condition, Type *shape) {
  return builder.CreateSExt(condition, shape);
}

#define COMPARE(name, shape, comparison)                                       \
  BINARY(name, shape,                                                          \
         laneMask(builder.CreateICmp##comparison(x, y), emitter.shape))
#define SIGNED_COMPARISONS(T, shape)                                           \
  COMPARE(T##Eq, shape, EQ)                                                    \
  COMPARE(T##Ne, shape, NE)                                                    \
  COMPARE(T##LtS, shape, SLT)                                                  \
  COMPARE(T##GtS, shape, SGT)                                                  \
  COMPARE(T##LeS, shape, SLE)                                                  \
  COMPARE(T##GeS, shape, SGE)
#define UNSIGNED_COMPARISONS(T, shape)                                         \
  COMPARE(T##LtU, shape, ULT)                                                  \
  COMPARE(T##GtU, shape, UGT)                                                  \
  COMPARE(T##LeU, shape, ULE)                                                  \
  COMPARE(T##GeU, shape, UGE)
SIGNED_COMPARISONS(I8x16, i8x16)
UNSIGNED_COMPARISONS(I8x16, i8x16)
SIGNED_COMPARISONS(I16x8, i16x8)
UNSIGNED_COMPARISONS(I16x8, i16x8)
SIGNED_COMPARISONS(I32x4, i32x4)
UNSIGNED_COMPARISONS(I32x4, i32x4)
SIGNED_COMPARISONS(I64x2, i64x2)

//===-- Arithmetic --------------------------------------------------------===//

/// Shifts count modulo the width of a lane.
void FunctionEmitter::shiftLanes(llvm::Instruction::BinaryOps op,
                                 FixedVectorType *shape) {
  Type *lane = shape->getElementType();
  Value *count = builder.CreateZExtOrTrunc(pop(), lane);
  count = builder.CreateAnd(
      count, ConstantInt::get(lane, lane->getIntegerBitWidth() - 1));
  pushVector(builder.CreateBinOp(
      op, popVector(shape),
      builder.CreateVectorSplat(shape->getNumElements(), count)));
}

/// The sign bit of each lane, as the bits of an integer.
Value *FunctionEmitter::signBits(Value *x) {
  auto *shape = cast<FixedVectorType>(x->getType());
  Value *isNegative = builder.CreateICmpSLT(x, Constant::getNullValue(shape));
  return builder.CreateBitCast(isNegative,
                               builder.getIntNTy(shape->getNumElements()));
}

#define ARITHMETIC(T, shape)                                                   \
  UNARY(T##Abs, shape,                                                         \
        builder.CreateIntrinsic(Intrinsic::abs, emitter.shape,                 \
                                {x, builder.getFalse()}))                      \
  UNARY(T##Neg, shape, builder.CreateNeg(x))                                   \
  TEST(T##AllTrue, shape, builder.CreateAndReduce(builder.CreateIsNotNull(x))) \
  TEST(T##Bitmask, shape, signBits(x))                                         \
  BINARY(T##Add, shape, builder.CreateAdd(x, y))                               \
  BINARY(T##Sub, shape, builder.CreateSub(x, y))                               \
  void FunctionEmitter::emit##T##Shl(const Instruction &) {                    \
    shiftLanes(llvm::Instruction::Shl, emitter.shape);                         \
  }                                                                            \
  void FunctionEmitter::emit##T##ShrS(const Instruction &) {                   \
    shiftLanes(llvm::Instruction::AShr, emitter.shape);                        \
  }                                                                            \
  void FunctionEmitter::emit##T##ShrU(const Instruction &) {                   \
    shiftLanes(llvm::Instruction::LShr, emitter.shape);                        \
  }
ARITHMETIC(I8x16, i8x16)
ARITHMETIC(I16x8, i16x8)
ARITHMETIC(I32x4, i32x4)
ARITHMETIC(I64x2, i64x2)

BINARY(I16x8Mul, i16x8, builder.CreateMul(x, y))
BINARY(I32x4Mul, i32x4, builder.CreateMul(x, y))
BINARY(I64x2Mul, i64x2, builder.CreateMul(x, y))
UNARY(I8x16Popcnt, i8x16, builder.CreateUnaryIntrinsic(Intrinsic::ctpop, x))

#define INTRINSIC(name, shape, id)                                             \
  BINARY(name, shape, builder.CreateBinaryIntrinsic(Intrinsic::id, x, y))
#define MIN_MAX(T, shape)                                                      \
  INTRINSIC(T##MinS, shape, smin)                                              \
  INTRINSIC(T##MinU, shape, umin)                                              \
  INTRINSIC(T##MaxS, shape, smax)                                              \
  INTRINSIC(T##MaxU, shape, umax)
MIN_MAX(I8x16, i8x16)
MIN_MAX(I16x8, i16x8)
MIN_MAX(I32x4, i32x4)

/// The mean of two lanes, rounded up.
Value *FunctionEmitter::average(Value *x, Value *y) {
  Type *shape = x->getType();
  Type *wide =
      VectorType::getExtendedElementVectorType(cast<FixedVectorType>(shape));
  Value *sum = builder.CreateAdd(builder.CreateZExt(x, wide),
                                 builder.CreateZExt(y, wide));
  sum = builder.CreateAdd(sum, ConstantInt::get(wide, 1));
  return builder.CreateTrunc(builder.CreateLShr(sum, 1), shape);
}

#define SATURATING(T, shape)                                                   \
  INTRINSIC(T##AddSatS, shape, sadd_sat)                                       \
  INTRINSIC(T##AddSatU, shape, uadd_sat)                                       \
  INTRINSIC(T##SubSatS, shape, ssub_sat)                                       \
  INTRINSIC(T##SubSatU, shape, usub_sat)                                       \
  BINARY(T##AvgrU, shape, average(x, y))
SATURATING(I8x16, i8x16)
SATURATING(I16x8, i16x8)

//===-- Products ----------------------------------------------------------===//

/// (x * y + 2^14) >> 15, which is out of range where both are -2^15. It then
/// is -2^15, as pmulhrsw has it.
Value *FunctionEmitter::multiplyQ15(Value *x, Value *y) {
  if (emitter.options.vectors.ssse3)
    return builder.CreateIntrinsic(Intrinsic::x86_ssse3_pmul_hr_sw_128, {},
                                   {x, y});
  // From the two halves of the product, in lanes of 16 bits.
  Value *high;
  if (emitter.options.vectors.sse2) {
    high = builder.CreateIntrinsic(Intrinsic::x86_sse2_pmulh_w, {}, {x, y});
  } else {
    auto *wide = FixedVectorType::get(emitter.i32, 8);
    high = builder.CreateMul(builder.CreateSExt(x, wide),
                             builder.CreateSExt(y, wide));
    high = builder.CreateTrunc(builder.CreateLShr(high, 16), emitter.i16x8);
  }
  Value *low = builder.CreateMul(x, y);
  Value *cut =
      builder.CreateOr(builder.CreateShl(high, 1), builder.CreateLShr(low, 15));
  Value *half = builder.CreateAnd(builder.CreateLShr(low, 14),
                                  ConstantInt::get(emitter.i16x8, 1));
  return builder.CreateAdd(cut, half);
}

void FunctionEmitter::emitI16x8Q15mulrSatS(const Instruction &) {
  Value *y = popVector(emitter.i16x8);
  if (emitter.options.vectors.neon) {
    pushVector(builder.CreateIntrinsic(Intrinsic::aarch64_neon_sqrdmulh,
                                       {emitter.i16x8},
                                       {popVector(emitter.i16x8), y}));
    return;
  }
  Value *product = multiplyQ15(popVector(emitter.i16x8), y);
  Value *overflows =
      builder.CreateICmpEQ(product, ConstantInt::get(emitter.i16x8, 0x8000));
  // Its complement is the largest.
  pushVector(builder.CreateXor(product, laneMask(overflows, emitter.i16x8)));
}

/// Products of signed lanes, twice as wide, added in pairs.
Value *FunctionEmitter::dotProduct(Value *x, Value *y) {
  Type *wide = VectorType::getExtendedElementVectorType(
      cast<FixedVectorType>(x->getType()));
  Value *products = builder.CreateMul(builder.CreateSExt(x, wide),
                                      builder.CreateSExt(y, wide));
  SmallVector<int, 8> even, odd;
  int lanes = static_cast<int>(cast<FixedVectorType>(wide)->getNumElements());
  for (int i = 0; i < lanes; i += 2) {
    even.push_back(i);
    odd.push_back(i + 1);
  }
  return builder.CreateAdd(builder.CreateShuffleVector(products, even),
                           builder.CreateShuffleVector(products, odd));
}

BINARY(I32x4DotI16x8S, i16x8, dotProduct(x, y))

/// The low or high half of the lanes, twice as wide.
Value *FunctionEmitter::widen(Value *x, bool isHigh, bool isSigned) {
  auto *shape = cast<FixedVectorType>(x->getType());
  int count = static_cast<int>(shape->getNumElements()) / 2;
  SmallVector<int, 8> lanes;
  for (int i = 0; i < count; ++i)
    lanes.push_back(isHigh ? count + i : i);
  Value *half = builder.CreateShuffleVector(x, lanes);
  Type *wide = VectorType::getExtendedElementVectorType(
      cast<VectorType>(half->getType()));
  return isSigned ? builder.CreateSExt(half, wide)
                  : builder.CreateZExt(half, wide);
}

#define PRODUCTS(to, from, shape)                                              \
  BINARY(to##ExtmulLow##from##S, shape,                                        \
         builder.CreateMul(widen(x, false, true), widen(y, false, true)))      \
  BINARY(to##ExtmulHigh##from##S, shape,                                       \
         builder.CreateMul(widen(x, true, true), widen(y, true, true)))        \
  BINARY(to##ExtmulLow##from##U, shape,                                        \
         builder.CreateMul(widen(x, false, false), widen(y, false, false)))    \
  BINARY(to##ExtmulHigh##from##U, shape,                                       \
         builder.CreateMul(widen(x, true, false), widen(y, true, false)))
PRODUCTS(I16x8, I8x16, i8x16)
PRODUCTS(I32x4, I16x8, i16x8)
PRODUCTS(I64x2, I32x4, i32x4)

/// The two halves of each lane, added. `x` has the shape of the sums.
Value *FunctionEmitter::addHalves(Value *x, bool isSigned) {
  unsigned half = x->getType()->getScalarSizeInBits() / 2;
  if (emitter.options.vectors.neon) {
    Type *halves = half == 8 ? emitter.i8x16 : emitter.i16x8;
    return builder.CreateIntrinsic(isSigned ? Intrinsic::aarch64_neon_saddlp
                                            : Intrinsic::aarch64_neon_uaddlp,
                                   {x->getType(), halves},
                                   {builder.CreateBitCast(x, halves)});
  }
  if (isSigned)
    return builder.CreateAdd(
        builder.CreateAShr(x, half),
        builder.CreateAShr(builder.CreateShl(x, half), half));
  Value *mask = ConstantInt::get(x->getType(), (uint64_t(1) << half) - 1);
  return builder.CreateAdd(builder.CreateLShr(x, half),
                           builder.CreateAnd(x, mask));
}

UNARY(I16x8ExtaddPairwiseI8x16U, i16x8, addHalves(x, false))
UNARY(I32x4ExtaddPairwiseI16x8U, i32x4, addHalves(x, false))

/// A multiplication by one that adds products in pairs does it at once.
void FunctionEmitter::emitI16x8ExtaddPairwiseI8x16S(const Instruction &) {
  if (!emitter.options.vectors.ssse3) {
    pushVector(addHalves(popVector(emitter.i16x8), true));
    return;
  }
  Value *ones = ConstantInt::get(emitter.i8x16, 1);
  pushVector(builder.CreateIntrinsic(Intrinsic::x86_ssse3_pmadd_ub_sw_128, {},
                                     {ones, popVector(emitter.i8x16)}));
}

void FunctionEmitter::emitI32x4ExtaddPairwiseI16x8S(const Instruction &) {
  if (!emitter.options.vectors.sse2) {
    pushVector(addHalves(popVector(emitter.i32x4), true));
    return;
  }
  Value *ones = ConstantInt::get(emitter.i16x8, 1);
  pushVector(builder.CreateIntrinsic(Intrinsic::x86_sse2_pmadd_wd, {},
                                     {popVector(emitter.i16x8), ones}));
}
