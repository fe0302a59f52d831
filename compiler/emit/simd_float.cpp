// Vector instructions on floats. NaN and the sign of zero are those of the
// specification, lane by lane.
// https://webassembly.github.io/spec/core/exec/numerics.html#floating-point-operations
#include "compiler/emit/simd.h"

#include "llvm/IR/IntrinsicsX86.h"

using namespace llvm;
using namespace wasmetal;

/// `x` where it is less (greater) than `y`, else `y`, which NaN and equal zeros
/// give too. LLVM's select means the same, but turns into one of integers.
Value *FunctionEmitter::chooseLess(Value *x, Value *y, bool isGreater) {
  bool isSingle = x->getType() == emitter.f32x4;
  if (!emitter.options.vectors.sse2)
    return builder.CreateSelect(isGreater ? builder.CreateFCmpOGT(x, y)
                                          : builder.CreateFCmpOLT(x, y),
                                x, y);
  Intrinsic::ID less =
      isSingle ? Intrinsic::x86_sse_min_ps : Intrinsic::x86_sse2_min_pd;
  Intrinsic::ID greater =
      isSingle ? Intrinsic::x86_sse_max_ps : Intrinsic::x86_sse2_max_pd;
  return builder.CreateIntrinsic(isGreater ? greater : less, {}, {x, y});
}

/// Asks in both orders: the answers' bits differ for zeros alone, where `or`
/// makes the smaller one, `and` the larger.
Value *FunctionEmitter::minMaxLanes(Value *x, Value *y, bool isMax) {
  if (emitter.options.vectors.neon)
    return builder.CreateBinaryIntrinsic(
        isMax ? Intrinsic::maximum : Intrinsic::minimum, x, y);
  Type *shape = x->getType();
  Type *bits = VectorType::getInteger(cast<VectorType>(shape));
  Value *one = builder.CreateBitCast(chooseLess(x, y, isMax), bits);
  Value *other = builder.CreateBitCast(chooseLess(y, x, isMax), bits);
  Value *both =
      isMax ? builder.CreateAnd(one, other) : builder.CreateOr(one, other);
  return builder.CreateSelect(builder.CreateFCmpUNO(x, y),
                              ConstantFP::getNaN(shape),
                              builder.CreateBitCast(both, shape));
}

/// Without an instruction that rounds (SSE2): adding and subtracting 2^23 (or
/// 2^52) leaves a float no room for a fraction. What is that large, infinite
/// or NaN has none, and zero is added to it, which quiets a NaN.
Value *FunctionEmitter::roundByAddition(Value *x, Intrinsic::ID id) {
  Type *shape = x->getType();
  const fltSemantics &format = shape->getScalarType()->getFltSemantics();
  int fraction = static_cast<int>(APFloat::semanticsPrecision(format)) - 1;
  Value *limit =
      ConstantFP::get(shape, scalbn(APFloat::getOne(format), fraction,
                                    APFloat::rmNearestTiesToEven));
  Value *one = ConstantFP::get(shape, 1);
  Value *zero = ConstantFP::get(shape, 0);
  Value *magnitude = builder.CreateUnaryIntrinsic(Intrinsic::fabs, x);
  Value *term = builder.CreateSelect(builder.CreateFCmpOLT(magnitude, limit),
                                     limit, zero);
  auto whole = [&](Value *value) {
    return builder.CreateFSub(builder.CreateFAdd(value, term), term);
  };
  // Rounding the magnitude keeps -0.5 + 2^23 from another binade.
  Value *result = whole(magnitude);
  if (id == Intrinsic::roundeven)
    return builder.CreateBinaryIntrinsic(Intrinsic::copysign, result, x);
  if (id == Intrinsic::trunc) {
    Value *isMore = builder.CreateFCmpOGT(result, magnitude);
    result =
        builder.CreateFSub(result, builder.CreateSelect(isMore, one, zero));
    return builder.CreateBinaryIntrinsic(Intrinsic::copysign, result, x);
  }
  result = builder.CreateBinaryIntrinsic(Intrinsic::copysign, result, x);
  bool isFloor = id == Intrinsic::floor;
  Value *isPast = builder.CreateFCmp(
      isFloor ? CmpInst::FCMP_OGT : CmpInst::FCMP_OLT, result, x);
  Value *step = builder.CreateSelect(isPast, one, zero);
  result = isFloor ? builder.CreateFSub(result, step)
                   : builder.CreateFAdd(result, step);
  return builder.CreateBinaryIntrinsic(Intrinsic::copysign, result, x);
}

Value *FunctionEmitter::roundLanes(Value *x, Intrinsic::ID id) {
  const VectorExtensions &vectors = emitter.options.vectors;
  if (vectors.sse41 || vectors.neon)
    return builder.CreateUnaryIntrinsic(id, x);
  return roundByAddition(x, id);
}

#define FLOAT(T, shape, bits)                                                  \
  BINARY(T##Eq, shape, laneMask(builder.CreateFCmpOEQ(x, y), emitter.bits))    \
  BINARY(T##Ne, shape, laneMask(builder.CreateFCmpUNE(x, y), emitter.bits))    \
  BINARY(T##Lt, shape, laneMask(builder.CreateFCmpOLT(x, y), emitter.bits))    \
  BINARY(T##Gt, shape, laneMask(builder.CreateFCmpOGT(x, y), emitter.bits))    \
  BINARY(T##Le, shape, laneMask(builder.CreateFCmpOLE(x, y), emitter.bits))    \
  BINARY(T##Ge, shape, laneMask(builder.CreateFCmpOGE(x, y), emitter.bits))    \
  UNARY(T##Abs, shape, builder.CreateUnaryIntrinsic(Intrinsic::fabs, x))       \
  UNARY(T##Neg, shape, builder.CreateFNeg(x))                                  \
  UNARY(T##Sqrt, shape, builder.CreateUnaryIntrinsic(Intrinsic::sqrt, x))      \
  UNARY(T##Ceil, shape, roundLanes(x, Intrinsic::ceil))                        \
  UNARY(T##Floor, shape, roundLanes(x, Intrinsic::floor))                      \
  UNARY(T##Trunc, shape, roundLanes(x, Intrinsic::trunc))                      \
  UNARY(T##Nearest, shape, roundLanes(x, Intrinsic::roundeven))                \
  BINARY(T##Add, shape, builder.CreateFAdd(x, y))                              \
  BINARY(T##Sub, shape, builder.CreateFSub(x, y))                              \
  BINARY(T##Mul, shape, builder.CreateFMul(x, y))                              \
  BINARY(T##Div, shape, builder.CreateFDiv(x, y))                              \
  BINARY(T##Min, shape, minMaxLanes(x, y, /*isMax=*/false))                    \
  BINARY(T##Max, shape, minMaxLanes(x, y, /*isMax=*/true))                     \
  BINARY(T##Pmin, shape, chooseLess(y, x, /*isGreater=*/false))                \
  BINARY(T##Pmax, shape, chooseLess(y, x, /*isGreater=*/true))
FLOAT(F32x4, f32x4, i32x4)
FLOAT(F64x2, f64x2, i64x2)
