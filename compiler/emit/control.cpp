// Control instructions: blocks become basic blocks, their values phi nodes.
// https://webassembly.github.io/spec/core/exec/instructions.html#control-instructions
#include "compiler/emit/function_emitter.h"

#include "llvm/ADT/DenseMap.h"

using namespace llvm;
using namespace wasmetal;

FunctionEmitter::ControlFrame
FunctionEmitter::makeFrame(ControlFrame::Kind kind, const BlockType &type) {
  ControlFrame frame;
  frame.kind = kind;
  if (type.kind == BlockType::Kind::Value) {
    // A span of one type must outlive the frame: types are interned here.
    static constexpr ValType numeric[] = {ValType::i32(),  ValType::i64(),
                                          ValType::f32(),  ValType::f64(),
                                          ValType::v128(), ValType::funcref()};
    size_t index = std::min<size_t>(static_cast<size_t>(type.value.kind),
                                    std::size(numeric) - 1);
    frame.results = ArrayRef(numeric[index]); // references look alike in IR
  } else if (type.kind == BlockType::Kind::Index) {
    frame.params = wasm.types[type.typeIndex].func.params;
    frame.results = wasm.types[type.typeIndex].func.results;
  }
  frame.stackHeight = stack.size() - frame.params.size();
  return frame;
}

/// The block that a branch to the frame's label goes to.
BasicBlock *FunctionEmitter::branchTarget(ControlFrame &frame) {
  if (frame.kind == ControlFrame::Kind::Loop)
    return frame.header;
  if (!frame.end) {
    frame.end = newBlock("end");
    for (ValType result : frame.results)
      frame.endValues.push_back(
          PHINode::Create(emitter.type(result), 2, "", frame.end));
  }
  return frame.end;
}

ArrayRef<Value *>
FunctionEmitter::branchOperands(const ControlFrame &frame) const {
  size_t count = frame.kind == ControlFrame::Kind::Loop ? frame.params.size()
                                                        : frame.results.size();
  return ArrayRef(stack).take_back(count);
}

/// Adds the values of one more edge from the current block.
void FunctionEmitter::addBranchValues(ControlFrame &frame,
                                      ArrayRef<Value *> values) {
  auto &phis = frame.kind == ControlFrame::Kind::Loop ? frame.headerValues
                                                      : frame.endValues;
  for (auto [phi, value] : zip_equal(phis, values))
    phi->addIncoming(value, builder.GetInsertBlock());
}

void FunctionEmitter::branchTo(uint32_t label) {
  ControlFrame &frame = frameAt(label);
  BasicBlock *target = branchTarget(frame);
  for (uint32_t i = 0; i <= label; ++i)
    leaveCatch(frameAt(i));
  addBranchValues(frame, branchOperands(frame));
  builder.CreateBr(target);
}

/// Ends the frame's body: its results go to the end block.
void FunctionEmitter::fallThroughToEnd(ControlFrame &frame) {
  if (!reachable)
    return;
  if (frame.kind == ControlFrame::Kind::Loop) {
    // Branches to a loop's label go to its header; only this edge ends it.
    frame.end = newBlock("end");
    for (Value *value : ArrayRef(stack).take_back(frame.results.size())) {
      PHINode *phi = PHINode::Create(value->getType(), 1, "", frame.end);
      phi->addIncoming(value, builder.GetInsertBlock());
      frame.endValues.push_back(phi);
    }
    builder.CreateBr(frame.end);
    return;
  }
  BasicBlock *end = branchTarget(frame);
  addBranchValues(frame, ArrayRef(stack).take_back(frame.results.size()));
  builder.CreateBr(end);
}

/// Leaves the innermost frame; code after it is reachable if its end is.
void FunctionEmitter::popFrame() {
  ControlFrame frame = std::move(frames.back());
  frames.pop_back();
  stack.resize(frame.stackHeight);
  reachable = frame.end != nullptr;
  if (!reachable)
    return;
  frame.end->moveAfter(&llvmFunction->back());
  builder.SetInsertPoint(frame.end);
  stack.insert(stack.end(), frame.endValues.begin(), frame.endValues.end());
  if (frame.kind == ControlFrame::Kind::Function)
    emitter.returnGuest(builder, function.type(), popMany(frame.results.size()),
                        resultBuffer);
}

void FunctionEmitter::emitTrap(StringRef trap) {
  builder.CreateCall(emitter.runtime(trap));
  builder.CreateUnreachable();
}

void FunctionEmitter::trapIf(Value *condition, StringRef trap,
                             ArrayRef<Value *> arguments) {
  BasicBlock *bad = newBlock("trap");
  BasicBlock *good = newBlock("");
  MDBuilder weights(emitter.context);
  builder.CreateCondBr(condition, bad, good,
                       weights.createUnlikelyBranchWeights());
  builder.SetInsertPoint(bad);
  // Merged trap calls would share one return address and lose their places.
  CallInst *call = builder.CreateCall(emitter.runtime(trap), arguments);
  call->addFnAttr(Attribute::NoMerge);
  builder.CreateUnreachable();
  builder.SetInsertPoint(good);
}

void FunctionEmitter::emitUnreachable(const Instruction &) {
  emitTrap("wm_trap_unreachable");
  makeUnreachable();
}

void FunctionEmitter::emitNop(const Instruction &) {}

void FunctionEmitter::emitBlock(const Instruction &inst) {
  frames.push_back(makeFrame(ControlFrame::Kind::Block, inst.block));
}

void FunctionEmitter::emitLoop(const Instruction &inst) {
  ControlFrame frame = makeFrame(ControlFrame::Kind::Loop, inst.block);
  frame.header = newBlock("loop");
  BasicBlock *before = builder.GetInsertBlock();
  SmallVector<Value *, 4> params = popMany(frame.params.size());
  builder.CreateBr(frame.header);
  builder.SetInsertPoint(frame.header);
  for (Value *param : params) {
    PHINode *phi = builder.CreatePHI(param->getType(), 2);
    phi->addIncoming(param, before);
    frame.headerValues.push_back(phi);
    push(phi);
  }
  frames.push_back(std::move(frame));
}

void FunctionEmitter::emitIf(const Instruction &inst) {
  Value *condition = pop();
  ControlFrame frame = makeFrame(ControlFrame::Kind::If, inst.block);
  BasicBlock *then = newBlock("then");
  frame.otherwise = newBlock("else");
  ArrayRef<Value *> params = ArrayRef(stack).take_back(frame.params.size());
  frame.elseParams.assign(params.begin(), params.end());
  builder.CreateCondBr(builder.CreateIsNotNull(condition), then,
                       frame.otherwise);
  builder.SetInsertPoint(then);
  frames.push_back(std::move(frame));
}

void FunctionEmitter::emitElse(const Instruction &) {
  ControlFrame &frame = frames.back();
  fallThroughToEnd(frame);
  stack.resize(frame.stackHeight);
  stack.insert(stack.end(), frame.elseParams.begin(), frame.elseParams.end());
  builder.SetInsertPoint(frame.otherwise);
  frame.otherwise = nullptr;
  reachable = true;
}

void FunctionEmitter::emitEnd(const Instruction &inst) {
  ControlFrame &frame = frames.back();
  if (reachable)
    leaveCatch(frame);
  fallThroughToEnd(frame);
  if (frame.kind == ControlFrame::Kind::Try)
    if (BasicBlock *rest = frame.landing ? frame.landing : frame.nextCatch) {
      // What no clause takes goes on outwards.
      frame.landing = nullptr;
      builder.SetInsertPoint(rest);
      builder.CreateBr(handler());
    }
  if (frame.otherwise) {
    // No else: the parameters are the results.
    stack.resize(frame.stackHeight);
    stack.insert(stack.end(), frame.elseParams.begin(), frame.elseParams.end());
    builder.SetInsertPoint(frame.otherwise);
    reachable = true;
    fallThroughToEnd(frame);
  }
  popFrame();
}

void FunctionEmitter::emitBr(const Instruction &inst) {
  branchTo(inst.index);
  makeUnreachable();
}

/// Branches to the label where `condition` is true, and goes on in a new block.
void FunctionEmitter::branchIf(Value *condition, uint32_t label) {
  ControlFrame &frame = frameAt(label);
  BasicBlock *target = branchTarget(frame);
  BasicBlock *next = newBlock("");
  addBranchValues(frame, branchOperands(frame));
  builder.CreateCondBr(condition, target, next);
  builder.SetInsertPoint(next);
}

void FunctionEmitter::emitBrIf(const Instruction &inst) {
  branchIf(builder.CreateIsNotNull(pop()), inst.index);
}

void FunctionEmitter::emitBrOnNull(const Instruction &inst) {
  Value *reference = pop();
  branchIf(builder.CreateIsNull(reference), inst.index);
  push(reference);
}

void FunctionEmitter::emitBrOnNonNull(const Instruction &inst) {
  branchIf(builder.CreateIsNotNull(stack.back()), inst.index);
  pop();
}

void FunctionEmitter::emitBrTable(const Instruction &inst) {
  Value *index = pop();
  ControlFrame &fallback = frameAt(inst.labels.back());
  BasicBlock *defaultTarget = branchTarget(fallback);
  ArrayRef<Value *> values = branchOperands(fallback);
  addBranchValues(fallback, values);
  ArrayRef<uint32_t> labels = ArrayRef(inst.labels).drop_back();
  SwitchInst *table = builder.CreateSwitch(
      index, defaultTarget, static_cast<unsigned>(labels.size()));
  // A phi node has one entry for each edge, which a table of many equal
  // targets and many values would multiply: those go through one block each.
  DenseMap<uint32_t, BasicBlock *> edges;
  for (auto [value, label] : enumerate(labels)) {
    ControlFrame &frame = frameAt(label);
    BasicBlock *target = branchTarget(frame);
    if (target == defaultTarget)
      continue;
    BasicBlock *&edge = edges[label];
    if (!edge) {
      edge = newBlock("case");
      IRBuilderBase::InsertPointGuard guard(builder);
      builder.SetInsertPoint(edge);
      addBranchValues(frame, branchOperands(frame));
      builder.CreateBr(target);
    }
    table->addCase(ConstantInt::get(cast<IntegerType>(emitter.i32), value),
                   edge);
  }
  makeUnreachable();
}

void FunctionEmitter::emitReturn(const Instruction &) {
  branchTo(static_cast<uint32_t>(frames.size() - 1));
  makeUnreachable();
}
