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

Value *FunctionEmitter::hostAddress(const MemArg &access, Value *index,
                                    uint64_t bytes) {
  const Memory &memory = wasm.memories[access.memory];
  bool isMasked = emitter.options.spectre && emitter.isCheckedByBranch(memory);
  if (emitter.options.spectre && !isMasked)
    index = hide(builder, index); // no loop knows its bounds
  Value *translated = builder.CreateCall(
      emitter.runtime(ModuleEmitter::translation(memory)),
      {memoryPointer(access.memory), memoryBase(access.memory), index,
       builder.getInt64(access.offset), builder.getInt64(bytes),
       builder.getInt64(emitter.minimumBytes(memory)),
       builder.getInt64(emitter.knownMaximum(memory))});
  if (!isMasked)
    return translated;
  // Sums do not wrap: neither that of 32-bit addresses, nor that of one that is
  // below the size and an offset that does not always trap.
  if (access.offset >> 62)
    return memoryBase(access.memory);
  Value *size = memorySize(access.memory);
  Value *hidden = hide(builder, index);
  if (is64(memory.type.limits))
    hidden = keepIfBelow(builder, hidden, size);
  Value *start = builder.CreateAdd(hidden, builder.getInt64(access.offset));
  Value *last = builder.CreateAdd(start, builder.getInt64(bytes - 1));
  return builder.CreateGEP(emitter.i8, memoryBase(access.memory),
                           keepIfBelow(builder, start, last, size));
}

LoadInst *FunctionEmitter::loadPart(const MemArg &access, Value *index,
                                    Type *type) {
  uint64_t bytes = type->getPrimitiveSizeInBits() / 8;
  LoadInst *load = builder.CreateAlignedLoad(
      type, hostAddress(access, index, bytes), Align(1),
      emitter.isVolatile(wasm.memories[access.memory]));
  load->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
  return load;
}

void FunctionEmitter::storePart(const MemArg &access, Value *index,
                                Value *value) {
  uint64_t bytes = value->getType()->getPrimitiveSizeInBits() / 8;
  StoreInst *store = builder.CreateAlignedStore(
      value, hostAddress(access, index, bytes), Align(1),
      emitter.isVolatile(wasm.memories[access.memory]));
  store->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
}

Value *FunctionEmitter::loadAs(const Instruction &inst, Type *type) {
  return loadPart(inst.memory, address(pop()), type);
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
  storePart(inst.memory, address(pop()), value);
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

//===-- Bulk operations ---------------------------------------------------===//

// Ranges of a short constant length, such as structures, are accessed like
// anything else, in parts that meet or overlap: the optimiser knows these
// accesses, and no call is made. The last part comes first. If it is in bounds,
// so are the others; if not, nothing has been written.

/// The parts' places, from the last one to the first, and their size.
static SmallVector<uint64_t, 8> partsOf(Value *length, uint64_t &size) {
  constexpr uint64_t MaxLength = 128, MaxSize = 16;
  auto *number = dyn_cast<ConstantInt>(length);
  if (!number || number->isZero() || number->getValue().ugt(MaxLength))
    return {};
  uint64_t end = number->getZExtValue();
  size = std::min(MaxSize, bit_floor(end));
  SmallVector<uint64_t, 8> places = {end - size};
  for (uint64_t place = alignDown(end - 1, size); place > 0;) {
    place -= size;
    places.push_back(place);
  }
  return places;
}

/// Whether accesses in their order trap as a bulk operation does.
bool FunctionEmitter::isExactByOrder(const Memory &memory) const {
  bool traps = emitter.isCheckedByBranch(memory) || emitter.isVolatile(memory);
  return traps && emitter.isPlain(memory) && !memory.type.limits.isShared &&
         !emitter.options.spectre && !emitter.options.staticInstance;
}

static Type *typeOfPart(IRBuilder<> &builder, uint64_t size) {
  return size == 16 ? static_cast<Type *>(
                          FixedVectorType::get(builder.getInt64Ty(), 2))
                    : builder.getIntNTy(static_cast<unsigned>(size * 8));
}

/// A part that is `value`, a byte, all over.
static Value *repeat(IRBuilder<> &builder, Value *value, Type *part) {
  auto *element = cast<IntegerType>(part->getScalarType());
  Value *byte = builder.CreateZExt(
      builder.CreateTrunc(value, builder.getInt8Ty()), element);
  Value *word = builder.CreateMul(
      byte, ConstantInt::get(
                element, APInt::getSplat(element->getBitWidth(), APInt(8, 1))));
  return part->isVectorTy() ? builder.CreateVectorSplat(2, word) : word;
}

void FunctionEmitter::emitMemoryFill(const Instruction &inst) {
  Value *length = address(pop());
  Value *value = pop();
  Value *to = address(pop());
  uint64_t size;
  SmallVector<uint64_t, 8> places = partsOf(length, size);
  if (places.empty() || !isExactByOrder(wasm.memories[inst.index])) {
    callRuntime("wm_memory_fill",
                {instance, memoryPointer(inst.index), to, value, length});
    return;
  }
  Value *part = repeat(builder, value, typeOfPart(builder, size));
  for (uint64_t place : places)
    storePart({.memory = inst.index, .offset = place}, to, part);
}

void FunctionEmitter::emitMemoryCopy(const Instruction &inst) {
  Value *length = address(pop());
  Value *from = address(pop());
  Value *to = address(pop());
  uint64_t size;
  SmallVector<uint64_t, 8> places = partsOf(length, size);
  if (places.empty() || !isExactByOrder(wasm.memories[inst.index]) ||
      !isExactByOrder(wasm.memories[inst.index2])) {
    callRuntime("wm_memory_copy",
                {instance, memoryPointer(inst.index),
                 memoryPointer(inst.index2), to, from, length});
    return;
  }
  Type *type = typeOfPart(builder, size);
  SmallVector<Value *, 8> parts;
  for (uint64_t place : places)
    parts.push_back(
        loadPart({.memory = inst.index2, .offset = place}, from, type));
  for (auto [place, part] : zip(places, parts))
    storePart({.memory = inst.index, .offset = place}, to, part);
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
