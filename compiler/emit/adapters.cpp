// The sandbox rests on this file: what crosses does so by the types that the
// validator has checked.
#include "compiler/emit/adapters.h"
#include "compiler/emit/c_names.h"
#include "compiler/wasm/subtyping.h"

using namespace llvm;
using namespace wasmetal;

AbiKind wasmetal::abiKind(const wasmetal::Module &module, ValType type) {
  switch (type.kind) {
  case ValKind::I32:
    return AbiKind::I32;
  case ValKind::I64:
    return AbiKind::I64;
  case ValKind::F32:
    return AbiKind::F32;
  case ValKind::F64:
    return AbiKind::F64;
  case ValKind::V128:
    return AbiKind::V128;
  default:
    break;
  }
  switch (topOf(module, type).heap) {
  case HeapKind::Func:
    return AbiKind::Funcref;
  case HeapKind::Extern:
    return AbiKind::Externref;
  case HeapKind::Exn:
    return AbiKind::Exnref;
  default:
    return AbiKind::Anyref;
  }
}

//===-- By values ---------------------------------------------------------===//

llvm::Function *wasmetal::emitEntry(ModuleEmitter &emitter,
                                    const DefinedType &type,
                                    const std::string &hash) {
  std::string name = "wm_enter_" + hash;
  if (llvm::Function *known = emitter.module->getFunction(name))
    return known;
  Type *pointer = emitter.pointer;
  auto *function = llvm::Function::Create(
      FunctionType::get(emitter.voidType, {pointer, pointer, pointer, pointer},
                        false),
      GlobalValue::InternalLinkage, name, *emitter.module);
  emitter.markGuest(function);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", function));
  enum { Instance, Code, Args, Results };
  emitter.raiseRequest(builder, function->getArg(Instance));
  auto arguments =
      emitter.loadValues(builder, type.func.params, function->getArg(Args));
  auto results = emitter.callGuest(builder, type.func, function->getArg(Code),
                                   function->getArg(Instance), arguments,
                                   function->getArg(Results));
  emitter.storeValues(builder, results, function->getArg(Results));
  builder.CreateRetVoid();
  return function;
}

llvm::Function *wasmetal::emitExit(ModuleEmitter &emitter,
                                   const DefinedType &type,
                                   const std::string &hash) {
  CallingConv::ID convention = emitter.referredConvention();
  auto *function = llvm::Function::Create(
      emitter.functionType(type.func, convention), GlobalValue::InternalLinkage,
      "wm_leave_" + hash, *emitter.module);
  function->setCallingConv(convention);
  emitter.markGuest(function);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", function));
  auto values = [&](size_t count) {
    AllocaInst *place = builder.CreateAlloca(
        ArrayType::get(emitter.i8, count * InstanceLayout::ValueSize));
    place->setAlignment(Align(16));
    return place;
  };
  const std::vector<ValType> &results = type.func.results;
  Value *record = function->getArg(0);
  auto [buffer, arguments] = emitter.parametersOf(builder, function, type.func);
  Value *params = values(arguments.size());
  Value *out = buffer ? buffer : values(results.size());
  emitter.storeValues(builder, arguments, params);
  // struct wm_callback_frame.
  Type *pointer = emitter.pointer;
  StructType *frame = StructType::get(pointer, pointer, pointer);
  Value *memory = builder.CreateAlloca(frame);
  Value *fields[] = {record, params, out};
  for (auto [i, field] : enumerate(fields))
    builder.CreateStore(field, builder.CreateStructGEP(
                                   frame, memory, static_cast<unsigned>(i)));
  emitter.leaveGuest(builder, record,
                     emitter.runtime("wm_run_callback").getCallee(), memory);
  if (buffer)
    builder.CreateRetVoid();
  else
    emitter.returnGuest(builder, type.func,
                        emitter.loadValues(builder, results, out), nullptr);
  return function;
}

//===-- Imports by symbol -------------------------------------------------===//

namespace {

/// Guest code that calls a C function on the host's stack. The arguments go
/// through memory, and the results come back there.
class ImportAdapter {
public:
  ImportAdapter(ModuleEmitter &emitter, const Import &import)
      : emitter(emitter), import(import),
        type(emitter.wasm.typeOfFunction(import.index)),
        isWasi(isWasiImport(emitter.wasm, import)) {
    SmallVector<Type *, 10> fields{emitter.pointer};
    for (ValType param : type.params)
      fields.push_back(emitter.type(param));
    for (ValType result : type.results)
      fields.push_back(emitter.type(result));
    frame = StructType::get(emitter.context, fields);
  }
  llvm::Function *emit();

private:
  ModuleEmitter &emitter;
  const Import &import;
  const FuncType &type;
  bool isWasi;
  StructType *frame;

  Value *param(IRBuilder<> &builder, Value *memory, size_t i) {
    return builder.CreateStructGEP(frame, memory, static_cast<unsigned>(1 + i));
  }
  Value *result(IRBuilder<> &builder, Value *memory, size_t i) {
    return param(builder, memory, type.params.size() + i);
  }
  FunctionCallee target();
  llvm::Function *hostSide();
};

} // namespace

/// WASI's functions return their one result; those of a host a status, and
/// results through pointers.
FunctionCallee ImportAdapter::target() {
  if (isWasi) {
    FunctionCallee callee = emitter.module->getOrInsertFunction(
        ("wm_wasi_" + import.name).str(),
        emitter.functionType(type, CallingConv::C));
    cast<llvm::Function>(callee.getCallee())
        ->setVisibility(GlobalValue::HiddenVisibility);
    return callee;
  }
  SmallVector<Type *, 10> params{emitter.pointer};
  for (ValType param : type.params)
    params.push_back(param.kind == ValKind::V128 ? emitter.pointer
                                                 : emitter.type(param));
  params.append(type.results.size(), emitter.pointer);
  return emitter.module->getOrInsertFunction(
      importSymbol(emitter.options.name, import.module, import.name),
      FunctionType::get(emitter.i32, params, false));
}

llvm::Function *ImportAdapter::hostSide() {
  auto *function = llvm::Function::Create(
      FunctionType::get(emitter.voidType, {emitter.pointer}, false),
      GlobalValue::InternalLinkage,
      emitter.symbol("call:" + Twine(import.index)), *emitter.module);
  function->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", function));
  Value *memory = function->getArg(0);
  Value *instance = builder.CreateLoad(
      emitter.pointer, builder.CreateStructGEP(frame, memory, 0));
  SmallVector<Value *, 10> arguments{instance};
  for (auto [i, kind] : enumerate(type.params)) {
    Value *place = param(builder, memory, i);
    arguments.push_back(kind.kind == ValKind::V128
                            ? place
                            : builder.CreateLoad(emitter.type(kind), place));
  }
  if (isWasi) {
    Value *value = builder.CreateCall(target(), arguments);
    if (!type.results.empty())
      builder.CreateStore(value, result(builder, memory, 0));
    builder.CreateRetVoid();
    return function;
  }
  for (auto [i, kind] : enumerate(type.results)) {
    // What the function does not set is zero.
    Value *place = result(builder, memory, i);
    builder.CreateStore(Constant::getNullValue(emitter.type(kind)), place);
    arguments.push_back(place);
  }
  Value *store = emitter.storeOf(builder, instance);
  Value *failures = builder.CreateLoad(
      emitter.i32, emitter.at(builder, store, emitter.layout.storeFailures));
  Value *status = builder.CreateCall(target(), arguments);
  auto *failed = BasicBlock::Create(emitter.context, "failed", function);
  auto *done = BasicBlock::Create(emitter.context, "done", function);
  builder.CreateCondBr(builder.CreateIsNull(status), done, failed,
                       MDBuilder(emitter.context).createLikelyBranchWeights());
  builder.SetInsertPoint(failed);
  builder.CreateCall(emitter.runtime("wm_fail_host"),
                     {instance, status, failures});
  builder.CreateBr(done);
  builder.SetInsertPoint(done);
  builder.CreateRetVoid();
  return function;
}

llvm::Function *ImportAdapter::emit() {
  llvm::Function *function = emitter.importAdapter(import.index);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", function));
  Value *memory = builder.CreateAlloca(frame);
  Value *instance = emitter.instanceIn(function);
  builder.CreateStore(instance, builder.CreateStructGEP(frame, memory, 0));
  auto [buffer, arguments] = emitter.parametersOf(builder, function, type);
  for (auto [i, argument] : enumerate(arguments))
    builder.CreateStore(argument, param(builder, memory, i));
  emitter.leaveGuest(builder, instance, hostSide(), memory);
  SmallVector<Value *, 4> results;
  for (auto [i, kind] : enumerate(type.results))
    results.push_back(
        builder.CreateLoad(emitter.type(kind), result(builder, memory, i)));
  emitter.returnGuest(builder, type, results, buffer);
  return function;
}

bool wasmetal::bindsBySymbol(const wasmetal::Module &module,
                             const Import &import, const EmitOptions &options) {
  if (!options.symbolImports || import.kind != ExternKind::Function ||
      isWasiImport(module, import))
    return false;
  // One symbol has one type: that of the first import of its names.
  for (const Import &other : module.imports)
    if (other.kind == ExternKind::Function && other.module == import.module &&
        other.name == import.name)
      return module.typeOfFunction(other.index) ==
             module.typeOfFunction(import.index);
  return false;
}

Constant *wasmetal::emitBinding(ModuleEmitter &emitter, const Import &import) {
  if (!isWasiImport(emitter.wasm, import) &&
      !bindsBySymbol(emitter.wasm, import, emitter.options))
    return ConstantPointerNull::get(emitter.pointer);
  return ImportAdapter(emitter, import).emit();
}

//===-- Typed exports -----------------------------------------------------===//

namespace {

/// What a typed function keeps in memory while guest code runs: the instance,
/// the arguments, then where the caller wants the results.
struct TypedFrame {
  StructType *type;
  unsigned firstParam = 1;
  unsigned firstResult;
  unsigned buffer; // of a function with many results

  TypedFrame(ModuleEmitter &emitter, const FuncType &function) {
    SmallVector<Type *, 8> fields{emitter.pointer};
    for (ValType param : function.params)
      fields.push_back(emitter.type(param));
    firstResult = static_cast<unsigned>(fields.size());
    fields.append(function.results.size(), emitter.pointer);
    buffer = static_cast<unsigned>(fields.size());
    if (emitter.usesBuffer(function))
      fields.push_back(ArrayType::get(
          emitter.i8, function.results.size() * InstanceLayout::ValueSize));
    type = StructType::get(emitter.context, fields);
  }
};

class TypedExport {
public:
  TypedExport(ModuleEmitter &emitter, const Export &exported)
      : emitter(emitter), exported(exported),
        function(emitter.wasm.typeOfFunction(exported.index)),
        frame(emitter, function) {}
  void emit();

private:
  ModuleEmitter &emitter;
  const Export &exported;
  const FuncType &function;
  TypedFrame frame;

  Value *field(IRBuilder<> &builder, Value *address, unsigned index) {
    return builder.CreateStructGEP(frame.type, address, index);
  }
  llvm::Function *body();
};

} // namespace

/// Guest code, as what it calls may be inlined into it: runs one call by the
/// frame that it is given. It writes the results itself: a result that waits in
/// the frame would be late by a store and a load. Where there is none, the
/// caller's variables are left alone.
llvm::Function *TypedExport::body() {
  auto *result = llvm::Function::Create(
      FunctionType::get(emitter.voidType, {emitter.pointer}, false),
      GlobalValue::InternalLinkage,
      emitter.symbol("export:" + Twine(exported.index)), *emitter.module);
  emitter.markGuest(result);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", result));
  Value *address = result->getArg(0);
  Value *instance =
      builder.CreateLoad(emitter.pointer, field(builder, address, 0));
  emitter.raiseRequest(builder, instance);
  SmallVector<Value *, 8> arguments;
  for (auto [i, param] : enumerate(function.params))
    arguments.push_back(builder.CreateLoad(
        emitter.type(param), field(builder, address, frame.firstParam + i)));
  Value *code, *callee = instance;
  if (emitter.wasm.functions[exported.index].isImported) {
    uint64_t record =
        emitter.layout.functionRecord(emitter.wasm, exported.index);
    auto load = [&](uint64_t offset) {
      return emitter.loadConstant(
          builder, emitter.pointer,
          emitter.at(builder, instance, record + offset));
    };
    code = load(emitter.layout.functionCode);
    callee = load(emitter.layout.functionInstance);
  } else {
    code = emitter.function(exported.index);
  }
  Value *buffer = emitter.usesBuffer(function)
                      ? field(builder, address, frame.buffer)
                      : nullptr;
  auto results =
      emitter.callGuest(builder, function, code, callee, arguments, buffer);
  if (emitter.facts.throwing.functions[exported.index])
    emitter.returnIfThrown(builder, instance);
  for (auto [i, value] : enumerate(results)) {
    bool isVector = function.results[i].kind == ValKind::V128;
    builder.CreateAlignedStore(
        value,
        builder.CreateLoad(emitter.pointer,
                           field(builder, address, frame.firstResult + i)),
        Align(isVector ? 1 : 4));
  }
  builder.CreateRetVoid();
  return result;
}

void TypedExport::emit() {
  SmallVector<Type *, 8> params{emitter.pointer};
  for (ValType param : function.params)
    params.push_back(param.kind == ValKind::V128 ? emitter.pointer
                                                 : emitter.type(param));
  params.append(function.results.size(), emitter.pointer);
  auto *wrapper = llvm::Function::Create(
      FunctionType::get(emitter.i32, params, false),
      GlobalValue::ExternalLinkage,
      exportSymbol(emitter.options.name, exported.name), *emitter.module);
  wrapper->addFnAttr(Attribute::NoUnwind);
  auto block = [&](const Twine &name) {
    return BasicBlock::Create(emitter.context, name, wrapper);
  };
  IRBuilder<> builder(block("entry"));
  Value *instance = wrapper->getArg(0);
  Value *address = builder.CreateAlloca(frame.type);

  // Another module's instance has its parts elsewhere.
  Value *module =
      emitter.module->getNamedValue(emitter.options.name + "_module");
  BasicBlock *good = block("own"), *bad = block("other");
  Value *found = builder.CreateLoad(emitter.pointer, instance);
  builder.CreateCondBr(builder.CreateICmpEQ(found, module), good, bad,
                       MDBuilder(emitter.context).createLikelyBranchWeights());
  builder.SetInsertPoint(bad);
  builder.CreateRet(builder.CreateCall(emitter.runtime("wm_refuse_instance"),
                                       {instance, module}));

  builder.SetInsertPoint(good);
  builder.CreateStore(instance, field(builder, address, 0));
  for (auto [i, param] : enumerate(function.params)) {
    Value *value = wrapper->getArg(static_cast<unsigned>(1 + i));
    if (param.kind == ValKind::V128)
      value = builder.CreateAlignedLoad(emitter.type(param), value, Align(1));
    builder.CreateStore(value, field(builder, address, frame.firstParam + i));
  }
  unsigned firstResult = static_cast<unsigned>(1 + function.params.size());
  for (unsigned i = 0; i < function.results.size(); ++i)
    builder.CreateStore(wrapper->getArg(firstResult + i),
                        field(builder, address, frame.firstResult + i));
  builder.CreateRet(builder.CreateCall(emitter.runtime("port_enter"),
                                       {instance, body(), address}));
}

void wasmetal::emitTypedExports(ModuleEmitter &emitter) {
  for (const Export &exported : emitter.wasm.exports)
    if (exported.kind == ExternKind::Function)
      TypedExport(emitter, exported).emit();
}
