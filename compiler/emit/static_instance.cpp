// The instance as an object of the image (docs/decisions/0020): what makes
// instances elsewhere does when a program starts, the linker has done here.
// Code reaches memory, tables and globals at fixed addresses. The sandbox rests
// on this file.
#include "compiler/emit/adapters.h"
#include "compiler/emit/module_emitter.h"

#include <map>

using namespace llvm;
using namespace wasmetal;

namespace {

/// A constant that is put together by offsets; zero between them.
class Image {
public:
  Image(ModuleEmitter &emitter, uint64_t size) : emitter(emitter), size(size) {}
  void put(uint64_t offset, Constant *value) { parts[offset] = value; }
  Constant *build() const {
    const DataLayout &data = emitter.module->getDataLayout();
    SmallVector<Constant *, 16> fields;
    uint64_t end = 0;
    auto fill = [&](uint64_t next) {
      if (next > end)
        fields.push_back(
            ConstantAggregateZero::get(ArrayType::get(emitter.i8, next - end)));
      end = next;
    };
    for (const auto &[offset, value] : parts) {
      assert(offset >= end && "parts do not overlap");
      fill(offset);
      fields.push_back(value);
      end += data.getTypeStoreSize(value->getType());
    }
    fill(size);
    return ConstantStruct::getAnon(emitter.context, fields, /*Packed=*/true);
  }

private:
  ModuleEmitter &emitter;
  uint64_t size;
  std::map<uint64_t, Constant *> parts;
};

class StaticInstance {
public:
  StaticInstance(ModuleEmitter &emitter, GlobalVariable *descriptor)
      : emitter(emitter), wasm(emitter.wasm), layout(emitter.layout),
        image(emitter, emitter.layout.size), descriptor(descriptor),
        instance(cast<GlobalVariable>(emitter.instanceIn(nullptr))) {}
  void emit();

private:
  ModuleEmitter &emitter;
  const wasmetal::Module &wasm;
  const InstanceLayout &layout;
  Image image;
  GlobalVariable *descriptor;
  GlobalVariable *instance;

  Constant *byte(uint64_t value) { return ConstantInt::get(emitter.i8, value); }
  Constant *quad(uint64_t value) {
    return ConstantInt::get(emitter.i64, value);
  }
  Constant *within(GlobalVariable *object, uint64_t offset) {
    return ConstantExpr::getGetElementPtr(
        emitter.i8, object, ConstantInt::get(emitter.i32, offset));
  }
  void put(Image &to, uint64_t offset, ArrayRef<Constant *> fields) {
    const DataLayout &data = emitter.module->getDataLayout();
    const StructLayout *places = data.getStructLayout(
        ConstantStruct::getTypeForElements(emitter.context, fields));
    for (auto [i, field] : enumerate(fields))
      to.put(offset + places->getElementOffset(static_cast<unsigned>(i)),
             field);
  }
  void put(uint64_t offset, ArrayRef<Constant *> fields) {
    put(image, offset, fields);
  }
  /// Puts a value in the place of what code refers to by its name.
  void replace(GlobalVariable *declared, Constant *value);
  /// An entry of an index space, and the instance's pointer to it.
  void entry(StringRef kind, size_t index, uint64_t size, uint32_t pointers,
             ArrayRef<Constant *> fields);
  /// Gives an object that code refers to its contents.
  void define(GlobalVariable *object, Constant *value);
  void memories();
  void tables();
  void functions();
  void tags();
  void data();
  void wasi();
};

} // namespace

void StaticInstance::define(GlobalVariable *object, Constant *value) {
  object->setInitializer(value);
  if (!emitter.isOnePartition())
    return;
  object->setVisibility(GlobalValue::DefaultVisibility);
  object->setLinkage(GlobalValue::InternalLinkage);
}

void StaticInstance::replace(GlobalVariable *declared, Constant *value) {
  auto *defined = new GlobalVariable(*emitter.module, value->getType(), false,
                                     GlobalValue::ExternalLinkage, value);
  defined->copyAttributesFrom(declared);
  defined->takeName(declared);
  declared->replaceAllUsesWith(defined); // also in its own value
  declared->eraseFromParent();
  define(defined, defined->getInitializer());
}

void StaticInstance::entry(StringRef kind, size_t index, uint64_t size,
                           uint32_t pointers, ArrayRef<Constant *> fields) {
  uint32_t number = static_cast<uint32_t>(index);
  Image value(emitter, size);
  put(value, 0, fields);
  replace(emitter.staticEntry(kind, number, size), value.build());
  image.put(pointers + index * layout.pointerSize,
            emitter.staticEntry(kind, number, size));
}

/// wm_memory, and the bytes themselves.
void StaticInstance::memories() {
  for (auto [i, memory] : enumerate(wasm.memories)) {
    const MemoryType &type = memory.type;
    GlobalVariable *bytes = emitter.staticMemory(static_cast<uint32_t>(i));
    entry("memory", i, layout.memorySize, layout.memories,
          {bytes, quad(emitter.minimumBytes(memory)),
           quad(emitter.maximumBytes(memory)),
           quad(emitter.reservedBytes(memory)), byte(type.pageSizeLog2),
           byte(static_cast<uint8_t>(emitter.options.strategy)),
           byte(type.limits.isShared), byte(0), byte(type.limits.hasMaximum),
           byte(is64(type.limits))});
    define(bytes, ConstantAggregateZero::get(bytes->getValueType()));
  }
}

/// wm_table, and its elements. Those that nothing grows keep their size.
void StaticInstance::tables() {
  for (auto [i, table] : enumerate(wasm.tables)) {
    const Limits &limits = table.type.limits;
    uint64_t capacity =
        table.isWritten && limits.hasMaximum ? limits.maximum : limits.minimum;
    GlobalVariable *elements =
        emitter.object("elements:" + Twine(i),
                       std::max<uint64_t>(capacity, 1) * layout.pointerSize);
    entry("table", i, layout.tableSize, layout.tables,
          {elements, quad(limits.minimum), quad(capacity), quad(capacity),
           byte(static_cast<uint8_t>(abiKind(wasm, table.type.element))),
           byte(limits.hasMaximum), byte(0), byte(is64(limits))});
    define(elements, ConstantAggregateZero::get(elements->getValueType()));
  }
}

/// wm_function of what may be referred to.
void StaticInstance::functions() {
  auto record = [&](uint32_t index, Constant *code) {
    put(layout.functionRecord(wasm, index),
        {code, instance, emitType(emitter, wasm.functions[index].typeIndex)});
  };
  for (const Import &import : wasm.imports)
    if (import.kind == ExternKind::Function)
      record(import.index, emitBinding(emitter, import));
  for (uint32_t index : layout.references)
    record(index, emitter.function(index));
}

/// wm_tag.
void StaticInstance::tags() {
  for (auto [i, tag] : enumerate(wasm.tags)) {
    Constant *type = emitType(emitter, tag.typeIndex);
    auto *identity = new GlobalVariable(*emitter.module, type->getType(), true,
                                        GlobalValue::InternalLinkage, type,
                                        emitter.symbol("tag:" + Twine(i)));
    image.put(layout.tags + i * layout.pointerSize, identity);
  }
}

/// What is left of each data segment: what is placed before the program counts
/// as dropped.
void StaticInstance::data() {
  uint32_t numPlaced = emitter.numPlacedData();
  for (auto [i, segment] : enumerate(wasm.data)) {
    uint64_t offset = layout.data + i * layout.dataStateSize;
    bool isPlaced = i < numPlaced && segment.mode == SegmentMode::Active;
    if (!isPlaced && !segment.bytes.empty())
      put(offset,
          {emitBytes(emitter, segment.bytes), quad(segment.bytes.size())});
  }
}

/// What WASI keeps for the instance, an object of the runtime's.
void StaticInstance::wasi() {
  if (none_of(wasm.imports,
              [&](const Import &import) { return isWasiImport(wasm, import); }))
    return;
  auto *state = new GlobalVariable(*emitter.module, emitter.i8, false,
                                   GlobalValue::ExternalLinkage, nullptr,
                                   "wm_wasi_state");
  state->setVisibility(GlobalValue::HiddenVisibility);
  image.put(layout.instanceWasi, state);
}

void StaticInstance::emit() {
  IRBuilder<> builder(emitter.context);
  put(0, {descriptor, cast<Constant>(emitter.storeOf(builder, instance))});
  wasi();
  memories();
  tables();
  for (size_t i = 0; i < wasm.globals.size(); ++i)
    entry("global", i, InstanceLayout::GlobalSize, layout.globals, {quad(0)});
  tags();
  for (size_t i = 0; i < wasm.types.size(); ++i)
    image.put(layout.types + i * layout.pointerSize,
              emitType(emitter, static_cast<uint32_t>(i)));
  functions();
  if (emitter.hasTransferArea()) {
    GlobalVariable *area = emitter.transferArea();
    define(area, ConstantAggregateZero::get(area->getValueType()));
  }
  data();
  replace(instance, image.build());
}

//===-- Running it --------------------------------------------------------===//

static void runFunction(ModuleEmitter &emitter, IRBuilder<> &builder,
                        Value *instance, uint32_t index) {
  const wasmetal::Module &wasm = emitter.wasm;
  Value *code;
  if (wasm.functions[index].isImported) {
    uint64_t record = emitter.layout.functionRecord(wasm, index);
    code = emitter.loadConstant(
        builder, emitter.pointer,
        emitter.at(builder, instance, record + emitter.layout.functionCode));
  } else {
    code = emitter.function(index);
  }
  emitter.callGuest(builder, wasm.typeOfFunction(index), code, instance, {},
                    nullptr);
  if (emitter.facts.throwing.functions[index])
    emitter.returnIfThrown(builder, instance);
}

/// The export of a command or reactor, by WASI's convention.
static std::optional<uint32_t> plainExport(const wasmetal::Module &wasm,
                                           StringRef name) {
  for (const Export &exported : wasm.exports) {
    if (exported.name != name || exported.kind != ExternKind::Function)
      continue;
    const FuncType &type = wasm.typeOfFunction(exported.index);
    if (type.params.empty() && type.results.empty())
      return exported.index;
  }
  return std::nullopt;
}

void wasmetal::emitStaticInstance(ModuleEmitter &emitter,
                                  GlobalVariable *descriptor) {
  StaticInstance(emitter, descriptor).emit();
  llvm::Function *start = emitter.staticStart();
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", start));
  Value *instance = emitter.instanceIn(start);
  builder.CreateCall(emitInitializer(emitter), {instance});
  if (emitter.wasm.start)
    runFunction(emitter, builder, instance, *emitter.wasm.start);
  if (std::optional<uint32_t> index = plainExport(emitter.wasm, "_initialize"))
    runFunction(emitter, builder, instance, *index);
  builder.CreateRetVoid();
}

void wasmetal::emitStaticProgram(ModuleEmitter &emitter) {
  auto *function = llvm::Function::Create(
      FunctionType::get(emitter.voidType, {emitter.pointer}, false),
      GlobalValue::ExternalLinkage, "wm_static_run", *emitter.module);
  function->setVisibility(GlobalValue::HiddenVisibility);
  function->setDSOLocal(true);
  function->addFnAttr(Attribute::NoUnwind);
  IRBuilder<> builder(BasicBlock::Create(emitter.context, "entry", function));
  if (std::optional<uint32_t> index = plainExport(emitter.wasm, "_start"))
    runFunction(emitter, builder, emitter.instanceIn(function), *index);
  builder.CreateRetVoid();
}
