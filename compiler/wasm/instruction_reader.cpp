// Decoding by opcodes.def: the opcode's row says which immediates follow.
// https://webassembly.github.io/spec/core/binary/instructions.html
#include "compiler/wasm/instruction_reader.h"

#include "compiler/wasm/type_reader.h"
#include "compiler/wasm/unsupported.h"

#include "llvm/ADT/StringExtras.h"

namespace wasmetal {

static std::string hexByte(uint32_t value) {
  return "0x" + llvm::utohexstr(value, /*LowerCase=*/true, /*Width=*/2);
}

InstructionReader::InstructionReader(
    const Function &function,
    llvm::function_ref<void(uint64_t offset, ValType)> onLocals)
    : in(function.body, function.bodyOffset) {
  uint32_t numGroups = in.readCount(/*elementSize=*/2);
  for (uint32_t i = 0; i < numGroups && !in.failed(); i++) {
    in.readU32();
    uint64_t offset = in.offset();
    ValType type = readValType(in);
    if (onLocals && !in.failed())
      onLocals(offset, type);
  }
}

bool InstructionReader::next(Instruction &out) {
  if (in.atEnd())
    return false;
  if (!readOpcode(out))
    return false;
  readImmediate(opcodeInfo(out.op).immediate, out);
  return !in.failed();
}

bool InstructionReader::readOpcode(Instruction &out) {
  out.offset = in.offset();
  uint8_t byte = in.readByte();
  uint8_t prefix = 0;
  uint32_t code = byte;
  if (byte >= 0xfb && byte <= 0xfe) {
    prefix = byte;
    code = in.readU32();
    if (in.failed())
      return false;
  }
  if (std::optional<Opcode> op = findOpcode(prefix, code)) {
    out.op = *op;
    return true;
  }
  std::string name =
      prefix ? hexByte(prefix) + " " + hexByte(code) : hexByte(code);
  llvm::StringRef feature = missingInstructions(prefix, code);
  if (feature.empty())
    in.fail(out.offset, "illegal opcode " + name);
  else
    in.fail(out.offset,
            "unknown opcode " + name + ": " + feature +
                " are not supported yet",
            DiagnosticKind::Unsupported);
  return false;
}

void InstructionReader::readImmediate(Immediate immediate, Instruction &out) {
  switch (immediate) {
  case Immediate::None:
    return;
  case Immediate::Block:
    out.block = readBlockType(in);
    return;
  case Immediate::Label:
  case Immediate::Function:
  case Immediate::Local:
  case Immediate::Global:
  case Immediate::Table:
  case Immediate::Elem:
  case Immediate::Memory:
  case Immediate::Data:
  case Immediate::Type:
  case Immediate::Tag:
    out.index = in.readU32();
    return;
  case Immediate::CallIndirect:
  case Immediate::TableTable:
  case Immediate::ElemTable:
  case Immediate::MemoryMemory:
  case Immediate::DataMemory:
  case Immediate::TypeType:
  case Immediate::TypeField:
  case Immediate::TypeCount:
  case Immediate::TypeData:
  case Immediate::TypeElem:
    out.index = in.readU32();
    out.index2 = in.readU32();
    return;
  case Immediate::LabelTable:
    readLabelTable(out);
    return;
  case Immediate::MemArg:
  case Immediate::Atomic8:
  case Immediate::Atomic16:
  case Immediate::Atomic32:
  case Immediate::Atomic64:
    readMemArg(out);
    return;
  case Immediate::Zero: {
    uint64_t start = in.offset();
    if (uint8_t byte = in.readByte())
      in.fail(start, "zero byte expected, found " + hexByte(byte));
    return;
  }
  case Immediate::I32:
    out.bits = static_cast<uint32_t>(in.readS32());
    return;
  case Immediate::I64:
    out.bits = static_cast<uint64_t>(in.readS64());
    return;
  case Immediate::F32:
    out.bits = in.readFixed32();
    return;
  case Immediate::F64:
    out.bits = in.readFixed64();
    return;
  case Immediate::V128:
  case Immediate::Shuffle: {
    llvm::ArrayRef<uint8_t> bytes = in.readBytes(out.bytes.size());
    if (!in.failed())
      llvm::copy(bytes, out.bytes.begin());
    return;
  }
  case Immediate::MemArgLane:
    readMemArg(out);
    [[fallthrough]];
  case Immediate::Lane:
    out.index = in.readByte();
    return;
  case Immediate::SelectTypes: {
    uint32_t count = in.readCount();
    out.types.clear();
    for (uint32_t i = 0; i < count && !in.failed(); i++)
      out.types.push_back(readValType(in));
    return;
  }
  case Immediate::HeapType:
    out.type = readHeapType(in);
    return;
  case Immediate::Cast:
    readCast(out);
    return;
  case Immediate::TryTable:
    out.block = readBlockType(in);
    readCatches(out);
    return;
  }
}

void InstructionReader::readLabelTable(Instruction &out) {
  uint32_t count = in.readCount();
  out.labels.clear();
  out.labels.reserve(size_t(count) + 1);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    out.labels.push_back(in.readU32());
  out.labels.push_back(in.readU32());
}

/// Of the flags, 1 says that the source may be null, 2 that the target may.
void InstructionReader::readCast(Instruction &out) {
  uint64_t start = in.offset();
  uint8_t flags = in.readByte();
  if (flags > 3)
    in.fail(start, "malformed cast flags " + hexByte(flags));
  out.index = in.readU32();
  ValType from = readHeapType(in), to = readHeapType(in);
  out.types = {from.withNull(flags & 1), to.withNull(flags & 2)};
}

void InstructionReader::readCatches(Instruction &out) {
  uint32_t count = in.readCount(/*elementSize=*/2);
  out.catches.clear();
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    uint64_t start = in.offset();
    uint8_t kind = in.readByte();
    if (kind > static_cast<uint8_t>(CatchClause::Kind::CatchAllRef))
      in.fail(start, "malformed catch clause " + hexByte(kind));
    CatchClause clause{static_cast<CatchClause::Kind>(kind), 0, 0};
    if (clause.hasTag())
      clause.tag = in.readU32();
    clause.label = in.readU32();
    out.catches.push_back(clause);
  }
}

void InstructionReader::readMemArg(Instruction &out) {
  constexpr uint32_t hasMemoryIndex = 0x40;
  uint64_t start = in.offset();
  uint32_t flags = in.readU32();
  if (flags >= 2 * hasMemoryIndex) {
    in.fail(start, "malformed memop flags " + hexByte(flags));
    return;
  }
  out.memory.alignLog2 = flags & (hasMemoryIndex - 1);
  out.memory.memory = flags & hasMemoryIndex ? in.readU32() : 0;
  out.memory.offset = in.readU64();
}

} // namespace wasmetal
