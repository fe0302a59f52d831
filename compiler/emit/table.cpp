// Table instructions. The sandbox rests on this file: an index is compared
// with the table's current size.
// https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions
#include "compiler/emit/function_emitter.h"
#include "compiler/emit/speculation.h"

using namespace llvm;
using namespace wasmetal;

Value *FunctionEmitter::tablePointer(uint32_t index) {
  return emitter.tablePointer(builder, instance, index);
}

Value *FunctionEmitter::tableSize(Value *table) {
  return builder.CreateAlignedLoad(
      emitter.i64, emitter.at(builder, table, emitter.layout.tableLength),
      Align(8));
}

/// Address of an element; traps beyond the table's size. What is executed
/// before that comparison is known finds element 0 instead.
Value *FunctionEmitter::tableSlot(Value *table, Value *index, StringRef trap) {
  Value *size = tableSize(table);
  trapIf(builder.CreateICmpUGE(index, size), trap);
  Value *elements = builder.CreateAlignedLoad(
      emitter.pointer, emitter.at(builder, table, emitter.layout.tableElements),
      emitter.pointerAlign());
  return builder.CreateGEP(emitter.pointer, elements,
                           keepIfBelow(builder, index, size));
}

void FunctionEmitter::emitTableGet(const Instruction &inst) {
  Value *index = address(pop());
  Value *slot =
      tableSlot(tablePointer(inst.index), index, "wm_trap_table_bounds");
  push(
      builder.CreateAlignedLoad(emitter.pointer, slot, emitter.pointerAlign()));
}

void FunctionEmitter::emitTableSet(const Instruction &inst) {
  Value *value = pop();
  Value *index = address(pop());
  Value *slot =
      tableSlot(tablePointer(inst.index), index, "wm_trap_table_bounds");
  builder.CreateAlignedStore(value, slot, emitter.pointerAlign());
}

void FunctionEmitter::emitTableSize(const Instruction &inst) {
  push(builder.CreateTrunc(
      tableSize(tablePointer(inst.index)),
      emitter.type(addressType(wasm.tables[inst.index].type.limits))));
}

void FunctionEmitter::emitTableGrow(const Instruction &inst) {
  Value *delta = address(pop());
  Value *value = pop();
  Value *old = callRuntime("wm_table_grow",
                           {instance, tablePointer(inst.index), delta, value});
  push(builder.CreateTrunc(
      old, emitter.type(addressType(wasm.tables[inst.index].type.limits))));
}

void FunctionEmitter::emitTableFill(const Instruction &inst) {
  Value *length = address(pop());
  Value *value = pop();
  Value *to = address(pop());
  callRuntime("wm_table_fill",
              {instance, tablePointer(inst.index), to, value, length});
}

void FunctionEmitter::emitTableCopy(const Instruction &inst) {
  Value *length = address(pop());
  Value *from = address(pop());
  Value *to = address(pop());
  callRuntime("wm_table_copy", {instance, tablePointer(inst.index),
                                tablePointer(inst.index2), to, from, length});
}

void FunctionEmitter::emitTableInit(const Instruction &inst) {
  Value *length = address(pop());
  Value *from = address(pop());
  Value *to = address(pop());
  callRuntime("wm_table_init",
              {instance, tablePointer(inst.index2),
               builder.getInt32(inst.index), to, from, length});
}

void FunctionEmitter::emitElemDrop(const Instruction &inst) {
  builder.CreateCall(emitter.runtime("wm_elem_drop"),
                     {instance, builder.getInt32(inst.index)});
}
