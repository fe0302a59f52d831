// The module's descriptor (wm_module of runtime/abi.h): constants that follow
// its structures field by field, and the code that instantiation runs.
#include "compiler/emit/module_emitter.h"
#include "compiler/wasm/instruction_reader.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace wasmetal;

namespace {

// enum wm_kind and enum wm_extern of runtime/abi.h.
enum AbiKind : uint8_t { I32, I64, F32, F64, V128, Funcref, Externref };

class DescriptorEmitter {
public:
  explicit DescriptorEmitter(ModuleEmitter &emitter)
      : emitter(emitter), wasm(emitter.wasm), layout(emitter.layout) {}
  void emit();

private:
  ModuleEmitter &emitter;
  const wasmetal::Module &wasm;
  const InstanceLayout &layout;

  Constant *byte(uint64_t value) { return ConstantInt::get(emitter.i8, value); }
  Constant *word(uint64_t value) {
    return ConstantInt::get(emitter.i32, value);
  }
  Constant *quad(uint64_t value) {
    return ConstantInt::get(emitter.i64, value);
  }
  Constant *null() { return ConstantPointerNull::get(emitter.pointer); }
  Constant *record(ArrayRef<Constant *> fields) {
    return ConstantStruct::getAnon(emitter.context, fields);
  }
  GlobalVariable *constant(Constant *value, const Twine &name);
  Constant *array(ArrayRef<Constant *> elements, const Twine &name);
  Constant *words(ArrayRef<uint32_t> values, const Twine &name);
  Constant *string(StringRef text);
  static AbiKind kind(ValType type);

  Constant *type(uint32_t index);
  llvm::Function *entry(const DefinedType &type, const std::string &hash);
  Constant *binding(const Import &import);
  Constant *importRow(const Import &import);
  Constant *codeTable();
  Constant *elementRow(uint32_t index);
  Value *evaluate(IRBuilder<> &builder, Value *instance,
                  const ConstExpr &expression);
  llvm::Function *makeFunction(const Twine &name, FunctionType *type);
  llvm::Function *initializer();
  Constant *codeBound(StringRef symbol);
};

} // namespace

GlobalVariable *DescriptorEmitter::constant(Constant *value,
                                            const Twine &name) {
  auto *variable = new GlobalVariable(*emitter.module, value->getType(), true,
                                      GlobalValue::PrivateLinkage, value,
                                      emitter.symbol(name));
  variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return variable;
}

Constant *DescriptorEmitter::array(ArrayRef<Constant *> elements,
                                   const Twine &name) {
  if (elements.empty())
    return null();
  return constant(
      ConstantArray::get(
          ArrayType::get(elements[0]->getType(), elements.size()), elements),
      name);
}

Constant *DescriptorEmitter::words(ArrayRef<uint32_t> values,
                                   const Twine &name) {
  if (values.empty())
    return null();
  return constant(ConstantDataArray::get(emitter.context, values), name);
}

Constant *DescriptorEmitter::string(StringRef text) {
  return constant(ConstantDataArray::getString(emitter.context, text), "text");
}

AbiKind DescriptorEmitter::kind(ValType type) {
  switch (type.kind) {
  case ValKind::I32:
    return I32;
  case ValKind::I64:
    return I64;
  case ValKind::F32:
    return F32;
  case ValKind::F64:
    return F64;
  case ValKind::V128:
    return V128;
  default:
    return type.heap == HeapKind::Extern || type.heap == HeapKind::NoExtern
               ? Externref
               : Funcref;
  }
}

/// Called by the host: takes the arguments from an array of wm_value, calls
/// guest code by its convention and puts the results there.
llvm::Function *DescriptorEmitter::entry(const DefinedType &type,
                                         const std::string &hash) {
  std::string name = "wm_enter_" + hash;
  if (llvm::Function *known = emitter.module->getFunction(name))
    return known;
  auto *function = llvm::Function::Create(
      FunctionType::get(emitter.voidType,
                        {emitter.pointer, emitter.pointer, emitter.pointer},
                        false),
      GlobalValue::LinkOnceODRLinkage, name, *emitter.module);
  function->setVisibility(GlobalValue::HiddenVisibility);
  function->setComdat(emitter.module->getOrInsertComdat(name));
  function->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", function));
  Value *values = function->getArg(2);
  auto slot = [&](size_t i) {
    return emitter.at(builder, values, i * InstanceLayout::ValueSize);
  };
  SmallVector<Value *, 8> arguments;
  for (auto [i, param] : enumerate(type.func.params))
    arguments.push_back(
        builder.CreateAlignedLoad(emitter.type(param), slot(i), Align(8)));
  auto results = emitter.callGuest(builder, type.func, function->getArg(1),
                                   function->getArg(0), arguments, values);
  for (auto [i, result] : enumerate(results))
    builder.CreateAlignedStore(result, slot(i), Align(8));
  builder.CreateRetVoid();
  return function;
}

Constant *DescriptorEmitter::type(uint32_t index) {
  const DefinedType &type = wasm.types[index];
  if (type.kind != CompositeKind::Func)
    return null();
  std::string hash = toHex(type.canonical, /*LowerCase=*/true);
  std::string name = "wm_type_" + hash;
  if (GlobalVariable *known = emitter.module->getNamedGlobal(name))
    return known;
  SmallVector<uint8_t, 8> kinds;
  for (ValType param : type.func.params)
    kinds.push_back(kind(param));
  for (ValType result : type.func.results)
    kinds.push_back(kind(result));
  Constant *kindArray =
      kinds.empty()
          ? null()
          : constant(ConstantDataArray::get(emitter.context, kinds), "kinds");
  Constant *value =
      record({ConstantDataArray::get(emitter.context, ArrayRef(type.canonical)),
              word(type.func.params.size()), word(type.func.results.size()),
              kindArray, entry(type, hash)});
  auto *variable =
      new GlobalVariable(*emitter.module, value->getType(), true,
                         GlobalValue::LinkOnceODRLinkage, value, name);
  variable->setVisibility(GlobalValue::HiddenVisibility);
  variable->setComdat(emitter.module->getOrInsertComdat(name));
  return variable;
}

/// What an import is bound to when nothing is supplied: for WASI's functions
/// guest code that calls them on the host's stack. The arguments go through
/// memory, and the result comes back there.
Constant *DescriptorEmitter::binding(const Import &import) {
  if (!isWasiImport(wasm, import))
    return null();
  const FuncType &type = wasm.typeOfFunction(import.index);
  FunctionType *guestType = emitter.functionType(type);
  FunctionCallee target = emitter.module->getOrInsertFunction(
      ("wm_wasi_" + import.name).str(), guestType);
  cast<llvm::Function>(target.getCallee())
      ->setVisibility(GlobalValue::HiddenVisibility);

  SmallVector<Type *, 10> fields(guestType->params());
  if (!type.results.empty())
    fields.push_back(guestType->getReturnType());
  StructType *frame = StructType::get(emitter.context, fields);
  unsigned resultField = guestType->getNumParams();

  auto *call = llvm::Function::Create(
      FunctionType::get(emitter.voidType, {emitter.pointer}, false),
      GlobalValue::InternalLinkage, emitter.symbol("call:" + import.name),
      *emitter.module);
  call->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> host(BasicBlock::Create(emitter.context, "entry", call));
  SmallVector<Value *, 10> arguments;
  for (unsigned i = 0; i < guestType->getNumParams(); ++i)
    arguments.push_back(host.CreateLoad(
        fields[i], host.CreateStructGEP(frame, call->getArg(0), i)));
  Value *result = host.CreateCall(target, arguments);
  if (!type.results.empty())
    host.CreateStore(result,
                     host.CreateStructGEP(frame, call->getArg(0), resultField));
  host.CreateRetVoid();

  auto *thunk = llvm::Function::Create(guestType, GlobalValue::InternalLinkage,
                                       emitter.symbol("import:" + import.name),
                                       *emitter.module);
  thunk->setCallingConv(CallingConv::Tail);
  emitter.markGuest(thunk);
  IRBuilder<> guest(BasicBlock::Create(emitter.context, "entry", thunk));
  Value *memory = guest.CreateAlloca(frame);
  for (auto [i, argument] : enumerate(thunk->args()))
    guest.CreateStore(&argument, guest.CreateStructGEP(
                                     frame, memory, static_cast<unsigned>(i)));
  emitter.leaveGuest(guest, thunk->getArg(0), call, memory);
  if (type.results.empty())
    guest.CreateRetVoid();
  else
    guest.CreateRet(
        guest.CreateLoad(guestType->getReturnType(),
                         guest.CreateStructGEP(frame, memory, resultField)));
  return thunk;
}

Constant *DescriptorEmitter::importRow(const Import &import) {
  uint8_t valueKind = 0;
  bool isMutable = false;
  uint32_t typeIndex = 0;
  Limits limits;
  switch (import.kind) {
  case ExternKind::Function:
    typeIndex = wasm.functions[import.index].typeIndex;
    break;
  case ExternKind::Table:
    limits = wasm.tables[import.index].type.limits;
    valueKind = kind(wasm.tables[import.index].type.element);
    break;
  case ExternKind::Memory:
    limits = wasm.memories[import.index].type.limits;
    break;
  case ExternKind::Global:
    valueKind = kind(wasm.globals[import.index].type.type);
    isMutable = wasm.globals[import.index].type.isMutable;
    break;
  case ExternKind::Tag:
    break;
  }
  return record({string(import.module), string(import.name),
                 word(import.module.size()), word(import.name.size()),
                 byte(static_cast<uint8_t>(import.kind)), byte(valueKind),
                 byte(isMutable), byte(limits.isShared),
                 byte(limits.hasMaximum), byte(is64(limits)), word(typeIndex),
                 quad(limits.minimum), quad(limits.maximum), binding(import)});
}

/// For each defined function the distance from its entry here to its code, so
/// that position-independent code needs no relocation when loaded. Only
/// functions that may be referred to have one.
Constant *DescriptorEmitter::codeTable() {
  uint32_t count =
      static_cast<uint32_t>(wasm.functions.size()) - wasm.numImportedFunctions;
  if (count == 0)
    return null();
  auto *type = ArrayType::get(emitter.i32, count);
  auto *table = new GlobalVariable(*emitter.module, type, true,
                                   GlobalValue::PrivateLinkage, nullptr,
                                   emitter.symbol("code"));
  std::vector<Constant *> entries(count, word(0));
  for (uint32_t function : layout.references) {
    uint32_t slot = function - wasm.numImportedFunctions;
    Constant *here =
        ConstantExpr::getInBoundsGetElementPtr(emitter.i32, table, quad(slot));
    Constant *distance = ConstantExpr::getSub(
        ConstantExpr::getPtrToInt(emitter.function(function), emitter.i64),
        ConstantExpr::getPtrToInt(here, emitter.i64));
    entries[slot] = ConstantExpr::getTrunc(distance, emitter.i32);
  }
  table->setInitializer(ConstantArray::get(type, entries));
  return table;
}

llvm::Function *DescriptorEmitter::makeFunction(const Twine &name,
                                                FunctionType *type) {
  auto *function =
      llvm::Function::Create(type, GlobalValue::InternalLinkage,
                             emitter.symbol(name), *emitter.module);
  function->addFnAttr(Attribute::NoUnwind);
  function->addFnAttr(Attribute::Cold);
  BasicBlock::Create(emitter.context, "entry", function);
  return function;
}

Value *DescriptorEmitter::evaluate(IRBuilder<> &builder, Value *instance,
                                   const ConstExpr &expression) {
  InstructionReader reader(expression.bytes, expression.offset);
  SmallVector<Value *, 4> stack;
  wasmetal::Instruction inst;
  auto combine = [&](llvm::Instruction::BinaryOps op) {
    Value *right = stack.pop_back_val();
    Value *left = stack.pop_back_val();
    stack.push_back(builder.CreateBinOp(op, left, right));
  };
  while (reader.next(inst)) {
    switch (inst.op) {
    case Opcode::I32Const:
      stack.push_back(word(static_cast<uint32_t>(inst.bits)));
      break;
    case Opcode::I64Const:
      stack.push_back(quad(inst.bits));
      break;
    case Opcode::F32Const:
      stack.push_back(
          ConstantFP::get(emitter.context, APFloat(APFloat::IEEEsingle(),
                                                   APInt(32, inst.bits))));
      break;
    case Opcode::F64Const:
      stack.push_back(
          ConstantFP::get(emitter.context, APFloat(APFloat::IEEEdouble(),
                                                   APInt(64, inst.bits))));
      break;
    case Opcode::GlobalGet:
      stack.push_back(builder.CreateAlignedLoad(
          emitter.type(wasm.globals[inst.index].type.type),
          emitter.globalPointer(builder, instance, inst.index), Align(8)));
      break;
    case Opcode::RefNull:
      stack.push_back(null());
      break;
    case Opcode::RefFunc:
      stack.push_back(emitter.reference(builder, instance, inst.index));
      break;
    case Opcode::I32Add:
    case Opcode::I64Add:
      combine(llvm::Instruction::Add);
      break;
    case Opcode::I32Sub:
    case Opcode::I64Sub:
      combine(llvm::Instruction::Sub);
      break;
    case Opcode::I32Mul:
    case Opcode::I64Mul:
      combine(llvm::Instruction::Mul);
      break;
    case Opcode::End:
      return stack.back();
    default:
      llvm_unreachable("not a constant instruction");
    }
  }
  llvm_unreachable("validated expressions end");
}

Constant *DescriptorEmitter::elementRow(uint32_t index) {
  const ElementSegment &segment = wasm.elements[index];
  Constant *functions = null();
  Constant *evaluator = null();
  if (segment.expressions.empty()) {
    functions = words(segment.functions, "element");
  } else {
    llvm::Function *function = makeFunction(
        "element:" + Twine(index),
        FunctionType::get(emitter.voidType, {emitter.pointer, emitter.pointer},
                          false));
    IRBuilder<> builder(&function->getEntryBlock());
    for (auto [i, expression] : enumerate(segment.expressions))
      builder.CreateAlignedStore(
          evaluate(builder, function->getArg(0), expression),
          emitter.at(builder, function->getArg(1), i * 8), Align(8));
    builder.CreateRetVoid();
    evaluator = function;
  }
  return record({functions, word(segment.size()), evaluator});
}

/// Globals, tables with initialisers, then active segments, in the order of
/// the specification.
/// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
llvm::Function *DescriptorEmitter::initializer() {
  llvm::Function *function =
      makeFunction("initialize", FunctionType::get(emitter.voidType,
                                                   {emitter.pointer}, false));
  IRBuilder<> builder(&function->getEntryBlock());
  Value *instance = function->getArg(0);
  auto zeroExtend = [&](Value *value) {
    return builder.CreateZExt(value, emitter.i64);
  };
  for (uint32_t i = wasm.numImportedGlobals; i < wasm.globals.size(); ++i)
    builder.CreateAlignedStore(
        evaluate(builder, instance, wasm.globals[i].init),
        emitter.globalPointer(builder, instance, i), Align(8));
  for (uint32_t i = wasm.numImportedTables; i < wasm.tables.size(); ++i) {
    const Table &table = wasm.tables[i];
    if (table.init)
      builder.CreateCall(emitter.runtime("wm_table_fill"),
                         {instance, emitter.tablePointer(builder, instance, i),
                          quad(0), evaluate(builder, instance, *table.init),
                          quad(table.type.limits.minimum)});
  }
  for (auto [i, segment] : enumerate(wasm.elements)) {
    if (segment.mode == SegmentMode::Passive)
      continue;
    if (segment.mode == SegmentMode::Active)
      builder.CreateCall(
          emitter.runtime("wm_table_init"),
          {instance, emitter.tablePointer(builder, instance, segment.table),
           word(i),
           zeroExtend(evaluate(builder, instance, segment.tableOffset)),
           quad(0), quad(segment.size())});
    builder.CreateCall(emitter.runtime("wm_elem_drop"), {instance, word(i)});
  }
  for (auto [i, segment] : enumerate(wasm.data)) {
    if (segment.mode != SegmentMode::Active)
      continue;
    builder.CreateCall(
        emitter.runtime("wm_memory_init"),
        {instance, emitter.memoryPointer(builder, instance, segment.memory),
         word(i), zeroExtend(evaluate(builder, instance, segment.memoryOffset)),
         quad(0), quad(segment.bytes.size())});
    builder.CreateCall(emitter.runtime("wm_data_drop"), {instance, word(i)});
  }
  builder.CreateRetVoid();
  return function;
}

/// The linker defines these symbols where the section of guest code begins
/// and ends; without guest code they are null.
Constant *DescriptorEmitter::codeBound(StringRef symbol) {
  auto *bound =
      new GlobalVariable(*emitter.module, emitter.i8, true,
                         GlobalValue::ExternalWeakLinkage, nullptr, symbol);
  bound->setVisibility(GlobalValue::HiddenVisibility);
  return bound;
}

void DescriptorEmitter::emit() {
  std::vector<Constant *> types, imports, exports, memories, tables, globals,
      data, elements;
  for (uint32_t i = 0; i < wasm.types.size(); ++i)
    types.push_back(type(i));
  for (const Import &import : wasm.imports)
    imports.push_back(importRow(import));
  for (const Export &exported : wasm.exports)
    exports.push_back(record({string(exported.name), word(exported.name.size()),
                              byte(static_cast<uint8_t>(exported.kind)),
                              word(exported.index)}));
  std::vector<uint32_t> functionTypes;
  for (const wasmetal::Function &function : wasm.functions)
    functionTypes.push_back(function.typeIndex);
  for (const Memory &memory : wasm.memories)
    memories.push_back(record(
        {quad(emitter.minimumBytes(memory)), quad(emitter.maximumBytes(memory)),
         byte(memory.type.limits.hasMaximum), byte(memory.type.pageSizeLog2),
         byte(memory.type.limits.isShared), byte(is64(memory.type.limits))}));
  for (const Table &table : wasm.tables)
    tables.push_back(record(
        {quad(table.type.limits.minimum),
         quad(table.type.limits.hasMaximum ? table.type.limits.maximum
              : is64(table.type.limits)    ? UINT64_MAX
                                           : UINT32_MAX),
         byte(table.type.limits.hasMaximum), byte(kind(table.type.element)),
         byte(is64(table.type.limits))}));
  for (auto [i, global] : enumerate(wasm.globals)) {
    uint32_t offset =
        global.isImported
            ? 0
            : layout.definedGlobals +
                  static_cast<uint32_t>(i - wasm.numImportedGlobals) *
                      InstanceLayout::GlobalSize;
    globals.push_back(record({byte(kind(global.type.type)),
                              byte(global.type.isMutable), word(offset)}));
  }
  for (const DataSegment &segment : wasm.data) {
    Constant *bytes =
        segment.bytes.empty()
            ? null()
            : constant(ConstantDataArray::get(emitter.context, segment.bytes),
                       "data");
    data.push_back(record({bytes, quad(segment.bytes.size())}));
  }
  for (uint32_t i = 0; i < wasm.elements.size(); ++i)
    elements.push_back(elementRow(i));

  auto *backend = new GlobalVariable(*emitter.module, emitter.i8, true,
                                     GlobalValue::ExternalLinkage, nullptr,
                                     "wm_backend_ops");
  backend->setVisibility(GlobalValue::HiddenVisibility);

  constexpr uint32_t AbiVersion = 1; // WM_ABI_VERSION
  Constant *descriptor =
      record({word(AbiVersion),
              byte(static_cast<uint8_t>(emitter.options.strategy)),
              byte(emitter.options.exactTraps),
              string(emitter.options.name),
              string("x86-64"),
              quad(layout.size),
              quad(layout.memoryOffset),

              array(types, "types"),
              word(types.size()),
              word(layout.types),

              array(imports, "imports"),
              word(imports.size()),
              array(exports, "exports"),
              word(exports.size()),

              words(functionTypes, "function_types"),
              codeTable(),
              word(wasm.functions.size()),
              word(wasm.numImportedFunctions),
              word(layout.functions),
              words(layout.references, "references"),
              word(layout.references.size()),

              array(memories, "memories"),
              word(memories.size()),
              word(wasm.numImportedMemories),
              word(layout.memories),
              word(layout.definedMemories),

              array(tables, "tables"),
              word(tables.size()),
              word(wasm.numImportedTables),
              word(layout.tables),
              word(layout.definedTables),

              array(globals, "globals"),
              word(globals.size()),
              word(wasm.numImportedGlobals),
              word(layout.globals),

              array(data, "data_segments"),
              word(data.size()),
              array(elements, "element_segments"),
              word(elements.size()),
              word(layout.data),
              word(layout.elements),

              initializer(),
              word(wasm.start ? *wasm.start : ~0u),
              backend,
              codeBound("__start_wm_text"),
              codeBound("__stop_wm_text")});
  new GlobalVariable(*emitter.module, descriptor->getType(), true,
                     GlobalValue::ExternalLinkage, descriptor,
                     emitter.options.name + "_module");
}

void wasmetal::emitDescriptor(ModuleEmitter &emitter) {
  DescriptorEmitter(emitter).emit();
}
