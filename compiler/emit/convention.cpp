// How guest functions pass values and control to each other
// (docs/decisions/0002). Firmware whose module has tail calls needs a
// convention without arguments on the stack (docs/decisions/0020): what
// registers do not take stands in the transfer area, an object of the image
// that the caller writes right before the call and the callee reads first.
#include "compiler/emit/fixed_table.h"

#include "llvm/ADT/BitVector.h"

using namespace llvm;
using namespace wasmetal;

Passing wasmetal::passingOf(const wasmetal::Module &module,
                            const EmitOptions &options) {
  bool hasTailCalls =
      any_of(module.functions, [](const wasmetal::Function &function) {
        return function.isInTailCall;
      });
  if (!options.staticInstance || !hasTailCalls)
    return Passing::Arguments;
  // The only one without a branch that reaches any function.
  bool canJump =
      Triple(options.target->triple).getSubArch() != Triple::ARMSubArch_v6m;
  return canJump ? Passing::Registers : Passing::Transfer;
}

CallingConv::ID ModuleEmitter::referredConvention() const {
  bool needsNone = options.staticInstance && passing == Passing::Arguments;
  return needsNone || !options.target->hasTailCalls() ? CallingConv::C
                                                      : CallingConv::Tail;
}

CallingConv::ID ModuleEmitter::convention(uint32_t index) const {
  const wasmetal::Function &function = wasm.functions[index];
  if (callsPrivately() && facts.isPrivate.functions[index])
    return CallingConv::Fast;
  bool isReferred = function.isDeclaredRef || wasm.start == index;
  return isReferred || function.isInTailCall ? referredConvention()
                                             : CallingConv::Fast;
}

/// With masks of types, fixed tables are called through like others.
bool ModuleEmitter::callsPrivately() const {
  return !options.spectre && !options.staticInstance;
}

CallingConv::ID ModuleEmitter::fixedConvention(uint32_t type) const {
  return callsPrivately() && facts.isPrivate.types[entryType(wasm, type)]
             ? CallingConv::Fast
             : referredConvention();
}

Passing ModuleEmitter::passingOf(CallingConv::ID convention) const {
  return convention == CallingConv::Tail ? passing : Passing::Arguments;
}

//===-- Which value goes where --------------------------------------------===//

/// Words of registers that a value takes on 32-bit Arm.
static unsigned wordsOf(ValType type) {
  switch (type.kind) {
  case ValKind::V128:
    return 4;
  case ValKind::I64:
  case ValKind::F64:
    return 2;
  default:
    return 1;
  }
}

bool ModuleEmitter::usesBuffer(const FuncType &signature) const {
  if (signature.results.size() > 2)
    return true;
  // LLVM makes no tail calls where it returns through memory by itself.
  unsigned words = 0;
  for (ValType result : signature.results)
    words += wordsOf(result);
  return passing == Passing::Registers && words > 4;
}

/// Which parameters are arguments. Of those in registers (AAPCS32, 6.4 and
/// 6.1.2.3: r0 to r3, pairs from an even one, s0 to s15 or d0 to d7 where there
/// is hardware for floating point) this counts no more than there are.
static BitVector arguments(const ModuleEmitter &emitter,
                           const FuncType &signature, Passing passing) {
  auto count = static_cast<unsigned>(signature.params.size());
  if (passing != Passing::Registers)
    return BitVector(count, passing == Passing::Arguments);
  bool hasFloats =
      Triple(emitter.options.target->triple).getEnvironment() == Triple::EABIHF;
  constexpr unsigned Core = 4, Float = 16;
  unsigned core = emitter.usesBuffer(signature) ? 2 : 1, floats = 0;
  BitVector result(count);
  for (auto [i, param] : enumerate(signature.params)) {
    bool isFloat =
        hasFloats && (param.kind == ValKind::F32 || param.kind == ValKind::F64);
    unsigned words = wordsOf(param), &used = isFloat ? floats : core;
    unsigned end = alignTo(used, std::min(words, 2u)) + words;
    if (end > (isFloat ? Float : Core))
      continue;
    used = end;
    result.set(static_cast<unsigned>(i));
  }
  return result;
}

FunctionType *ModuleEmitter::functionType(const FuncType &signature,
                                          CallingConv::ID convention) const {
  Passing how = passingOf(convention);
  if (how == Passing::Transfer)
    return FunctionType::get(pointer, {pointer}, false);
  SmallVector<Type *, 8> params{pointer};
  if (usesBuffer(signature))
    params.push_back(pointer);
  BitVector direct = arguments(*this, signature, how);
  for (auto [i, param] : enumerate(signature.params))
    if (direct[static_cast<unsigned>(i)])
      params.push_back(type(param));
  Type *result = voidType;
  if (usesBuffer(signature))
    return FunctionType::get(result, params, false);
  if (signature.results.size() == 1)
    result = type(signature.results[0]);
  else if (signature.results.size() == 2)
    result =
        StructType::get(type(signature.results[0]), type(signature.results[1]));
  return FunctionType::get(result, params, false);
}

GlobalVariable *ModuleEmitter::transferArea() const {
  size_t slots = 1;
  for (uint32_t i = 0; i < wasm.functions.size(); ++i) {
    const FuncType &signature = wasm.typeOfFunction(i);
    if (wasm.functions[i].isImported || convention(i) != CallingConv::Fast)
      slots =
          std::max({slots, signature.params.size(), signature.results.size()});
  }
  return object("transfer", slots * InstanceLayout::ValueSize);
}

Value *ModuleEmitter::loadValue(IRBuilder<> &builder, ValType kind,
                                Value *values, size_t i) const {
  return builder.CreateAlignedLoad(
      type(kind), at(builder, values, i * InstanceLayout::ValueSize), Align(8));
}

void ModuleEmitter::storeValue(IRBuilder<> &builder, Value *value,
                               Value *values, size_t i) const {
  builder.CreateAlignedStore(
      value, at(builder, values, i * InstanceLayout::ValueSize), Align(8));
}

SmallVector<Value *, 4> ModuleEmitter::loadValues(IRBuilder<> &builder,
                                                  ArrayRef<ValType> kinds,
                                                  Value *values) const {
  SmallVector<Value *, 4> result;
  for (auto [i, kind] : enumerate(kinds))
    result.push_back(loadValue(builder, kind, values, i));
  return result;
}

void ModuleEmitter::storeValues(IRBuilder<> &builder, ArrayRef<Value *> from,
                                Value *values) const {
  for (auto [i, value] : enumerate(from))
    storeValue(builder, value, values, i);
}

ModuleEmitter::Parameters
ModuleEmitter::parametersOf(IRBuilder<> &builder, llvm::Function *function,
                            const FuncType &signature) const {
  Passing how = passingOf(function->getCallingConv());
  if (how == Passing::Transfer)
    return {nullptr, loadValues(builder, signature.params, transferArea())};
  Parameters result;
  unsigned next = 1;
  if (usesBuffer(signature))
    result.buffer = function->getArg(next++);
  BitVector direct = arguments(*this, signature, how);
  for (auto [i, param] : enumerate(signature.params))
    result.values.push_back(direct[static_cast<unsigned>(i)]
                                ? static_cast<Value *>(function->getArg(next++))
                                : loadValue(builder, param, transferArea(), i));
  return result;
}

//===-- Calls -------------------------------------------------------------===//

/// How `code` takes its parameters.
static CallingConv::ID conventionOf(const ModuleEmitter &emitter, Value *code) {
  auto *known = dyn_cast<llvm::Function>(code);
  return known ? known->getCallingConv() : emitter.referredConvention();
}

/// Nothing looks at the argument where instances are static.
static Value *instanceFor(const ModuleEmitter &emitter, Value *instance) {
  return emitter.options.staticInstance ? PoisonValue::get(emitter.pointer)
                                        : instance;
}

/// Calls code that takes its parameters and leaves its results in the transfer
/// area, and whatever it says is next.
void ModuleEmitter::callInTurn(IRBuilder<> &builder, Value *code,
                               Value *instance) const {
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  auto *turn = BasicBlock::Create(context, "turn", function);
  auto *done = BasicBlock::Create(context, "", function);
  FunctionType *type = FunctionType::get(pointer, {pointer}, false);
  auto call = [&](Value *callee) {
    CallInst *next =
        builder.CreateCall(type, callee, {instanceFor(*this, instance)});
    next->setCallingConv(referredConvention());
    next->setTailCallKind(CallInst::TCK_NoTail);
    builder.CreateCondBr(builder.CreateIsNull(next), done, turn);
    return std::pair(next, builder.GetInsertBlock());
  };
  auto [first, before] = call(code);
  builder.SetInsertPoint(turn);
  PHINode *next = builder.CreatePHI(pointer, 2);
  auto [last, end] = call(next);
  next->addIncoming(first, before);
  next->addIncoming(last, end);
  builder.SetInsertPoint(done);
}

CallInst *ModuleEmitter::createCall(IRBuilder<> &builder,
                                    const FuncType &signature, Value *code,
                                    Value *instance, ArrayRef<Value *> values,
                                    Value *buffer,
                                    CallingConv::ID convention) const {
  SmallVector<Value *, 8> operands{instanceFor(*this, instance)};
  if (usesBuffer(signature))
    operands.push_back(buffer);
  BitVector direct = arguments(*this, signature, passingOf(convention));
  for (auto [i, value] : enumerate(values)) {
    if (direct[static_cast<unsigned>(i)])
      operands.push_back(value);
    else
      storeValue(builder, value, transferArea(), i);
  }
  CallInst *call =
      builder.CreateCall(functionType(signature, convention), code, operands);
  call->setCallingConv(convention);
  if (accessOnlyMemory.contains(code))
    call->setMetadata(LLVMContext::MD_tbaa, linearMemoryTag);
  return call;
}

void ModuleEmitter::tailCallGuest(IRBuilder<> &builder,
                                  const FuncType &signature, Value *code,
                                  Value *instance, ArrayRef<Value *> values,
                                  Value *buffer) const {
  if (passing == Passing::Transfer) {
    storeValues(builder, values, transferArea());
    builder.CreateRet(code);
    return;
  }
  CallInst *call = createCall(builder, signature, code, instance, values,
                              buffer, conventionOf(*this, code));
  call->setTailCallKind(CallInst::TCK_MustTail);
  if (call->getType()->isVoidTy())
    builder.CreateRetVoid();
  else
    builder.CreateRet(call);
}

SmallVector<Value *, 4>
ModuleEmitter::callGuest(IRBuilder<> &builder, const FuncType &signature,
                         Value *code, Value *instance, ArrayRef<Value *> values,
                         Value *buffer,
                         std::optional<CallingConv::ID> known) const {
  CallingConv::ID convention = known ? *known : conventionOf(*this, code);
  if (passingOf(convention) == Passing::Transfer) {
    storeValues(builder, values, transferArea());
    callInTurn(builder, code, instance);
    return loadValues(builder, signature.results, transferArea());
  }
  CallInst *call = createCall(builder, signature, code, instance, values,
                              buffer, convention);
  // A call that became a loop or a jump would not exhaust the stack.
  call->setTailCallKind(CallInst::TCK_NoTail);
  if (usesBuffer(signature))
    return loadValues(builder, signature.results, buffer);
  SmallVector<Value *, 4> results;
  if (signature.results.size() == 1)
    results.push_back(call);
  else if (signature.results.size() == 2)
    for (unsigned i = 0; i < 2; ++i)
      results.push_back(builder.CreateExtractValue(call, i));
  return results;
}

void ModuleEmitter::returnGuest(IRBuilder<> &builder, const FuncType &signature,
                                ArrayRef<Value *> results,
                                Value *buffer) const {
  llvm::Function *function = builder.GetInsertBlock()->getParent();
  if (passingOf(function->getCallingConv()) == Passing::Transfer) {
    storeValues(builder, results, transferArea());
    builder.CreateRet(ConstantPointerNull::get(pointer)); // nothing is next
  } else if (usesBuffer(signature)) {
    storeValues(builder, results, buffer);
    builder.CreateRetVoid();
  } else if (results.empty()) {
    builder.CreateRetVoid();
  } else if (results.size() == 1) {
    builder.CreateRet(results[0]);
  } else {
    Value *both = PoisonValue::get(function->getReturnType());
    both = builder.CreateInsertValue(both, results[0], 0);
    builder.CreateRet(builder.CreateInsertValue(both, results[1], 1));
  }
}
