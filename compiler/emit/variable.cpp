// Variable and parametric instructions.
// https://webassembly.github.io/spec/core/exec/instructions.html#variable-instructions
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/function_emitter.h"

using namespace llvm;
using namespace wasmetal;

void FunctionEmitter::emitDrop(const Instruction &) { pop(); }

void FunctionEmitter::emitSelect(const Instruction &) {
  Value *condition = pop();
  Value *otherwise = pop();
  Value *value = pop();
  push(builder.CreateSelect(builder.CreateIsNotNull(condition), value,
                            otherwise));
}

void FunctionEmitter::emitSelectTyped(const Instruction &inst) {
  emitSelect(inst);
}

void FunctionEmitter::emitLocalGet(const Instruction &inst) {
  AllocaInst *local = locals[inst.index];
  push(builder.CreateLoad(local->getAllocatedType(), local));
}

void FunctionEmitter::emitLocalSet(const Instruction &inst) {
  builder.CreateStore(pop(), locals[inst.index]);
}

void FunctionEmitter::emitLocalTee(const Instruction &inst) {
  builder.CreateStore(stack.back(), locals[inst.index]);
}

void FunctionEmitter::emitGlobalGet(const Instruction &inst) {
  const GlobalType &type = wasm.globals[inst.index].type;
  std::optional<uint64_t> number;
  if (isFirst && !wasm.globals[inst.index].isImported)
    number = constantOf(wasm.globals[inst.index].init);
  if (number) {
    push(ConstantInt::get(emitter.type(type.type), *number));
    return;
  }
  Value *address = emitter.globalPointer(builder, instance, inst.index);
  LoadInst *load =
      builder.CreateAlignedLoad(emitter.type(type.type), address, Align(8));
  load->setMetadata(LLVMContext::MD_tbaa, emitter.globalTag);
  if (!type.isMutable)
    load->setMetadata(LLVMContext::MD_invariant_load,
                      MDNode::get(emitter.context, {}));
  push(load);
}

/// What an access that traps leaves behind shows in globals too: LLVM would
/// hold one in a register over a loop, or drop a store that a later one
/// overwrites.
void FunctionEmitter::emitGlobalSet(const Instruction &inst) {
  Value *address = emitter.globalPointer(builder, instance, inst.index);
  StoreInst *store = builder.CreateAlignedStore(pop(), address, Align(8),
                                                emitter.isExactByFaults());
  store->setMetadata(LLVMContext::MD_tbaa, emitter.globalTag);
}
