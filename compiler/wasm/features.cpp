// One walk over declarations and bodies. Instructions belong to the feature of
// their row in opcodes.def; the rest of each proposal is here.
#include "compiler/wasm/features.h"

#include "compiler/wasm/instruction_reader.h"

namespace wasmetal {

llvm::ArrayRef<llvm::StringLiteral> featureNames() {
  static constexpr llvm::StringLiteral names[] = {
#define FEATURE(name, option) option,
#include "compiler/wasm/features.def"
  };
  return names;
}

namespace {

class FeatureFinder {
public:
  explicit FeatureFinder(const Module &module) : module(module) {}
  FeatureUses find();

private:
  void use(Feature feature, uint64_t offset, const llvm::Twine &what);
  void useType(ValType type, uint64_t offset, const llvm::Twine &what);
  void useLimits(const Limits &limits, uint64_t offset,
                 const llvm::Twine &what);
  void useInstruction(const Instruction &inst, const llvm::Twine &where);
  void useConstant(const ConstExpr &expression, const llvm::Twine &where);

  void findInTypes();
  void findInTables();
  void findInMemories();
  void findInGlobals();
  void findInExternals();
  void findInSegments();
  void findInBodies();

  const Module &module;
  FeatureUses uses;
};

} // namespace

void FeatureFinder::use(Feature feature, uint64_t offset,
                        const llvm::Twine &what) {
  if (feature == Feature::Mvp)
    return;
  std::optional<FeatureUse> &known = uses[static_cast<size_t>(feature)];
  if (!known || offset < known->offset)
    known = {offset, what.str()};
}

void FeatureFinder::useType(ValType type, uint64_t offset,
                            const llvm::Twine &what) {
  if (type.kind == ValKind::V128)
    use(Feature::Simd, offset, what);
  if (!type.isRef())
    return;
  if (!type.nullable)
    use(Feature::TypedReferences, offset, what);
  switch (type.heap) {
  case HeapKind::Func:
  case HeapKind::Extern:
    return use(Feature::ReferenceTypes, offset, what);
  case HeapKind::Index:
    return use(Feature::TypedReferences, offset, what);
  case HeapKind::Exn:
    return use(Feature::Exceptions, offset, what);
  default:
    return use(Feature::Gc, offset, what);
  }
}

void FeatureFinder::useLimits(const Limits &limits, uint64_t offset,
                              const llvm::Twine &what) {
  if (is64(limits))
    use(Feature::Memory64, offset, what);
  if (limits.isShared)
    use(Feature::Threads, offset, what);
}

void FeatureFinder::useInstruction(const Instruction &inst,
                                   const llvm::Twine &where) {
  const OpcodeInfo &info = opcodeInfo(inst.op);
  auto useIt = [&](Feature feature) {
    use(feature, inst.offset, where + ": " + info.mnemonic);
  };
  auto useItsType = [&](ValType type) {
    useType(type, inst.offset, where + ": " + info.mnemonic);
  };
  useIt(info.feature);
  switch (info.immediate) {
  case Immediate::Block:
  case Immediate::TryTable:
    if (inst.block.kind == BlockType::Kind::Value)
      useItsType(inst.block.value);
    else if (inst.block.kind == BlockType::Kind::Index)
      useIt(Feature::MultiValue);
    return;
  case Immediate::SelectTypes:
    for (ValType type : inst.types)
      useItsType(type);
    return;
  case Immediate::HeapType:
    return useItsType(inst.type);
  default:
    return;
  }
}

void FeatureFinder::useConstant(const ConstExpr &expression,
                                const llvm::Twine &where) {
  InstructionReader reader(expression.bytes, expression.offset);
  Instruction inst;
  while (reader.next(inst)) {
    useInstruction(inst, where);
    switch (inst.op) {
    case Opcode::I32Add:
    case Opcode::I32Sub:
    case Opcode::I32Mul:
    case Opcode::I64Add:
    case Opcode::I64Sub:
    case Opcode::I64Mul:
      use(Feature::ExtendedConst, inst.offset,
          where + ": constant " + opcodeInfo(inst.op).mnemonic);
      break;
    case Opcode::GlobalGet:
      if (inst.index >= module.numImportedGlobals)
        use(Feature::Gc, inst.offset,
            where + ": constant global.get of a defined global");
      break;
    default:
      break;
    }
  }
}

void FeatureFinder::findInTypes() {
  for (auto [i, type] : llvm::enumerate(module.types)) {
    std::string what = "type " + std::to_string(i);
    if (type.kind != CompositeKind::Func || !type.isFinal ||
        !type.supertypes.empty() || type.groupSize > 1)
      use(Feature::Gc, type.offset, what);
    if (type.func.results.size() > 1)
      use(Feature::MultiValue, type.offset, what);
    for (ValType param : type.func.params)
      useType(param, type.offset, what);
    for (ValType result : type.func.results)
      useType(result, type.offset, what);
    for (const FieldType &field : type.fields)
      useType(field.type, type.offset, what);
  }
}

void FeatureFinder::findInTables() {
  for (auto [i, table] : llvm::enumerate(module.tables)) {
    std::string what = "table " + std::to_string(i);
    if (i)
      use(Feature::ReferenceTypes, table.offset, what);
    if (table.type.element != ValType::funcref())
      useType(table.type.element, table.offset, what);
    useLimits(table.type.limits, table.offset, what);
    if (!table.init)
      continue;
    use(Feature::TypedReferences, table.offset, what);
    useConstant(*table.init, what);
  }
}

void FeatureFinder::findInMemories() {
  for (auto [i, memory] : llvm::enumerate(module.memories)) {
    std::string what = "memory " + std::to_string(i);
    if (i)
      use(Feature::MultiMemory, memory.offset, what);
    if (memory.type.pageSizeLog2 != 16)
      use(Feature::CustomPageSizes, memory.offset, what);
    useLimits(memory.type.limits, memory.offset, what);
  }
}

void FeatureFinder::findInGlobals() {
  for (auto [i, global] : llvm::enumerate(module.globals)) {
    std::string what = "global " + std::to_string(i);
    useType(global.type.type, global.offset, what);
    if (!global.isImported)
      useConstant(global.init, what);
  }
}

void FeatureFinder::findInExternals() {
  for (const Import &import : module.imports)
    if (import.kind == ExternKind::Global &&
        module.globals[import.index].type.isMutable)
      use(Feature::MutableGlobals, import.offset, "import of a mutable global");
  for (const Export &exported : module.exports)
    if (exported.kind == ExternKind::Global &&
        module.globals[exported.index].type.isMutable)
      use(Feature::MutableGlobals, exported.offset,
          "export of a mutable global");
  for (auto [i, tag] : llvm::enumerate(module.tags))
    use(Feature::Exceptions, tag.offset, "tag " + llvm::Twine(i));
}

void FeatureFinder::findInSegments() {
  for (auto [i, segment] : llvm::enumerate(module.elements)) {
    std::string what = "element segment " + std::to_string(i);
    if (segment.mode == SegmentMode::Passive)
      use(Feature::BulkMemory, segment.offset, what);
    if (segment.mode == SegmentMode::Declarative || segment.table)
      use(Feature::ReferenceTypes, segment.offset, what);
    if (segment.mode == SegmentMode::Active)
      useConstant(segment.tableOffset, what);
    if (segment.expressions.empty())
      continue;
    useType(segment.type, segment.offset, what);
    for (const ConstExpr &expression : segment.expressions)
      useConstant(expression, what);
  }
  if (module.dataCount)
    use(Feature::BulkMemory, module.dataCountOffset, "data count section");
  for (auto [i, segment] : llvm::enumerate(module.data)) {
    std::string what = "data segment " + std::to_string(i);
    if (segment.mode == SegmentMode::Passive)
      use(Feature::BulkMemory, segment.offset, what);
    else
      useConstant(segment.memoryOffset, what);
  }
}

void FeatureFinder::findInBodies() {
  Instruction inst;
  for (auto [i, function] : llvm::enumerate(module.functions)) {
    std::string where = "function " + std::to_string(i);
    InstructionReader reader(function, [&](uint64_t offset, ValType type) {
      useType(type, offset, where + ": local");
    });
    while (reader.next(inst))
      useInstruction(inst, where);
  }
}

FeatureUses FeatureFinder::find() {
  findInTypes();
  findInTables();
  findInMemories();
  findInGlobals();
  findInExternals();
  findInSegments();
  findInBodies();
  return std::move(uses);
}

FeatureUses findFeatures(const Module &module) {
  return FeatureFinder(module).find();
}

llvm::Error checkFeatures(const Module &module, const FeatureSet &allowed) {
  if (allowed.all())
    return llvm::Error::success();
  const FeatureUse *first = nullptr;
  llvm::StringRef name;
  FeatureUses uses = findFeatures(module);
  for (auto [i, use] : llvm::enumerate(uses)) {
    if (allowed[i] || !use || (first && first->offset <= use->offset))
      continue;
    first = &*use;
    name = featureNames()[i];
  }
  if (!first)
    return llvm::Error::success();
  return makeError(DiagnosticKind::Invalid, first->offset,
                   first->what + " needs " + name + ", which is switched off");
}

} // namespace wasmetal
