// Sections in their order, each one as the grammar has it; the validator looks
// at what they mean.
// https://webassembly.github.io/spec/core/binary/modules.html
//
// Counts are claims: nothing is reserved beyond what the remaining bytes can
// hold, and the index spaces have the limits that engines have.
#include "compiler/wasm/module_reader.h"

#include "compiler/wasm/body_facts.h"
#include "compiler/wasm/canonical_types.h"
#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/name_section.h"
#include "compiler/wasm/type_reader.h"

#include "llvm/ADT/StringExtras.h"

namespace wasmetal {

namespace {

enum SectionId : uint8_t {
  SectionCustom = 0,
  SectionType = 1,
  SectionImport = 2,
  SectionFunction = 3,
  SectionTable = 4,
  SectionMemory = 5,
  SectionGlobal = 6,
  SectionExport = 7,
  SectionStart = 8,
  SectionElement = 9,
  SectionCode = 10,
  SectionData = 11,
  SectionDataCount = 12,
  SectionTag = 13,
};

/// Limits of the implementation, those of the JavaScript API's appendix where
/// it has them.
constexpr uint32_t maxEntries = 1'000'000;
constexpr uint32_t maxTables = 100'000;
constexpr uint32_t maxMemories = 100;
constexpr uint32_t maxSegments = 100'000;
constexpr uint32_t maxElements = 10'000'000; // of one segment

class ModuleReader {
public:
  ModuleReader(llvm::ArrayRef<uint8_t> bytes, Module &module)
      : in(bytes, 0), module(module) {
    module.bytes = bytes;
  }

  llvm::Error read();

private:
  void readHeader();
  void nameByExports();
  void readSection();
  void readContents(uint8_t id);
  void checkOrder(uint8_t id, uint64_t offset);
  void checkCounts();

  void readCustom();
  void readTypes();
  void readImports();
  void readFunctions();
  void readTables();
  void readMemories();
  void readTags();
  void readGlobals();
  void readExports();
  void readStart();
  void readElements();
  void readElement();
  void readDataCount();
  void readCode();
  void readData();

  ConstExpr readConstExpr();
  ExternKind readExternKind();
  void declareRef(uint32_t function);
  void addFunction(bool isImported);
  void addTable(bool isImported);
  void addMemory(bool isImported);
  void addTag(bool isImported);
  Global &addGlobal(bool isImported);
  uint32_t readLimitedCount(const char *what, uint32_t limit, size_t already,
                            size_t elementSize);
  void refuse(uint64_t offset, const llvm::Twine &feature) {
    in.fail(offset, feature + " are not supported yet",
            DiagnosticKind::Unsupported);
  }

  ByteReader in;
  Module &module;
  Instruction instruction; // storage for constant expressions
  unsigned previousRank = 0;
  uint32_t numBodies = 0;
  std::optional<llvm::ArrayRef<uint8_t>> names;
};

} // namespace

static std::string hexByte(uint8_t byte) {
  return "0x" + llvm::utohexstr(byte, /*LowerCase=*/true, /*Width=*/2);
}

/// A section's place in the order, from 1; 0 if there is no such section.
static unsigned rankOfSection(uint8_t id) {
  static constexpr uint8_t order[] = {
      SectionType,   SectionImport,  SectionFunction,  SectionTable,
      SectionMemory, SectionTag,     SectionGlobal,    SectionExport,
      SectionStart,  SectionElement, SectionDataCount, SectionCode,
      SectionData};
  for (unsigned i = 0; i < std::size(order); i++)
    if (order[i] == id)
      return i + 1;
  return 0;
}

llvm::Error ModuleReader::read() {
  readHeader();
  while (!in.atEnd())
    readSection();
  if (!in.failed())
    checkCounts();
  if (in.failed())
    return in.firstError().toError();
  if (names)
    readNameSection(*names, module);
  nameByExports();
  return llvm::Error::success();
}

void ModuleReader::nameByExports() {
  for (const Export &entry : module.exports) {
    if (entry.kind != ExternKind::Function ||
        entry.index >= module.functions.size())
      continue; // the validator reports it
    llvm::StringRef &name = module.functions[entry.index].exportName;
    if (name.empty())
      name = entry.name;
  }
}

void ModuleReader::readHeader() {
  if (in.atEnd()) {
    in.fail(0, "unexpected end: the file is empty");
    return;
  }
  if (!isBinary(in.rest())) {
    in.fail(0, "magic header not detected: a binary module starts with "
               "`\\0asm`");
    return;
  }
  in.readFixed32();
  uint64_t start = in.offset();
  uint32_t version = in.readFixed32();
  if (in.failed() || version == 1)
    return;
  // The upper half is the layer: 0 for core modules, 1 for components.
  if (version >> 16 == 1) {
    in.fail(start, "this is a WebAssembly component, not a core module");
    return;
  }
  in.fail(start,
          "unknown binary version " + llvm::Twine(version) + ", expected 1");
}

void ModuleReader::readSection() {
  uint64_t start = in.offset();
  uint8_t id = in.readByte();
  uint32_t size = in.readU32();
  if (id != SectionCustom)
    checkOrder(id, start);
  if (in.failed())
    return;
  const uint8_t *outer = in.enter(size);
  readContents(id);
  in.leave(outer);
}

void ModuleReader::checkOrder(uint8_t id, uint64_t offset) {
  unsigned rank = rankOfSection(id);
  if (rank == 0) {
    in.fail(offset, "malformed section id " + llvm::Twine(unsigned(id)));
    return;
  }
  if (rank <= previousRank)
    in.fail(offset, "unexpected content after last section: section " +
                        llvm::Twine(unsigned(id)) +
                        " is repeated or out of order");
  previousRank = rank;
}

void ModuleReader::readContents(uint8_t id) {
  switch (id) {
  case SectionCustom:
    return readCustom();
  case SectionType:
    return readTypes();
  case SectionImport:
    return readImports();
  case SectionFunction:
    return readFunctions();
  case SectionTable:
    return readTables();
  case SectionMemory:
    return readMemories();
  case SectionTag:
    return readTags();
  case SectionGlobal:
    return readGlobals();
  case SectionExport:
    return readExports();
  case SectionStart:
    return readStart();
  case SectionElement:
    return readElements();
  case SectionDataCount:
    return readDataCount();
  case SectionCode:
    return readCode();
  case SectionData:
    return readData();
  }
}

void ModuleReader::checkCounts() {
  size_t numDefined = module.functions.size() - module.numImportedFunctions;
  if (numBodies != numDefined)
    in.fail(in.offset(),
            "function and code section have inconsistent lengths: " +
                llvm::Twine(numDefined) + " and " + llvm::Twine(numBodies));
  if (module.dataCount && *module.dataCount != module.data.size())
    in.fail(in.offset(),
            "data count and data section have inconsistent lengths: " +
                llvm::Twine(*module.dataCount) + " and " +
                llvm::Twine(module.data.size()));
}

uint32_t ModuleReader::readLimitedCount(const char *what, uint32_t limit,
                                        size_t already, size_t elementSize) {
  uint64_t start = in.offset();
  uint32_t count = in.readCount(elementSize);
  if (count + already <= limit)
    return count;
  in.fail(start,
          "too many " + llvm::Twine(what) + ": " +
              llvm::Twine(count + already) + ", the limit is " +
              llvm::Twine(limit),
          DiagnosticKind::Unsupported);
  return 0;
}

void ModuleReader::readCustom() {
  llvm::StringRef name = in.readName();
  llvm::ArrayRef<uint8_t> contents = in.readBytes(in.remaining());
  if (name == "name" && !names)
    names = contents;
}

void ModuleReader::readTypes() {
  uint32_t count = readLimitedCount("types", maxTypes, 0, 2);
  module.types.reserve(count);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    readRecursionGroup(in, module.types);
}

ExternKind ModuleReader::readExternKind() {
  constexpr uint8_t exactFunction = 0x20;
  uint64_t start = in.offset();
  uint8_t byte = in.readByte();
  if (byte == exactFunction)
    refuse(start, "custom descriptors");
  if (byte > static_cast<uint8_t>(ExternKind::Tag))
    in.fail(start, "malformed import or export kind " + hexByte(byte));
  return static_cast<ExternKind>(byte);
}

void ModuleReader::addFunction(bool isImported) {
  Function &function = module.functions.emplace_back();
  function.offset = in.offset();
  function.typeIndex = in.readU32();
  function.isImported = isImported;
}

void ModuleReader::addTable(bool isImported) {
  Table &table = module.tables.emplace_back();
  table.offset = in.offset();
  table.type = readTableType(in);
  table.isImported = isImported;
}

void ModuleReader::addMemory(bool isImported) {
  Memory &memory = module.memories.emplace_back();
  memory.offset = in.offset();
  memory.type = readMemoryType(in);
  memory.isImported = isImported;
}

void ModuleReader::addTag(bool isImported) {
  Tag &tag = module.tags.emplace_back();
  tag.offset = in.offset();
  if (uint8_t attribute = in.readByte(); attribute != 0)
    in.fail(tag.offset, "malformed tag attribute " + hexByte(attribute));
  tag.typeIndex = in.readU32();
  tag.isImported = isImported;
}

Global &ModuleReader::addGlobal(bool isImported) {
  Global &global = module.globals.emplace_back();
  global.offset = in.offset();
  global.type = readGlobalType(in);
  global.isImported = isImported;
  return global;
}

void ModuleReader::readImports() {
  uint32_t count = readLimitedCount("imports", maxEntries, 0, 4);
  module.imports.reserve(count);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    Import entry;
    entry.offset = in.offset();
    entry.module = in.readName();
    entry.name = in.readName();
    entry.kind = readExternKind();
    switch (entry.kind) {
    case ExternKind::Function:
      entry.index = module.numImportedFunctions++;
      addFunction(/*isImported=*/true);
      break;
    case ExternKind::Table:
      entry.index = module.numImportedTables++;
      addTable(/*isImported=*/true);
      break;
    case ExternKind::Memory:
      entry.index = module.numImportedMemories++;
      addMemory(/*isImported=*/true);
      break;
    case ExternKind::Global:
      entry.index = module.numImportedGlobals++;
      addGlobal(/*isImported=*/true);
      break;
    case ExternKind::Tag:
      entry.index = module.numImportedTags++;
      addTag(/*isImported=*/true);
      break;
    }
    module.imports.push_back(entry);
  }
}

void ModuleReader::readFunctions() {
  uint32_t count =
      readLimitedCount("functions", maxEntries, module.functions.size(), 1);
  module.functions.reserve(module.functions.size() + count);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    addFunction(/*isImported=*/false);
}

void ModuleReader::readTables() {
  constexpr uint8_t withInitialiser = 0x40;
  uint32_t count =
      readLimitedCount("tables", maxTables, module.tables.size(), 3);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    if (in.peekByte() != withInitialiser) {
      addTable(/*isImported=*/false);
      continue;
    }
    in.readByte();
    uint64_t start = in.offset();
    if (uint8_t reserved = in.readByte(); reserved != 0)
      in.fail(start,
              "malformed table: expected 0x00, found " + hexByte(reserved));
    addTable(/*isImported=*/false);
    module.tables.back().init = readConstExpr();
  }
}

void ModuleReader::readMemories() {
  uint32_t count =
      readLimitedCount("memories", maxMemories, module.memories.size(), 2);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    addMemory(/*isImported=*/false);
}

void ModuleReader::readTags() {
  uint32_t count = readLimitedCount("tags", maxEntries, module.tags.size(), 2);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    addTag(/*isImported=*/false);
}

void ModuleReader::readGlobals() {
  uint32_t count =
      readLimitedCount("globals", maxEntries, module.globals.size(), 3);
  module.globals.reserve(module.globals.size() + count);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    Global &global = addGlobal(/*isImported=*/false);
    global.init = readConstExpr();
  }
}

void ModuleReader::readExports() {
  uint32_t count = readLimitedCount("exports", maxEntries, 0, 3);
  module.exports.reserve(count);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    Export entry;
    entry.offset = in.offset();
    entry.name = in.readName();
    entry.kind = readExternKind();
    entry.index = in.readU32();
    module.exports.push_back(entry);
    if (entry.kind == ExternKind::Function)
      declareRef(entry.index);
  }
}

void ModuleReader::readStart() {
  module.startOffset = in.offset();
  module.start = in.readU32();
}

void ModuleReader::readElements() {
  uint32_t count = readLimitedCount("element segments", maxSegments, 0, 2);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    readElement();
}

/// The flags of an element segment: 1 passive or declarative, 2 an explicit
/// table (or declarative), 4 expressions.
void ModuleReader::readElement() {
  ElementSegment &segment = module.elements.emplace_back();
  segment.offset = in.offset();
  uint32_t flags = in.readU32();
  if (flags > 7) {
    in.fail(segment.offset,
            "malformed element segment flags " + llvm::Twine(flags));
    return;
  }
  bool hasExpressions = flags & 4;
  if (!hasExpressions) // a function index is never null
    segment.type = ValType::ref(HeapKind::Func, /*nullable=*/false);
  if (flags & 1) {
    segment.mode = flags & 2 ? SegmentMode::Declarative : SegmentMode::Passive;
  } else {
    segment.mode = SegmentMode::Active;
    segment.table = flags & 2 ? in.readU32() : 0;
    segment.tableOffset = readConstExpr();
  }
  if (flags & 3) {
    uint64_t start = in.offset();
    if (hasExpressions)
      segment.type = readRefType(in);
    else if (uint8_t kind = in.readByte(); kind != 0)
      in.fail(start, "malformed element kind " + hexByte(kind));
  }
  uint32_t count = readLimitedCount("elements of a segment", maxElements, 0, 1);
  if (hasExpressions) {
    for (uint32_t i = 0; i < count && !in.failed(); i++)
      segment.expressions.push_back(readConstExpr());
    return;
  }
  segment.functions.reserve(count);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    segment.functions.push_back(in.readU32());
    declareRef(segment.functions.back());
  }
}

void ModuleReader::readDataCount() {
  module.dataCountOffset = in.offset();
  module.dataCount = in.readU32();
}

void ModuleReader::readCode() {
  uint64_t start = in.offset();
  numBodies = in.readCount(/*elementSize=*/3);
  size_t numDefined = module.functions.size() - module.numImportedFunctions;
  if (!in.failed() && numBodies != numDefined) {
    in.fail(start, "function and code section have inconsistent lengths: " +
                       llvm::Twine(numDefined) + " and " +
                       llvm::Twine(numBodies));
    return;
  }
  for (uint32_t i = 0; i < numBodies && !in.failed(); i++) {
    Function &function = module.functions[module.numImportedFunctions + i];
    uint32_t size = in.readU32();
    function.bodyOffset = in.offset();
    function.body = in.readBytes(size);
  }
}

void ModuleReader::readData() {
  uint32_t count = readLimitedCount("data segments", maxSegments, 0, 2);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    DataSegment &segment = module.data.emplace_back();
    segment.offset = in.offset();
    uint32_t flags = in.readU32();
    if (flags > 2) {
      in.fail(segment.offset,
              "malformed data segment flags " + llvm::Twine(flags));
      return;
    }
    if (flags != 1) {
      segment.mode = SegmentMode::Active;
      segment.memory = flags == 2 ? in.readU32() : 0;
      segment.memoryOffset = readConstExpr();
    }
    segment.bytes = in.readBytes(in.readU32());
  }
}

void ModuleReader::declareRef(uint32_t function) {
  if (function >= module.functions.size())
    return;
  module.functions[function].isDeclaredRef = true;
  ++module.functions[function].numNames;
}

/// Finds the end of the expression; any nesting is grammatical here.
ConstExpr ModuleReader::readConstExpr() {
  ConstExpr expression;
  expression.offset = in.offset();
  InstructionReader reader(in.rest(), expression.offset);
  size_t depth = 1;
  while (depth > 0 && reader.next(instruction)) {
    switch (instruction.op) {
    case Opcode::Block:
    case Opcode::Loop:
    case Opcode::If:
    case Opcode::TryTable:
    case Opcode::Try:
      depth++;
      break;
    case Opcode::End:
    case Opcode::Delegate:
      depth--;
      break;
    case Opcode::RefFunc:
      declareRef(instruction.index);
      break;
    default:
      break;
    }
  }
  if (reader.failed())
    in.fail(reader.errorOffset(), reader.error(), reader.errorKind());
  else if (depth > 0)
    in.fail(reader.offset(), "unexpected end: END opcode expected");
  expression.bytes = in.readBytes(reader.offset() - expression.offset);
  return expression;
}

bool isBinary(llvm::ArrayRef<uint8_t> bytes) {
  static constexpr uint8_t magic[] = {0x00, 'a', 's', 'm'};
  return bytes.take_front(sizeof(magic)) == llvm::ArrayRef(magic);
}

llvm::Expected<std::unique_ptr<Module>>
readModule(llvm::ArrayRef<uint8_t> bytes) {
  auto module = std::make_unique<Module>();
  if (llvm::Error error = ModuleReader(bytes, *module).read())
    return std::move(error);
  numberTypes(module->types);
  gatherBodyFacts(*module);
  return std::move(module);
}

} // namespace wasmetal
