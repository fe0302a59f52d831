// The module's descriptor (wm_module of runtime/abi.h): constants that follow
// its structures field by field.
#include "compiler/emit/adapters.h"
#include "compiler/emit/fixed_table.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class DescriptorEmitter {
public:
  explicit DescriptorEmitter(ModuleEmitter &emitter)
      : emitter(emitter), wasm(emitter.wasm), layout(emitter.layout) {}
  GlobalVariable *emit();
  Constant *type(uint32_t index);
  Constant *bytes(ArrayRef<uint8_t> values);

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
  Constant *kind(ValType type) {
    return byte(static_cast<uint8_t>(abiKind(wasm, type)));
  }

  Constant *reference(ValType type);

  Constant *importRow(const Import &import);
  Constant *codeTable();
  Constant *elementRow(uint32_t index);
  std::vector<Constant *> placedData();
  Constant *wasiFunction(StringRef name);
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

/// enum wm_heap.
static uint8_t abiHeap(HeapKind heap) {
  enum { Top, Defined, Bottom, Eq, I31, Struct, Array };
  switch (heap) {
  case HeapKind::Index:
    return Defined;
  case HeapKind::NoFunc:
  case HeapKind::NoExtern:
  case HeapKind::NoExn:
  case HeapKind::None:
    return Bottom;
  case HeapKind::Eq:
    return Eq;
  case HeapKind::I31:
    return I31;
  case HeapKind::Struct:
    return Struct;
  case HeapKind::Array:
    return Array;
  default:
    return Top;
  }
}

/// wm_ref_row.
Constant *DescriptorEmitter::reference(ValType type) {
  if (!type.isRef())
    return record({word(0), byte(0), byte(0)});
  return record(
      {word(type.typeIndex), byte(abiHeap(type.heap)), byte(!type.nullable)});
}

Constant *DescriptorEmitter::type(uint32_t index) {
  const DefinedType &type = wasm.types[index];
  std::string hash = toHex(type.canonical, /*LowerCase=*/true);
  std::string name = "wm_type_" + hash;
  if (GlobalVariable *known = emitter.module->getNamedGlobal(name))
    return known;
  SmallVector<uint8_t, 8> kinds;
  for (ValType param : type.func.params)
    kinds.push_back(static_cast<uint8_t>(abiKind(wasm, param)));
  for (ValType result : type.func.results)
    kinds.push_back(static_cast<uint8_t>(abiKind(wasm, result)));
  Constant *kindArray =
      kinds.empty()
          ? null()
          : constant(ConstantDataArray::get(emitter.context, kinds), "kinds");
  // Nobody calls functions of a static instance by values.
  bool isCalled =
      type.kind == CompositeKind::Func && !emitter.options.staticInstance;
  Constant *supertype =
      type.supertypes.empty() ? null() : this->type(type.supertypes.front());
  Constant *value =
      record({ConstantDataArray::get(emitter.context, ArrayRef(type.canonical)),
              word(type.func.params.size()), word(type.func.results.size()),
              kindArray, isCalled ? emitEntry(emitter, type, hash) : null(),
              isCalled ? emitExit(emitter, type, hash) : null(), supertype,
              byte(static_cast<uint8_t>(type.kind))});
  return new GlobalVariable(*emitter.module, value->getType(), true,
                            GlobalValue::InternalLinkage, value, name);
}

Constant *DescriptorEmitter::importRow(const Import &import) {
  ValType value = ValType::i32();
  bool isMutable = false;
  uint32_t typeIndex = 0;
  Limits limits;
  switch (import.kind) {
  case ExternKind::Function:
    typeIndex = wasm.functions[import.index].typeIndex;
    break;
  case ExternKind::Table:
    limits = wasm.tables[import.index].type.limits;
    value = wasm.tables[import.index].type.element;
    break;
  case ExternKind::Memory:
    limits = wasm.memories[import.index].type.limits;
    break;
  case ExternKind::Global:
    value = wasm.globals[import.index].type.type;
    isMutable = wasm.globals[import.index].type.isMutable;
    break;
  case ExternKind::Tag:
    typeIndex = wasm.tags[import.index].typeIndex;
    break;
  }
  return record({string(import.module), string(import.name),
                 word(import.module.size()), word(import.name.size()),
                 byte(static_cast<uint8_t>(import.kind)), kind(value),
                 byte(isMutable), byte(limits.isShared),
                 byte(limits.hasMaximum), byte(is64(limits)), word(typeIndex),
                 quad(limits.minimum), quad(limits.maximum), reference(value),
                 emitBinding(emitter, import)});
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

Constant *DescriptorEmitter::elementRow(uint32_t index) {
  const ElementSegment &segment = wasm.elements[index];
  Constant *functions = null();
  Constant *evaluator = null();
  if (segment.expressions.empty()) {
    functions = words(segment.functions, "element");
  } else {
    evaluator = emitElementEvaluator(emitter, index);
  }
  return record({functions, word(segment.size()), evaluator});
}

Constant *DescriptorEmitter::bytes(ArrayRef<uint8_t> values) {
  if (values.empty())
    return null();
  return constant(ConstantDataArray::get(emitter.context, values), "data");
}

/// wm_placed_data of the static instance. Segments with a few zeros between
/// them share a row, if no other segment is there or above.
std::vector<Constant *> DescriptorEmitter::placedData() {
  struct Run {
    uint32_t memory;
    uint64_t place;
    std::vector<uint8_t> bytes;
  };
  constexpr uint64_t FewZeros = 12; // as many bytes as a row takes
  std::vector<Run> runs;
  uint64_t top = 0;
  uint32_t numPlaced = emitter.numPlacedData();
  for (uint32_t i = 0; i < numPlaced; ++i) {
    const DataSegment &segment = wasm.data[i];
    if (segment.mode != SegmentMode::Active || segment.bytes.empty())
      continue;
    uint64_t place = *emitter.placeOfData(i);
    if (runs.empty() || runs.back().memory != segment.memory ||
        runs.back().place + runs.back().bytes.size() != top || place < top ||
        place - top > FewZeros)
      runs.push_back({segment.memory, place, {}});
    Run &run = runs.back();
    run.bytes.resize(place - run.place);
    run.bytes.insert(run.bytes.end(), segment.bytes.begin(),
                     segment.bytes.end());
    top = std::max(top, place + segment.bytes.size());
  }
  std::vector<Constant *> rows;
  for (const Run &run : runs) {
    Constant *to = ConstantExpr::getGetElementPtr(
        emitter.i8, emitter.staticMemory(run.memory), word(run.place));
    rows.push_back(record({to, bytes(run.bytes), word(run.bytes.size())}));
  }
  return rows;
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

/// A function that only modules with WASI bring along.
Constant *DescriptorEmitter::wasiFunction(StringRef name) {
  FunctionCallee callee = emitter.module->getOrInsertFunction(
      name, FunctionType::get(emitter.voidType, false));
  auto *function = cast<llvm::Function>(callee.getCallee());
  function->setVisibility(GlobalValue::HiddenVisibility);
  function->setDSOLocal(true);
  return function;
}

/// Whether the runtime asks a static instance's strategy for something: growth
/// that may succeed, what lies behind a memory, the region of one.
static bool asksBackend(const ModuleEmitter &emitter) {
  const StrategyInfo &strategy = infoOf(emitter.options.strategy);
  return strategy.unprivileged || strategy.slack ||
         any_of(emitter.wasm.memories, [&](const Memory &memory) {
           return emitter.minimumBytes(memory) != emitter.maximumBytes(memory);
         });
}

GlobalVariable *DescriptorEmitter::emit() {
  std::vector<Constant *> types, imports, exports, memories, tables, globals,
      data, elements;
  // What only the making of instances and hosts look at, a static instance
  // does not need.
  bool isStatic = emitter.options.staticInstance;
  for (uint32_t i = 0; i < wasm.types.size() && !isStatic; ++i)
    types.push_back(type(i));
  for (const Import &import : wasm.imports)
    if (!isStatic)
      imports.push_back(importRow(import));
  for (const Export &exported : wasm.exports)
    if (!isStatic)
      exports.push_back(record(
          {string(exported.name), word(exported.name.size()),
           byte(static_cast<uint8_t>(exported.kind)), word(exported.index)}));
  std::vector<uint32_t> functionTypes;
  for (const wasmetal::Function &function : wasm.functions)
    if (!isStatic)
      functionTypes.push_back(function.typeIndex);
  std::vector<uint32_t> tagTypes;
  for (const Tag &tag : wasm.tags)
    if (!isStatic)
      tagTypes.push_back(tag.typeIndex);
  for (const Memory &memory : wasm.memories)
    memories.push_back(record(
        {quad(emitter.minimumBytes(memory)), quad(emitter.maximumBytes(memory)),
         byte(memory.type.limits.hasMaximum), byte(memory.type.pageSizeLog2),
         byte(memory.type.limits.isShared), byte(is64(memory.type.limits))}));
  for (const Table &table : wasm.tables)
    if (!isStatic)
      tables.push_back(record(
          {quad(table.type.limits.minimum),
           quad(table.type.limits.hasMaximum ? table.type.limits.maximum
                : is64(table.type.limits)    ? UINT64_MAX
                                             : UINT32_MAX),
           byte(table.type.limits.hasMaximum), kind(table.type.element),
           byte(is64(table.type.limits)), reference(table.type.element)}));
  for (auto [i, global] : enumerate(wasm.globals)) {
    if (isStatic)
      break;
    uint32_t offset =
        global.isImported
            ? 0
            : layout.definedGlobals +
                  static_cast<uint32_t>(i - wasm.numImportedGlobals) *
                      InstanceLayout::GlobalSize;
    globals.push_back(
        record({kind(global.type.type), byte(global.type.isMutable),
                word(offset), reference(global.type.type)}));
  }
  for (const DataSegment &segment : wasm.data)
    if (!isStatic)
      data.push_back(
          record({bytes(segment.bytes), quad(segment.bytes.size())}));
  for (uint32_t i = 0; i < wasm.elements.size(); ++i)
    elements.push_back(elementRow(i));
  for (uint32_t i = 0; i < wasm.tables.size(); ++i)
    defineFixedTable(emitter, i);

  auto *backend = new GlobalVariable(*emitter.module, emitter.i8, true,
                                     GlobalValue::ExternalLinkage, nullptr,
                                     "wm_backend_ops");
  backend->setVisibility(GlobalValue::HiddenVisibility);

  bool usesWasi = any_of(wasm.imports, [&](const Import &import) {
    return isWasiImport(wasm, import);
  });
  // The code generator knows it, and defines this (codegen/target.cpp).
  auto *cpu =
      new GlobalVariable(*emitter.module, emitter.i8, true,
                         GlobalValue::ExternalLinkage, nullptr, "wm_cpu");
  cpu->setVisibility(GlobalValue::HiddenVisibility);

  std::vector<Constant *> placed = placedData();
  constexpr uint32_t AbiVersion = 1; // WM_ABI_VERSION
  Constant *descriptor =
      record({word(AbiVersion),
              byte(static_cast<uint8_t>(emitter.options.strategy)),
              byte(emitter.options.exactTraps),
              string(emitter.options.name),
              cpu,
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
              isStatic ? null() : codeTable(),
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

              words(tagTypes, "tag_types"),
              word(tagTypes.size()),
              word(wasm.numImportedTags),
              word(layout.tags),

              array(data, "data_segments"),
              word(data.size()),
              array(elements, "element_segments"),
              word(elements.size()),
              word(layout.data),
              word(layout.elements),

              isStatic ? cast<Constant>(emitter.staticStart())
                       : emitInitializer(emitter),
              word(wasm.start ? *wasm.start : ~0u),
              isStatic && !asksBackend(emitter) ? null() : backend,
              usesWasi ? wasiFunction("wm_wasi_init") : null(),
              usesWasi ? wasiFunction("wm_wasi_destroy") : null(),
              codeBound("__start_wm_text"),
              codeBound("__stop_wm_text"),
              isStatic ? cast<Constant>(emitter.instanceIn(nullptr)) : null(),
              array(placed, "placed_data"),
              word(placed.size())});
  return new GlobalVariable(*emitter.module, descriptor->getType(), true,
                            GlobalValue::ExternalLinkage, descriptor,
                            emitter.options.name + "_module");
}

Constant *wasmetal::emitBytes(ModuleEmitter &emitter, ArrayRef<uint8_t> bytes) {
  return DescriptorEmitter(emitter).bytes(bytes);
}

Constant *wasmetal::emitType(ModuleEmitter &emitter, uint32_t index) {
  return DescriptorEmitter(emitter).type(index);
}

void wasmetal::emitDescriptor(ModuleEmitter &emitter) {
  GlobalVariable *descriptor = DescriptorEmitter(emitter).emit();
  if (emitter.options.staticInstance) {
    emitStaticInstance(emitter, descriptor);
    if (!emitter.options.typedExports)
      emitStaticProgram(emitter);
  }
  if (emitter.options.typedExports)
    emitTypedExports(emitter);
}
