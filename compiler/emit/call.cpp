// Calls. The sandbox rests on this file: call_indirect checks the index, the
// null reference and the canonical type before it jumps.
// https://webassembly.github.io/spec/core/exec/instructions.html#exec-call-indirect
#include "compiler/emit/function_emitter.h"

using namespace llvm;
using namespace wasmetal;

void FunctionEmitter::emitCallTo(const FuncType &type, Value *code,
                                 Value *calleeInstance) {
  Value *buffer = nullptr;
  if (ModuleEmitter::usesBuffer(type)) {
    // One buffer serves all calls of the function: results are read at once.
    uint64_t size = type.results.size() * InstanceLayout::ValueSize;
    IRBuilder<> entry(entryEnd);
    if (!callBuffer)
      callBuffer = entry.CreateAlloca(emitter.i8, entry.getInt64(size));
    else if (cast<ConstantInt>(callBuffer->getArraySize())->getZExtValue() <
             size)
      callBuffer->setOperand(0, entry.getInt64(size));
    callBuffer->setAlignment(Align(16));
    buffer = callBuffer;
  }
  SmallVector<Value *, 4> arguments = popMany(type.params.size());
  for (Value *result : emitter.callGuest(builder, type, code, calleeInstance,
                                         arguments, buffer))
    push(result);
}

void FunctionEmitter::emitCall(const Instruction &inst) {
  const FuncType &type = wasm.typeOfFunction(inst.index);
  if (!wasm.functions[inst.index].isImported) {
    emitCallTo(type, emitter.function(inst.index), instance);
    return;
  }
  uint64_t record = emitter.layout.functionRecord(wasm, inst.index);
  auto field = [&](uint64_t offset) {
    return emitter.loadConstant(builder, emitter.pointer,
                                emitter.at(builder, instance, record + offset));
  };
  emitCallTo(type, field(InstanceLayout::FunctionCode),
             field(InstanceLayout::FunctionInstance));
}

void FunctionEmitter::emitCallIndirect(const Instruction &inst) {
  Value *index = address(pop());
  Value *table = tablePointer(inst.index2);
  Value *slot = tableSlot(table, index, "wm_trap_undefined_element");
  Value *record = builder.CreateAlignedLoad(emitter.pointer, slot, Align(8));
  trapIf(builder.CreateIsNull(record), "wm_trap_uninitialized_element");
  // Types that are equal share one canonical identity, whose address each
  // instance holds.
  Value *expected = emitter.loadConstant(
      builder, emitter.pointer,
      emitter.at(builder, instance, emitter.layout.types + inst.index * 8));
  auto field = [&](uint64_t offset) {
    return emitter.loadConstant(builder, emitter.pointer,
                                emitter.at(builder, record, offset));
  };
  Value *found = field(InstanceLayout::FunctionType);
  trapIf(builder.CreateICmpNE(found, expected), "wm_trap_indirect_call_type");
  emitCallTo(wasm.types[inst.index].func, field(InstanceLayout::FunctionCode),
             field(InstanceLayout::FunctionInstance));
}
