// Exceptions without an unwinder: a function that throws leaves the exception
// in the store and returns; callers of what may throw test that, and go to the
// innermost handler around the call, or return as well.
// https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions
#include "compiler/emit/function_emitter.h"

using namespace llvm;
using namespace wasmetal;

Value *FunctionEmitter::exceptionSlot() {
  Value *store = emitter.storeOf(builder, instance);
  return emitter.at(builder, store, emitter.layout.storeException);
}

Value *FunctionEmitter::loadException() {
  return builder.CreateAlignedLoad(emitter.pointer, exceptionSlot(),
                                   emitter.pointerAlign());
}

void FunctionEmitter::setException(Value *exception) {
  builder.CreateAlignedStore(exception, exceptionSlot(),
                             emitter.pointerAlign());
}

/// Where an exception goes from within the frames below `frame`.
BasicBlock *FunctionEmitter::handlerFrom(size_t frame) {
  while (frame-- > 0)
    if (frames[frame].landing)
      return frames[frame].landing;
  if (throwExit)
    return throwExit;
  throwExit = newBlock("throw");
  IRBuilderBase::InsertPointGuard guard(builder);
  builder.SetInsertPoint(throwExit);
  // Nobody looks at the results.
  Type *result = llvmFunction->getReturnType();
  if (result->isVoidTy())
    builder.CreateRetVoid();
  else
    builder.CreateRet(Constant::getNullValue(result));
  return throwExit;
}

void FunctionEmitter::raise(Value *exception) {
  setException(exception);
  builder.CreateBr(handler());
  makeUnreachable();
}

/// After a call that may throw.
void FunctionEmitter::testException() {
  BasicBlock *next = newBlock("");
  MDBuilder weights(emitter.context);
  builder.CreateCondBr(builder.CreateIsNotNull(loadException()), handler(),
                       next, weights.createUnlikelyBranchWeights());
  builder.SetInsertPoint(next);
}

Value *FunctionEmitter::tag(uint32_t index) {
  return emitter.loadConstant(
      builder, emitter.pointer,
      emitter.at(builder, instance,
                 emitter.layout.tags + index * emitter.layout.pointerSize));
}

Value *FunctionEmitter::isTagged(Value *exception, uint32_t index) {
  Value *found = builder.CreateAlignedLoad(
      emitter.pointer,
      emitter.at(builder, exception, emitter.layout.exceptionTag),
      emitter.pointerAlign());
  return builder.CreateICmpEQ(found, tag(index));
}

/// From now on references may point to it.
void FunctionEmitter::keepException(Value *exception) {
  builder.CreateAlignedStore(
      builder.getInt8(1),
      emitter.at(builder, exception, emitter.layout.exceptionIsReferenced),
      Align(1));
}

void FunctionEmitter::dropException(Value *exception) {
  builder.CreateCall(emitter.runtime("wm_exception_drop"),
                     {instance, exception});
}

SmallVector<Value *, 4> FunctionEmitter::payload(Value *exception,
                                                 uint32_t tag) {
  SmallVector<Value *, 4> values;
  for (auto [i, type] : enumerate(wasm.typeOfTag(tag).params))
    values.push_back(
        builder.CreateAlignedLoad(emitter.type(type),
                                  emitter.at(builder, exception,
                                             emitter.layout.exceptionValues +
                                                 i * InstanceLayout::ValueSize),
                                  Align(8)));
  return values;
}

void FunctionEmitter::emitThrow(const Instruction &inst) {
  const FuncType &type = wasm.typeOfTag(inst.index);
  SmallVector<Value *, 4> values = popMany(type.params.size());
  Value *exception = builder.CreateCall(emitter.runtime("wm_exception_new"),
                                        {instance, tag(inst.index)});
  for (auto [i, value] : enumerate(values))
    builder.CreateAlignedStore(value,
                               emitter.at(builder, exception,
                                          emitter.layout.exceptionValues +
                                              i * InstanceLayout::ValueSize),
                               Align(8));
  raise(exception);
}

void FunctionEmitter::emitThrowRef(const Instruction &) {
  Value *exception = pop();
  trapIf(builder.CreateIsNull(exception), "wm_trap_null_exception");
  raise(exception);
}

/// Takes the exception and branches to the clause's label.
void FunctionEmitter::emitClause(const CatchClause &clause, Value *exception) {
  setException(Constant::getNullValue(emitter.pointer));
  SmallVector<Value *, 4> values;
  if (clause.hasTag())
    values = payload(exception, clause.tag);
  if (clause.hasRef()) {
    keepException(exception);
    values.push_back(exception);
  } else {
    dropException(exception);
  }
  ControlFrame &frame = frameAt(clause.label);
  BasicBlock *target = branchTarget(frame);
  addBranchValues(frame, values);
  builder.CreateBr(target);
}

void FunctionEmitter::emitTryTable(const Instruction &inst) {
  ControlFrame frame = makeFrame(ControlFrame::Kind::Block, inst.block);
  frame.landing = newBlock("catch");
  IRBuilderBase::InsertPoint body = builder.saveIP();
  builder.SetInsertPoint(frame.landing);
  Value *exception = loadException();
  bool takesAll = false;
  for (const CatchClause &clause : inst.catches) {
    takesAll = !clause.hasTag();
    if (takesAll) {
      emitClause(clause, exception);
      break;
    }
    BasicBlock *match = newBlock("match"), *next = newBlock("next");
    builder.CreateCondBr(isTagged(exception, clause.tag), match, next);
    builder.SetInsertPoint(match);
    emitClause(clause, exception);
    builder.SetInsertPoint(next);
  }
  if (!takesAll)
    builder.CreateBr(handler());
  builder.restoreIP(body);
  frames.push_back(std::move(frame));
}

// The legacy instructions: a catch holds its exception until it is left, so
// that it can be thrown again.

void FunctionEmitter::emitTry(const Instruction &inst) {
  ControlFrame frame = makeFrame(ControlFrame::Kind::Try, inst.block);
  frame.landing = newBlock("catch");
  frames.push_back(std::move(frame));
}

/// Where control leaves a frame otherwise than by throwing.
void FunctionEmitter::leaveCatch(ControlFrame &frame) {
  if (frame.caught)
    dropException(frame.caught);
}

/// Ends the body or the catch before, and goes on where the next one begins.
void FunctionEmitter::beginCatch() {
  ControlFrame &frame = frames.back();
  if (reachable)
    leaveCatch(frame);
  fallThroughToEnd(frame);
  stack.resize(frame.stackHeight);
  reachable = true;
  if (frame.landing) {
    builder.SetInsertPoint(frame.landing);
    frame.landing = nullptr; // catches are outside of the body
    frame.caught = loadException();
  } else {
    builder.SetInsertPoint(frame.nextCatch);
    frame.nextCatch = nullptr;
  }
}

void FunctionEmitter::emitCatch(const Instruction &inst) {
  beginCatch();
  ControlFrame &frame = frames.back();
  BasicBlock *match = newBlock("match");
  frame.nextCatch = newBlock("next");
  builder.CreateCondBr(isTagged(frame.caught, inst.index), match,
                       frame.nextCatch);
  builder.SetInsertPoint(match);
  setException(Constant::getNullValue(emitter.pointer));
  for (Value *value : payload(frame.caught, inst.index))
    push(value);
}

void FunctionEmitter::emitCatchAll(const Instruction &) {
  beginCatch();
  setException(Constant::getNullValue(emitter.pointer));
}

void FunctionEmitter::emitRethrow(const Instruction &inst) {
  size_t target = frames.size() - 1 - inst.index;
  Value *exception = frames[target].caught;
  // A handler within this catch would drop what the catch still holds.
  for (size_t i = target + 1; i < frames.size(); ++i)
    if (frames[i].landing) {
      keepException(exception);
      break;
    }
  raise(exception);
}

void FunctionEmitter::emitDelegate(const Instruction &inst) {
  ControlFrame &frame = frames.back();
  fallThroughToEnd(frame);
  builder.SetInsertPoint(frame.landing);
  frame.landing = nullptr;
  // The label counts from outside of this try, and includes its own frame.
  builder.CreateBr(handlerFrom(frames.size() - 1 - inst.index));
  popFrame();
}
