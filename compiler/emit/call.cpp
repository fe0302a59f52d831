// Calls. The sandbox rests on this file: call_indirect checks the index, the
// null reference and the canonical type before it jumps.
// https://webassembly.github.io/spec/core/exec/instructions.html#exec-call-indirect
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/function_emitter.h"
#include "compiler/emit/speculation.h"

#include "llvm/IR/IntrinsicInst.h"

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
  // Where it is inlined, it would make a loop of calls that take stack.
  builder.GetInsertBlock()->getParent()->addFnAttr(Attribute::NoInline);
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
Value *FunctionEmitter::fixedEntry(GlobalVariable *table, Value *index) {
  uint64_t size = cast<ArrayType>(table->getValueType())->getNumElements() - 1;
  index = address(index);
  bool isSpeculated = !emitter.options.target->isFirmware();
  return builder.CreateInBoundsGEP(
      emitter.i64, table,
      isSpeculated ? clampIndex(builder, index, size)
                   : builder.CreateBinaryIntrinsic(Intrinsic::umin, index,
                                                   builder.getInt64(size)));
}

FunctionEmitter::Callee FunctionEmitter::fixedCallee(const Instruction &inst,
                                                     GlobalVariable *table) {
  constexpr uint64_t CodeOffset = 4;
  Value *entry = fixedEntry(table, pop());
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

/// The places of a fixed table that a call can go to, if they are few enough to
/// compare with; none otherwise.
ArrayRef<uint32_t> FunctionEmitter::knownPlaces(const Instruction &inst) const {
  if (emitter.options.spectre || !wasm.types[inst.index].isFinal)
    return {};
  const auto &types = emitter.facts.callees[inst.index2];
  auto found = types.find(entryType(wasm, inst.index));
  if (found == types.end() ||
      found->second.size() > emitter.options.mostCallees)
    return {};
  return found->second;
}

/// Inlines what a block calls, unless there was much of that.
void FunctionEmitter::inlineCalls(BasicBlock &block) {
  constexpr unsigned MostInlined = 16;
  if (!emitter.options.inlinesCallees || numInlined == MostInlined)
    return;
  ++numInlined;
  for (llvm::Instruction &inst : block)
    if (auto *call = dyn_cast<CallInst>(&inst);
        call && !call->isInlineAsm() && !isa<IntrinsicInst>(call))
      call->addFnAttr(Attribute::AlwaysInline);
}

/// Whether a copy of a function where it is called costs little. What calls
/// others is not: copies would make more of them.
static bool isSmallLeaf(const wasmetal::Function &function) {
  constexpr size_t SmallBody = 64;
  return function.body.size() <= SmallBody && function.callees.empty() &&
         function.calledTypes.empty();
}

/// A direct call for each function that the index may select. What a processor
/// runs ahead of a comparison is one of these, too, of the right type.
void FunctionEmitter::callOneOf(const Instruction &inst,
                                ArrayRef<uint32_t> places, bool isTail) {
  const FuncType &type = wasm.types[inst.index].func;
  Value *index = pop();
  SmallVector<Value *, 4> arguments = popMany(type.params.size());
  BasicBlock *other = newBlock("trap"), *end = newBlock("");
  SwitchInst *choice = builder.CreateSwitch(index, other, places.size());
  SmallVector<PHINode *, 1> results;
  for (ValType result : type.results)
    results.push_back(PHINode::Create(emitter.type(result), 2, "", end));
  for (uint32_t place : places) {
    BasicBlock *block = newBlock("callee");
    choice->addCase(builder.getInt32(place), block);
    builder.SetInsertPoint(block);
    stack.insert(stack.end(), arguments.begin(), arguments.end());
    uint32_t function = emitter.facts.fixedTables[inst.index2][place];
    Callee callee = calleeAt(function);
    if (isTail) {
      tailCall(type, callee);
      continue;
    }
    call(type, callee);
    // The producer has inlined what it found small enough, but none of these.
    if (isSmallLeaf(wasm.functions[function]))
      inlineCalls(*block);
    for (auto [phi, value] : zip_equal(results, popMany(results.size())))
      phi->addIncoming(value, builder.GetInsertBlock());
    builder.CreateBr(end);
  }
  builder.SetInsertPoint(other);
  Value *entry = fixedEntry(emitter.fixedTable(inst.index2), index);
  CallInst *trap =
      builder.CreateCall(emitter.runtime("wm_trap_callee"), {entry});
  trap->addFnAttr(Attribute::NoMerge);
  builder.CreateUnreachable();
  if (isTail) {
    end->eraseFromParent();
    return;
  }
  builder.SetInsertPoint(end);
  for (PHINode *result : results)
    push(result);
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
  ArrayRef<uint32_t> places = knownPlaces(inst);
  if (!places.empty())
    return callOneOf(inst, places, /*isTail=*/false);
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
  ArrayRef<uint32_t> places = knownPlaces(inst);
  if (!places.empty())
    return callOneOf(inst, places, /*isTail=*/true);
  Callee callee = indirectCallee(inst);
  tailCall(wasm.types[inst.index].func, callee);
}
