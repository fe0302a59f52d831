// Vector loads and stores. The sandbox rests on this file: each access goes
// through FunctionEmitter::hostAddress with the bytes that it touches.
// https://webassembly.github.io/spec/core/exec/instructions.html#vector-memory-instructions
#include "compiler/emit/function_emitter.h"

using namespace llvm;
using namespace wasmetal;

void FunctionEmitter::emitV128Load(const Instruction &inst) {
  load(inst, emitter.i64x2);
}

void FunctionEmitter::emitV128Store(const Instruction &inst) {
  store(inst, emitter.i64x2);
}

/// Loads eight bytes as narrow lanes and widens them. They are loaded as f64,
/// which goes to a vector register at once.
void FunctionEmitter::loadWidened(const Instruction &inst,
                                  FixedVectorType *shape, bool isSigned) {
  auto *half =
      FixedVectorType::get(builder.getIntNTy(shape->getScalarSizeInBits() / 2),
                           shape->getNumElements());
  Value *lanes = builder.CreateBitCast(loadAs(inst, emitter.f64), half);
  if (!isSigned)
    pushVector(builder.CreateZExt(lanes, shape));
  else
    pushVector(shape == emitter.i64x2 ? widenPair(lanes, 0)
                                      : builder.CreateSExt(lanes, shape));
}

void FunctionEmitter::loadSplat(const Instruction &inst,
                                FixedVectorType *shape) {
  pushVector(builder.CreateVectorSplat(shape->getNumElements(),
                                       loadAs(inst, shape->getElementType())));
}

void FunctionEmitter::loadZero(const Instruction &inst,
                               FixedVectorType *shape) {
  Value *element = loadAs(inst, shape->getElementType());
  pushVector(builder.CreateInsertElement(Constant::getNullValue(shape), element,
                                         uint64_t(0)));
}

void FunctionEmitter::loadLane(const Instruction &inst,
                               FixedVectorType *shape) {
  Value *vector = popVector(shape);
  Value *element = loadAs(inst, shape->getElementType());
  pushVector(builder.CreateInsertElement(vector, element, inst.index));
}

void FunctionEmitter::storeLane(const Instruction &inst,
                                FixedVectorType *shape) {
  push(builder.CreateExtractElement(popVector(shape), inst.index));
  store(inst, shape->getElementType());
}

#define METHOD(name, call)                                                     \
  void FunctionEmitter::emit##name(const Instruction &inst) { call; }
METHOD(V128Load8x8S, loadWidened(inst, emitter.i16x8, true))
METHOD(V128Load8x8U, loadWidened(inst, emitter.i16x8, false))
METHOD(V128Load16x4S, loadWidened(inst, emitter.i32x4, true))
METHOD(V128Load16x4U, loadWidened(inst, emitter.i32x4, false))
METHOD(V128Load32x2S, loadWidened(inst, emitter.i64x2, true))
METHOD(V128Load32x2U, loadWidened(inst, emitter.i64x2, false))
METHOD(V128Load8Splat, loadSplat(inst, emitter.i8x16))
METHOD(V128Load16Splat, loadSplat(inst, emitter.i16x8))
METHOD(V128Load32Splat, loadSplat(inst, emitter.f32x4))
METHOD(V128Load64Splat, loadSplat(inst, emitter.f64x2))
METHOD(V128Load32Zero, loadZero(inst, emitter.f32x4))
METHOD(V128Load64Zero, loadZero(inst, emitter.f64x2))
METHOD(V128Load8Lane, loadLane(inst, emitter.i8x16))
METHOD(V128Load16Lane, loadLane(inst, emitter.i16x8))
METHOD(V128Load32Lane, loadLane(inst, emitter.f32x4))
METHOD(V128Load64Lane, loadLane(inst, emitter.f64x2))
METHOD(V128Store8Lane, storeLane(inst, emitter.i8x16))
METHOD(V128Store16Lane, storeLane(inst, emitter.i16x8))
METHOD(V128Store32Lane, storeLane(inst, emitter.f32x4))
METHOD(V128Store64Lane, storeLane(inst, emitter.f64x2))
#undef METHOD
