// Conversions between numeric types.
// https://webassembly.github.io/spec/core/exec/numerics.html#conversions
#include "compiler/emit/function_emitter.h"

#include "llvm/IR/Intrinsics.h"

using namespace llvm;
using namespace wasmetal;

/// The least float that is out of range above, and the greatest below, of an
/// integer type: a float is in range between both, exclusively.
static std::pair<APFloat, APFloat>
exclusiveRange(const fltSemantics &format, unsigned width, bool isSigned) {
  // Above: 2^(width - 1) or 2^width, a power of two, exact in any format.
  APFloat above = scalbn(APFloat::getOne(format), isSigned ? width - 1 : width,
                         APFloat::rmNearestTiesToEven);
  if (!isSigned)
    return {APFloat::getOne(format, /*Negative=*/true), above};
  // Below: -2^(width-1) - 1 where it is exact, else the next float down.
  APFloat below = above;
  below.changeSign();
  APFloat one = APFloat::getOne(format);
  APFloat lower = below;
  lower.subtract(one, APFloat::rmTowardNegative);
  return {lower, above};
}

/// Traps on NaN and out of range, where LLVM's conversion is undefined.
void FunctionEmitter::truncate(Type *to, bool isSigned) {
  Value *value = pop();
  Type *from = value->getType();
  trapIf(builder.CreateFCmpUNO(value, value), "wm_trap_invalid_conversion");
  auto [below, above] = exclusiveRange(from->getFltSemantics(),
                                       to->getIntegerBitWidth(), isSigned);
  Value *inRange = builder.CreateAnd(
      builder.CreateFCmpOGT(value, ConstantFP::get(emitter.context, below)),
      builder.CreateFCmpOLT(value, ConstantFP::get(emitter.context, above)));
  trapIf(builder.CreateNot(inRange), "wm_trap_integer_overflow");
  push(isSigned ? builder.CreateFPToSI(value, to)
                : builder.CreateFPToUI(value, to));
}

void FunctionEmitter::truncateSaturating(Type *to, bool isSigned) {
  Value *value = pop();
  push(builder.CreateIntrinsic(isSigned ? Intrinsic::fptosi_sat
                                        : Intrinsic::fptoui_sat,
                               {to, value->getType()}, {value}));
}

void FunctionEmitter::convert(llvm::Instruction::CastOps op, Type *to) {
  push(builder.CreateCast(op, pop(), to));
}

void FunctionEmitter::extendFrom(Type *narrow) {
  Value *value = pop();
  push(
      builder.CreateSExt(builder.CreateTrunc(value, narrow), value->getType()));
}

#define METHOD(name, call)                                                     \
  void FunctionEmitter::emit##name(const Instruction &) { call; }

METHOD(I32WrapI64, convert(llvm::Instruction::Trunc, emitter.i32))
METHOD(I64ExtendI32S, convert(llvm::Instruction::SExt, emitter.i64))
METHOD(I64ExtendI32U, convert(llvm::Instruction::ZExt, emitter.i64))

#define TRUNCATIONS(to, type, from)                                            \
  METHOD(to##Trunc##from##S, truncate(emitter.type, true))                     \
  METHOD(to##Trunc##from##U, truncate(emitter.type, false))                    \
  METHOD(to##TruncSat##from##S, truncateSaturating(emitter.type, true))        \
  METHOD(to##TruncSat##from##U, truncateSaturating(emitter.type, false))
TRUNCATIONS(I32, i32, F32)
TRUNCATIONS(I32, i32, F64)
TRUNCATIONS(I64, i64, F32)
TRUNCATIONS(I64, i64, F64)

#define CONVERSIONS(to, type, from)                                            \
  METHOD(to##Convert##from##S,                                                 \
         convert(llvm::Instruction::SIToFP, emitter.type))                     \
  METHOD(to##Convert##from##U, convert(llvm::Instruction::UIToFP, emitter.type))
CONVERSIONS(F32, f32, I32)
CONVERSIONS(F32, f32, I64)
CONVERSIONS(F64, f64, I32)
CONVERSIONS(F64, f64, I64)

METHOD(F32DemoteF64, convert(llvm::Instruction::FPTrunc, emitter.f32))
METHOD(F64PromoteF32, convert(llvm::Instruction::FPExt, emitter.f64))
METHOD(I32ReinterpretF32, convert(llvm::Instruction::BitCast, emitter.i32))
METHOD(I64ReinterpretF64, convert(llvm::Instruction::BitCast, emitter.i64))
METHOD(F32ReinterpretI32, convert(llvm::Instruction::BitCast, emitter.f32))
METHOD(F64ReinterpretI64, convert(llvm::Instruction::BitCast, emitter.f64))

METHOD(I32Extend8S, extendFrom(emitter.i8))
METHOD(I32Extend16S, extendFrom(emitter.i16))
METHOD(I64Extend8S, extendFrom(emitter.i8))
METHOD(I64Extend16S, extendFrom(emitter.i16))
METHOD(I64Extend32S, extendFrom(emitter.i32))

#undef METHOD
#undef TRUNCATIONS
#undef CONVERSIONS
