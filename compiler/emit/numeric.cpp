// Numeric instructions on integers and floats.
// https://webassembly.github.io/spec/core/exec/numerics.html
#include "compiler/emit/function_emitter.h"

#include "llvm/IR/Intrinsics.h"

using namespace llvm;
using namespace wasmetal;

void FunctionEmitter::emitI32Const(const Instruction &inst) {
  push(builder.getInt32(static_cast<uint32_t>(inst.bits)));
}

void FunctionEmitter::emitI64Const(const Instruction &inst) {
  push(builder.getInt64(inst.bits));
}

void FunctionEmitter::emitF32Const(const Instruction &inst) {
  push(ConstantFP::get(emitter.context,
                       APFloat(APFloat::IEEEsingle(), APInt(32, inst.bits))));
}

void FunctionEmitter::emitF64Const(const Instruction &inst) {
  push(ConstantFP::get(emitter.context,
                       APFloat(APFloat::IEEEdouble(), APInt(64, inst.bits))));
}

void FunctionEmitter::compareInt(CmpInst::Predicate predicate) {
  Value *right = pop();
  Value *left = pop();
  push(builder.CreateZExt(builder.CreateICmp(predicate, left, right),
                          emitter.i32));
}

void FunctionEmitter::compareFloat(CmpInst::Predicate predicate) {
  Value *right = pop();
  Value *left = pop();
  push(builder.CreateZExt(builder.CreateFCmp(predicate, left, right),
                          emitter.i32));
}

void FunctionEmitter::binary(llvm::Instruction::BinaryOps op) {
  Value *right = pop();
  Value *left = pop();
  push(builder.CreateBinOp(op, left, right));
}

/// Shifts count modulo the width; LLVM's are undefined beyond it.
void FunctionEmitter::shift(llvm::Instruction::BinaryOps op) {
  Value *count = pop();
  Value *value = pop();
  unsigned width = value->getType()->getIntegerBitWidth();
  count =
      builder.CreateAnd(count, ConstantInt::get(value->getType(), width - 1));
  push(builder.CreateBinOp(op, value, count));
}

void FunctionEmitter::rotate(Intrinsic::ID id) {
  Value *count = pop();
  Value *value = pop();
  push(builder.CreateIntrinsic(id, value->getType(), {value, value, count}));
}

void FunctionEmitter::unaryIntrinsic(Intrinsic::ID id) {
  push(builder.CreateUnaryIntrinsic(id, pop()));
}

void FunctionEmitter::countZeros(Intrinsic::ID id) {
  push(builder.CreateBinaryIntrinsic(id, pop(), builder.getFalse()));
}

void FunctionEmitter::divide(llvm::Instruction::BinaryOps op) {
  Value *divisor = pop();
  Value *dividend = pop();
  Type *type = divisor->getType();
  trapIf(builder.CreateIsNull(divisor), "wm_trap_divide_by_zero");
  if (op == llvm::Instruction::SDiv) {
    Value *smallest = ConstantInt::get(
        type, APInt::getSignedMinValue(type->getIntegerBitWidth()));
    Value *overflows = builder.CreateAnd(
        builder.CreateICmpEQ(dividend, smallest),
        builder.CreateICmpEQ(divisor, Constant::getAllOnesValue(type)));
    trapIf(overflows, "wm_trap_integer_overflow");
  }
  push(builder.CreateBinOp(op, dividend, divisor));
}

void FunctionEmitter::remainder(llvm::Instruction::BinaryOps op) {
  Value *divisor = pop();
  Value *dividend = pop();
  Type *type = divisor->getType();
  trapIf(builder.CreateIsNull(divisor), "wm_trap_divide_by_zero");
  // The smallest integer modulo -1 is 0, where LLVM's srem is undefined; any
  // integer modulo 1 is 0 too.
  if (op == llvm::Instruction::SRem)
    divisor = builder.CreateSelect(
        builder.CreateICmpEQ(divisor, Constant::getAllOnesValue(type)),
        ConstantInt::get(type, 1), divisor);
  push(builder.CreateBinOp(op, dividend, divisor));
}

void FunctionEmitter::round(Intrinsic::ID id) {
  unaryIntrinsic(id);
  if (emitter.options.target->roundingQuiets())
    return;
  Value *rounded = pop();
  push(builder.CreateFMul(rounded, ConstantFP::get(rounded->getType(), 1)));
}

/// The smaller or larger of two that are no NaN. LLVM 22's ARM back end cannot
/// select llvm.minimum of doubles where registers have 32 bits: what is equal
/// and not the same are zeros, of which the sign bits decide.
Value *FunctionEmitter::orderedMinMax(Intrinsic::ID id, Value *left,
                                      Value *right) {
  if (!left->getType()->isDoubleTy() || emitter.layout.pointerSize == 8)
    return builder.CreateBinaryIntrinsic(id, left, right);
  bool isMin = id == Intrinsic::minimum;
  Value *leftBits = builder.CreateBitCast(left, emitter.i64);
  Value *rightBits = builder.CreateBitCast(right, emitter.i64);
  Value *bits = isMin ? builder.CreateOr(leftBits, rightBits)
                      : builder.CreateAnd(leftBits, rightBits);
  Value *isLess = builder.CreateFCmpOLT(left, right);
  Value *other = builder.CreateSelect(builder.CreateFCmpOGT(left, right),
                                      isMin ? right : left,
                                      builder.CreateBitCast(bits, emitter.f64));
  return builder.CreateSelect(isLess, isMin ? left : right, other);
}

/// llvm.minimum orders zeros as WebAssembly does; a NaN must also be quieted,
/// which an addition does.
void FunctionEmitter::minMax(Intrinsic::ID id) {
  Value *right = pop();
  Value *left = pop();
  Value *ordered = orderedMinMax(id, left, right);
  Value *quiet = builder.CreateFAdd(left, right);
  push(
      builder.CreateSelect(builder.CreateFCmpUNO(left, right), quiet, ordered));
}

/// Pops the high and the low half of 128 bits.
Value *FunctionEmitter::popHalves() {
  Type *i128 = builder.getInt128Ty();
  Value *high = builder.CreateZExt(pop(), i128);
  Value *low = builder.CreateZExt(pop(), i128);
  return builder.CreateOr(builder.CreateShl(high, 64), low);
}

/// Pushes the low and the high half of 128 bits.
void FunctionEmitter::pushHalves(Value *wide) {
  push(builder.CreateTrunc(wide, emitter.i64));
  push(builder.CreateTrunc(builder.CreateLShr(wide, 64), emitter.i64));
}

void FunctionEmitter::binaryWide(llvm::Instruction::BinaryOps op) {
  Value *right = popHalves();
  Value *left = popHalves();
  pushHalves(builder.CreateBinOp(op, left, right));
}

void FunctionEmitter::multiplyWide(llvm::Instruction::CastOps extend) {
  Type *i128 = builder.getInt128Ty();
  Value *right = builder.CreateCast(extend, pop(), i128);
  Value *left = builder.CreateCast(extend, pop(), i128);
  pushHalves(builder.CreateMul(left, right));
}

#define METHOD(name, call)                                                     \
  void FunctionEmitter::emit##name(const Instruction &) { call; }

#define INTEGER(T)                                                             \
  METHOD(T##Eq, compareInt(CmpInst::ICMP_EQ))                                  \
  METHOD(T##Ne, compareInt(CmpInst::ICMP_NE))                                  \
  METHOD(T##LtS, compareInt(CmpInst::ICMP_SLT))                                \
  METHOD(T##LtU, compareInt(CmpInst::ICMP_ULT))                                \
  METHOD(T##GtS, compareInt(CmpInst::ICMP_SGT))                                \
  METHOD(T##GtU, compareInt(CmpInst::ICMP_UGT))                                \
  METHOD(T##LeS, compareInt(CmpInst::ICMP_SLE))                                \
  METHOD(T##LeU, compareInt(CmpInst::ICMP_ULE))                                \
  METHOD(T##GeS, compareInt(CmpInst::ICMP_SGE))                                \
  METHOD(T##GeU, compareInt(CmpInst::ICMP_UGE))                                \
  METHOD(T##Eqz,                                                               \
         push(builder.CreateZExt(builder.CreateIsNull(pop()), emitter.i32)))   \
  METHOD(T##Clz, countZeros(Intrinsic::ctlz))                                  \
  METHOD(T##Ctz, countZeros(Intrinsic::cttz))                                  \
  METHOD(T##Popcnt, unaryIntrinsic(Intrinsic::ctpop))                          \
  METHOD(T##Add, binary(llvm::Instruction::Add))                               \
  METHOD(T##Sub, binary(llvm::Instruction::Sub))                               \
  METHOD(T##Mul, binary(llvm::Instruction::Mul))                               \
  METHOD(T##DivS, divide(llvm::Instruction::SDiv))                             \
  METHOD(T##DivU, divide(llvm::Instruction::UDiv))                             \
  METHOD(T##RemS, remainder(llvm::Instruction::SRem))                          \
  METHOD(T##RemU, remainder(llvm::Instruction::URem))                          \
  METHOD(T##And, binary(llvm::Instruction::And))                               \
  METHOD(T##Or, binary(llvm::Instruction::Or))                                 \
  METHOD(T##Xor, binary(llvm::Instruction::Xor))                               \
  METHOD(T##Shl, shift(llvm::Instruction::Shl))                                \
  METHOD(T##ShrS, shift(llvm::Instruction::AShr))                              \
  METHOD(T##ShrU, shift(llvm::Instruction::LShr))                              \
  METHOD(T##Rotl, rotate(Intrinsic::fshl))                                     \
  METHOD(T##Rotr, rotate(Intrinsic::fshr))
INTEGER(I32)
INTEGER(I64)

#define FLOAT(T)                                                               \
  METHOD(T##Eq, compareFloat(CmpInst::FCMP_OEQ))                               \
  METHOD(T##Ne, compareFloat(CmpInst::FCMP_UNE))                               \
  METHOD(T##Lt, compareFloat(CmpInst::FCMP_OLT))                               \
  METHOD(T##Gt, compareFloat(CmpInst::FCMP_OGT))                               \
  METHOD(T##Le, compareFloat(CmpInst::FCMP_OLE))                               \
  METHOD(T##Ge, compareFloat(CmpInst::FCMP_OGE))                               \
  METHOD(T##Abs, unaryIntrinsic(Intrinsic::fabs))                              \
  METHOD(T##Neg, push(builder.CreateFNeg(pop())))                              \
  METHOD(T##Ceil, round(Intrinsic::ceil))                                      \
  METHOD(T##Floor, round(Intrinsic::floor))                                    \
  METHOD(T##Trunc, round(Intrinsic::trunc))                                    \
  METHOD(T##Nearest, round(Intrinsic::roundeven))                              \
  METHOD(T##Sqrt, unaryIntrinsic(Intrinsic::sqrt))                             \
  METHOD(T##Add, binary(llvm::Instruction::FAdd))                              \
  METHOD(T##Sub, binary(llvm::Instruction::FSub))                              \
  METHOD(T##Mul, binary(llvm::Instruction::FMul))                              \
  METHOD(T##Div, binary(llvm::Instruction::FDiv))                              \
  METHOD(T##Min, minMax(Intrinsic::minimum))                                   \
  METHOD(T##Max, minMax(Intrinsic::maximum))
FLOAT(F32)
FLOAT(F64)

#define COPYSIGN(T)                                                            \
  METHOD(T##Copysign, {                                                        \
    Value *sign = pop();                                                       \
    push(builder.CreateBinaryIntrinsic(Intrinsic::copysign, pop(), sign));     \
  })
COPYSIGN(F32)
COPYSIGN(F64)

METHOD(I64Add128, binaryWide(llvm::Instruction::Add))
METHOD(I64Sub128, binaryWide(llvm::Instruction::Sub))
METHOD(I64MulWideS, multiplyWide(llvm::Instruction::SExt))
METHOD(I64MulWideU, multiplyWide(llvm::Instruction::ZExt))

#undef METHOD
#undef INTEGER
#undef FLOAT
#undef COPYSIGN
