// Atomic instructions, sequentially consistent all of them. The sandbox rests
// on this file: an access is known to be aligned before it is made, so that
// LLVM may be told so, which else would call a library for it.
// https://webassembly.github.io/threads/core/exec/instructions.html
#include "compiler/emit/function_emitter.h"

using namespace llvm;
using namespace wasmetal;

static Align naturalAlign(Type *type) {
  return Align(type->getPrimitiveSizeInBits() / 8);
}

/// Pops the address. Memories begin on a page of the system, so that the host's
/// address is aligned where the guest's is.
Value *FunctionEmitter::atomicAddress(const Instruction &inst, Type *type) {
  uint64_t bytes = naturalAlign(type).value();
  if (bytes > 1) {
    Value *index = address(stack.back());
    Value *sum = builder.CreateAdd(index, builder.getInt64(inst.memory.offset));
    trapIf(builder.CreateIsNotNull(
               builder.CreateAnd(sum, builder.getInt64(bytes - 1))),
           "wm_trap_unaligned_atomic");
  }
  return hostAddress(inst.memory, bytes);
}

// Volatile, as a fault may be the trap, and LLVM replaces what does not change
// memory by less.
void FunctionEmitter::atomicLoad(const Instruction &inst, Type *from,
                                 Type *to) {
  LoadInst *load = builder.CreateAlignedLoad(
      from, atomicAddress(inst, from), naturalAlign(from), /*isVolatile=*/true);
  load->setAtomic(AtomicOrdering::SequentiallyConsistent);
  load->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
  push(builder.CreateZExt(load, to));
}

void FunctionEmitter::atomicStore(const Instruction &inst, Type *type) {
  Value *value = builder.CreateTrunc(pop(), type);
  StoreInst *store =
      builder.CreateAlignedStore(value, atomicAddress(inst, type),
                                 naturalAlign(type), /*isVolatile=*/true);
  store->setAtomic(AtomicOrdering::SequentiallyConsistent);
  store->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
}

void FunctionEmitter::atomicUpdate(const Instruction &inst, Type *type,
                                   AtomicRMWInst::BinOp op) {
  Value *operand = pop();
  AtomicRMWInst *update = builder.CreateAtomicRMW(
      op, atomicAddress(inst, type), builder.CreateTrunc(operand, type),
      naturalAlign(type), AtomicOrdering::SequentiallyConsistent);
  update->setVolatile(true);
  update->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
  push(builder.CreateZExt(update, operand->getType()));
}

void FunctionEmitter::atomicExchangeIfEqual(const Instruction &inst,
                                            Type *type) {
  Value *replacement = pop();
  Value *expected = pop();
  AtomicCmpXchgInst *exchange = builder.CreateAtomicCmpXchg(
      atomicAddress(inst, type), builder.CreateTrunc(expected, type),
      builder.CreateTrunc(replacement, type), naturalAlign(type),
      AtomicOrdering::SequentiallyConsistent,
      AtomicOrdering::SequentiallyConsistent);
  exchange->setVolatile(true);
  exchange->setMetadata(LLVMContext::MD_tbaa, emitter.linearMemoryTag);
  push(builder.CreateZExt(builder.CreateExtractValue(exchange, 0),
                          expected->getType()));
}

/// Waiting and waking are the runtime's, with all of their checks.
void FunctionEmitter::atomicWait(const Instruction &inst, StringRef name) {
  Value *timeout = pop();
  Value *expected = pop();
  Value *index = address(pop());
  push(callRuntime(name,
                   {instance, memoryPointer(inst.memory.memory), index,
                    builder.getInt64(inst.memory.offset), expected, timeout}));
}

#define METHOD(name, call)                                                     \
  void FunctionEmitter::emit##name(const Instruction &inst) { call; }
METHOD(MemoryAtomicWait32, atomicWait(inst, "wm_atomic_wait32"))
METHOD(MemoryAtomicWait64, atomicWait(inst, "wm_atomic_wait64"))

void FunctionEmitter::emitMemoryAtomicNotify(const Instruction &inst) {
  Value *count = pop();
  Value *index = address(pop());
  push(callRuntime("wm_atomic_notify",
                   {instance, memoryPointer(inst.memory.memory), index,
                    builder.getInt64(inst.memory.offset), count}));
}

void FunctionEmitter::emitAtomicFence(const Instruction &) {
  builder.CreateFence(AtomicOrdering::SequentiallyConsistent);
}

#define LOAD(name, from, to)                                                   \
  METHOD(name, atomicLoad(inst, emitter.from, emitter.to))
LOAD(I32AtomicLoad, i32, i32)
LOAD(I64AtomicLoad, i64, i64)
LOAD(I32AtomicLoad8U, i8, i32)
LOAD(I32AtomicLoad16U, i16, i32)
LOAD(I64AtomicLoad8U, i8, i64)
LOAD(I64AtomicLoad16U, i16, i64)
LOAD(I64AtomicLoad32U, i32, i64)
#undef LOAD

#define STORE(name, type) METHOD(name, atomicStore(inst, emitter.type))
STORE(I32AtomicStore, i32)
STORE(I64AtomicStore, i64)
STORE(I32AtomicStore8, i8)
STORE(I32AtomicStore16, i16)
STORE(I64AtomicStore8, i8)
STORE(I64AtomicStore16, i16)
STORE(I64AtomicStore32, i32)
#undef STORE

/// The methods of one operation, by its widths.
#define WIDTHS(name, method, ...)                                              \
  METHOD(I32AtomicRmw##name, method(inst, emitter.i32 __VA_ARGS__))            \
  METHOD(I64AtomicRmw##name, method(inst, emitter.i64 __VA_ARGS__))            \
  METHOD(I32AtomicRmw8##name##U, method(inst, emitter.i8 __VA_ARGS__))         \
  METHOD(I32AtomicRmw16##name##U, method(inst, emitter.i16 __VA_ARGS__))       \
  METHOD(I64AtomicRmw8##name##U, method(inst, emitter.i8 __VA_ARGS__))         \
  METHOD(I64AtomicRmw16##name##U, method(inst, emitter.i16 __VA_ARGS__))       \
  METHOD(I64AtomicRmw32##name##U, method(inst, emitter.i32 __VA_ARGS__))
#define UPDATE(name) WIDTHS(name, atomicUpdate, , AtomicRMWInst::name)
UPDATE(Add)
UPDATE(Sub)
UPDATE(And)
UPDATE(Or)
UPDATE(Xor)
UPDATE(Xchg)
WIDTHS(Cmpxchg, atomicExchangeIfEqual)
#undef UPDATE
#undef WIDTHS
#undef METHOD
