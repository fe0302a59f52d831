// Memory instructions. The sandbox rests on this file: every access of the
// guest goes through wm_translate or a checked runtime function.
// https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions
#include "compiler/emit/function_emitter.h"
#include "compiler/emit/speculation.h"

using namespace llvm;
using namespace wasmetal;

Value *FunctionEmitter::memoryPointer(uint32_t index) {
  return emitter.memoryPointer(builder, instance, index);
}

/// The base of a memory: a constant distance from the instance for the memory
/// that the module defines, else loaded once in the function's entry.
Value *FunctionEmitter::memoryBase(uint32_t index) {
  Value *&base = memoryBases[index];
  if (base)
    return base;
  IRBuilder<> entry(entryEnd);
  if (emitter.options.staticInstance)
    base = emitter.staticMemory(index);
  else if (index == 0 && emitter.layout.memoryOffset)
    base = entry.CreateConstGEP1_64(emitter.i8, instance,
                                    emitter.layout.memoryOffset);
  else
    base = emitter.loadConstant(
        entry, emitter.pointer,
        emitter.at(entry, emitter.memoryPointer(entry, instance, index),
                   emitter.layout.memoryBase));
  return base;
}

/// The bytes that the guest may access now.
Value *FunctionEmitter::memorySize(uint32_t index) {
  const Memory &memory = wasm.memories[index];
  if (emitter.minimumBytes(memory) == emitter.knownMaximum(memory))
    return builder.getInt64(emitter.minimumBytes(memory));
  LoadInst *size = builder.CreateAlignedLoad(
      emitter.i64,
      emitter.at(builder, memoryPointer(index), emitter.layout.memoryBytes),
      Align(8));
  if (memory.type.limits.isShared)
    size->setAtomic(AtomicOrdering::SequentiallyConsistent);
  return size;
}

Value *FunctionEmitter::hostAddress(const MemArg &access, uint64_t bytes) {
  const Memory &memory = wasm.memories[access.memory];
  Value *index = address(pop());
  Value *translated = builder.CreateCall(
      emitter.runtime(ModuleEmitter::translation(memory)),
      {memoryPointer(access.memory), memoryBase(access.memory), index,
       builder.getInt64(access.offset), builder.getInt64(bytes),
       builder.getInt64(emitter.minimumBytes(memory)),
       builder.getInt64(emitter.knownMaximum(memory))});
  if (!emitter.options.spectre || !emitter.isCheckedByBranch(memory))
    return translated;
  // Sums do not wrap: neither that of 32-bit addresses, nor that of one that is
  // below the size and an offset that does not always trap.
  if (access.offset >> 62)
    return memoryBase(access.memory);
  Value *size = memorySize(access.memory);
  Value *hidden = hide(builder, index);
  if (is64(memory.type.limits))
    hidden = builder.CreateAnd(hidden, maskIfBelow(builder, hidden, size));
  Value *start = builder.CreateAdd(hidden, builder.getInt64(access.offset));
  Value *last = builder.CreateAdd(start, builder.getInt64(bytes - 1));
  return builder.CreateGEP(
      emitter.i8, memoryBase(access.memory),
      builder.CreateAnd(start, maskIfBelow(builder, last, size)));
}

Value *FunctionEmitter::loadAs(const Instruction &inst, Type *type) {
  uint64_t bytes = type->getPrimitiveSizeInBits() / 8;
  LoadInst *load =
      builder.CreateAlignedLoad(type, hostAddress(inst.memory, bytes), Align(1),
                                emitter.isVolatile(memory(inst)));
  load->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
  return load;
}

void FunctionEmitter::load(const Instruction &inst, Type *type) {
  push(loadAs(inst, type));
}

void FunctionEmitter::loadSigned(const Instruction &inst, Type *from,
                                 Type *to) {
  push(builder.CreateSExt(loadAs(inst, from), to));
}

void FunctionEmitter::loadUnsigned(const Instruction &inst, Type *from,
                                   Type *to) {
  push(builder.CreateZExt(loadAs(inst, from), to));
}

/// Stores the operand's low part as `type`.
void FunctionEmitter::store(const Instruction &inst, Type *type) {
  Value *value = pop();
  if (value->getType() != type)
    value = builder.CreateTrunc(value, type);
  uint64_t bytes = type->getPrimitiveSizeInBits() / 8;
  StoreInst *store =
      builder.CreateAlignedStore(value, hostAddress(inst.memory, bytes),
                                 Align(1), emitter.isVolatile(memory(inst)));
  store->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
}

#define LOAD(name, type)                                                       \
  void FunctionEmitter::emit##name(const Instruction &inst) {                  \
    load(inst, emitter.type);                                                  \
  }
#define LOAD_SIGNED(name, from, to)                                            \
  void FunctionEmitter::emit##name(const Instruction &inst) {                  \
    loadSigned(inst, emitter.from, emitter.to);                                \
  }
#define LOAD_UNSIGNED(name, from, to)                                          \
  void FunctionEmitter::emit##name(const Instruction &inst) {                  \
    loadUnsigned(inst, emitter.from, emitter.to);                              \
  }
#define STORE(name, type)                                                      \
  void FunctionEmitter::emit##name(const Instruction &inst) {                  \
    store(inst, emitter.type);                                                 \
  }
LOAD(I32Load, i32)
LOAD(I64Load, i64)
LOAD(F32Load, f32)
LOAD(F64Load, f64)
LOAD_SIGNED(I32Load8S, i8, i32)
LOAD_UNSIGNED(I32Load8U, i8, i32)
LOAD_SIGNED(I32Load16S, i16, i32)
LOAD_UNSIGNED(I32Load16U, i16, i32)
LOAD_SIGNED(I64Load8S, i8, i64)
LOAD_UNSIGNED(I64Load8U, i8, i64)
LOAD_SIGNED(I64Load16S, i16, i64)
LOAD_UNSIGNED(I64Load16U, i16, i64)
LOAD_SIGNED(I64Load32S, i32, i64)
LOAD_UNSIGNED(I64Load32U, i32, i64)
STORE(I32Store, i32)
STORE(I64Store, i64)
STORE(F32Store, f32)
STORE(F64Store, f64)
STORE(I32Store8, i8)
STORE(I32Store16, i16)
STORE(I64Store8, i8)
STORE(I64Store16, i16)
STORE(I64Store32, i32)
#undef LOAD
#undef LOAD_SIGNED
#undef LOAD_UNSIGNED
#undef STORE

void FunctionEmitter::emitMemorySize(const Instruction &inst) {
  const MemoryType &type = wasm.memories[inst.index].type;
  push(builder.CreateTrunc(
      builder.CreateLShr(memorySize(inst.index), type.pageSizeLog2),
      emitter.type(addressType(type.limits))));
}

void FunctionEmitter::emitMemoryGrow(const Instruction &inst) {
  Value *pages = address(pop());
  Value *old = callRuntime("wm_memory_grow",
                           {instance, memoryPointer(inst.index), pages});
  push(builder.CreateTrunc(
      old, emitter.type(addressType(wasm.memories[inst.index].type.limits))));
}

void FunctionEmitter::emitMemoryFill(const Instruction &inst) {
  Value *length = address(pop());
  Value *value = pop();
  Value *to = address(pop());
  callRuntime("wm_memory_fill",
              {instance, memoryPointer(inst.index), to, value, length});
}

void FunctionEmitter::emitMemoryCopy(const Instruction &inst) {
  Value *length = address(pop());
  Value *from = address(pop());
  Value *to = address(pop());
  callRuntime("wm_memory_copy", {instance, memoryPointer(inst.index),
                                 memoryPointer(inst.index2), to, from, length});
}

void FunctionEmitter::emitMemoryInit(const Instruction &inst) {
  Value *length = address(pop());
  Value *from = address(pop());
  Value *to = address(pop());
  callRuntime("wm_memory_init",
              {instance, memoryPointer(inst.index2),
               builder.getInt32(inst.index), to, from, length});
}

void FunctionEmitter::emitDataDrop(const Instruction &inst) {
  builder.CreateCall(emitter.runtime("wm_data_drop"),
                     {instance, builder.getInt32(inst.index)});
}
