// Calls. The sandbox rests on this file: call_indirect checks the index, the
// null reference and the canonical type before it jumps.
// https://webassembly.github.io/spec/core/exec/instructions.html#exec-call-indirect
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/function_emitter.h"
#include "compiler/emit/speculation.h"

using namespace llvm;
using namespace wasmetal;

Value *FunctionEmitter::callRuntime(StringRef name,
                                    ArrayRef<Value *> arguments) {
  Value *result = builder.CreateCall(emitter.runtime(name), arguments);
  emitter.raiseRequest(builder, instance);
  return result;
}

void FunctionEmitter::call(const FuncType &type, Callee callee) {
  Value *buffer = nullptr;
  if (emitter.usesBuffer(type)) {
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
  for (Value *result :
       emitter.callGuest(builder, type, callee.code, callee.instance, arguments,
                         buffer, callee.convention))
    push(result);
  if (callee.mayThrow)
    testException();
}

/// The callee takes this function's place, and its buffer for results: it has
/// as many of them.
void FunctionEmitter::tailCall(const FuncType &type, Callee callee) {
  SmallVector<Value *, 4> arguments = popMany(type.params.size());
  emitter.tailCallGuest(builder, type, callee.code, callee.instance, arguments,
                        resultBuffer);
  makeUnreachable();
}

/// The callee that a wm_function holds.
FunctionEmitter::Callee FunctionEmitter::calleeIn(Value *record,
                                                  bool mayThrow) {
  auto field = [&](uint64_t offset) {
    return emitter.loadConstant(builder, emitter.pointer,
                                emitter.at(builder, record, offset));
  };
  return {field(emitter.layout.functionCode),
          field(emitter.layout.functionInstance), mayThrow};
}

FunctionEmitter::Callee FunctionEmitter::calleeAt(uint32_t index) {
  if (!wasm.functions[index].isImported)
    return {emitter.function(index), instance,
            emitter.facts.throwing.functions[index]};
  if (emitter.options.staticInstance) // bound by symbols
    return {emitter.importAdapter(index), instance,
            emitter.facts.throwing.functions[index]};
  return calleeIn(emitter.reference(builder, instance, index),
                  emitter.facts.throwing.functions[index]);
}

/// Of a table whose elements are constants: entries of types and code. An index
/// beyond it finds the entry behind the last, whose type is no other's.
FunctionEmitter::Callee FunctionEmitter::fixedCallee(const Instruction &inst,
                                                     GlobalVariable *table) {
  constexpr uint64_t EntrySize = 8, CodeOffset = 4;
  uint64_t size = cast<ArrayType>(table->getValueType())->getNumElements() - 1;
  Value *end = builder.getInt64(size);
  Value *entry;
  if (emitter.options.target->isFirmware()) { // where nothing is speculated
    entry = builder.CreateGEP(
        emitter.i64, table,
        builder.CreateBinaryIntrinsic(Intrinsic::umin, address(pop()), end));
  } else {
    Value *fromEnd = builder.CreateSub(hide(builder, address(pop())), end);
    entry = builder.CreateGEP(
        emitter.i64, emitter.at(builder, table, size * EntrySize),
        builder.CreateAnd(fromEnd, maskOfSign(builder, fromEnd)));
  }
  Value *found = builder.CreateAlignedLoad(emitter.i32, entry, Align(8));
  Value *expected = builder.getInt32(entryType(wasm, inst.index));
  // The entry and not what was found, which is compared where it stands.
  trapIf(builder.CreateICmpNE(found, expected), "wm_trap_callee", entry);
  Value *place = emitter.at(builder, entry, CodeOffset);
  Value *code;
  if (emitter.options.isPlaced) {
    code = builder.CreateIntToPtr(
        builder.CreateAlignedLoad(emitter.i32, place, Align(4)),
        emitter.pointer);
  } else {
    Value *distance = builder.CreateAlignedLoad(emitter.i32, place, Align(4));
    code = builder.CreateGEP(emitter.i8, table,
                             builder.CreateSExt(distance, emitter.i64));
  }
  return {code, instance, emitter.facts.throwing.types[inst.index],
          emitter.fixedConvention(inst.index)};
}

FunctionEmitter::Callee
FunctionEmitter::indirectCallee(const Instruction &inst) {
  bool isFinal = wasm.types[inst.index].isFinal;
  if (isFinal && !emitter.options.spectre)
    if (GlobalVariable *fixed = emitter.fixedTable(inst.index2))
      return fixedCallee(inst, fixed);
  Value *index = address(pop());
  Value *table = tablePointer(inst.index2);
  Value *slot = tableSlot(table, index, "wm_trap_undefined_element");
  Value *record =
      builder.CreateAlignedLoad(emitter.pointer, slot, emitter.pointerAlign());
  trapIf(builder.CreateIsNull(record), "wm_trap_uninitialized_element");
  // Types that are equal share one canonical identity, whose address each
  // instance holds. Whether another one declares it as its supertype, the
  // runtime finds out; most types cannot have subtypes.
  Value *expected = emitter.loadConstant(
      builder, emitter.pointer,
      emitter.at(builder, instance,
                 emitter.layout.types +
                     inst.index * emitter.layout.pointerSize));
  Value *found = emitter.loadConstant(
      builder, emitter.pointer,
      emitter.at(builder, record, emitter.layout.functionType));
  bool mayThrow = emitter.facts.throwing.types[inst.index];
  if (emitter.options.spectre && isFinal) {
    Value *mask = maskIfEqual(builder, found, expected);
    trapIf(builder.CreateIsNull(mask), "wm_trap_indirect_call_type");
    Value *masked =
        builder.CreateAnd(builder.CreatePtrToInt(record, emitter.i64), mask);
    return calleeIn(builder.CreateIntToPtr(masked, emitter.pointer), mayThrow);
  }
  Value *isOther = builder.CreateICmpNE(found, expected);
  if (isFinal) {
    trapIf(isOther, "wm_trap_indirect_call_type");
    return calleeIn(record, mayThrow);
  }
  BasicBlock *other = newBlock("other"), *match = newBlock("match");
  builder.CreateCondBr(isOther, other, match);
  builder.SetInsertPoint(other);
  Value *matches =
      builder.CreateCall(emitter.runtime("wm_type_matches"), {found, expected});
  trapIf(builder.CreateIsNull(matches), "wm_trap_indirect_call_type");
  builder.CreateBr(match);
  builder.SetInsertPoint(match);
  return calleeIn(record, emitter.facts.throwing.types[inst.index]);
}

/// Validation knows the type of a reference.
FunctionEmitter::Callee
FunctionEmitter::referencedCallee(const Instruction &inst) {
  Value *record = pop();
  trapIf(builder.CreateIsNull(record), "wm_trap_null_function");
  return calleeIn(record, emitter.facts.throwing.types[inst.index]);
}

void FunctionEmitter::emitCall(const Instruction &inst) {
  call(wasm.typeOfFunction(inst.index), calleeAt(inst.index));
  // WASI's functions do not throw. What an embedder supplies in their place
  // might, and callers do not expect it. Firmware's hosts cannot make any.
  if (wasm.functions[inst.index].isImported &&
      !emitter.options.staticInstance &&
      !emitter.facts.throwing.functions[inst.index])
    trapIf(builder.CreateIsNotNull(loadException()),
           "wm_trap_unexpected_exception");
}

void FunctionEmitter::emitCallIndirect(const Instruction &inst) {
  Callee callee = indirectCallee(inst);
  call(wasm.types[inst.index].func, callee);
}

void FunctionEmitter::emitCallRef(const Instruction &inst) {
  Callee callee = referencedCallee(inst);
  call(wasm.types[inst.index].func, callee);
}

void FunctionEmitter::emitReturnCallRef(const Instruction &inst) {
  Callee callee = referencedCallee(inst);
  tailCall(wasm.types[inst.index].func, callee);
}

void FunctionEmitter::emitReturnCall(const Instruction &inst) {
  tailCall(wasm.typeOfFunction(inst.index), calleeAt(inst.index));
}

void FunctionEmitter::emitReturnCallIndirect(const Instruction &inst) {
  Callee callee = indirectCallee(inst);
  tailCall(wasm.types[inst.index].func, callee);
}
