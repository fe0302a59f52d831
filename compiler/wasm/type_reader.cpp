// Types are parsed in full, also those that the compiler refuses later: the
// refusal can then name what it refuses.
// https://webassembly.github.io/spec/core/binary/types.html
#include "compiler/wasm/type_reader.h"

#include "compiler/wasm/canonical_types.h"

#include "llvm/ADT/StringExtras.h"

namespace wasmetal {

namespace {

/// The lead bytes of types.
enum TypeByte : uint8_t {
  ByteI32 = 0x7f,
  ByteI64 = 0x7e,
  ByteF32 = 0x7d,
  ByteF64 = 0x7c,
  ByteV128 = 0x7b,
  ByteI8 = 0x78,
  ByteI16 = 0x77,
  ByteRef = 0x64,
  ByteRefNull = 0x63,
  ByteExact = 0x62,
  ByteFunc = 0x60,
  ByteStruct = 0x5f,
  ByteArray = 0x5e,
  ByteSub = 0x50,
  ByteSubFinal = 0x4f,
  ByteRec = 0x4e,
  ByteDescribes = 0x4d,
  ByteDescriptor = 0x4c,
  ByteEmptyBlock = 0x40,
};

} // namespace

static std::string hexByte(uint8_t byte) {
  return "0x" + llvm::utohexstr(byte, /*LowerCase=*/true, /*Width=*/2);
}

static std::optional<HeapKind> abstractHeapKind(uint8_t byte) {
  switch (byte) {
  case 0x74:
    return HeapKind::NoExn;
  case 0x73:
    return HeapKind::NoFunc;
  case 0x72:
    return HeapKind::NoExtern;
  case 0x71:
    return HeapKind::None;
  case 0x70:
    return HeapKind::Func;
  case 0x6f:
    return HeapKind::Extern;
  case 0x6e:
    return HeapKind::Any;
  case 0x6d:
    return HeapKind::Eq;
  case 0x6c:
    return HeapKind::I31;
  case 0x6b:
    return HeapKind::Struct;
  case 0x6a:
    return HeapKind::Array;
  case 0x69:
    return HeapKind::Exn;
  default:
    return std::nullopt;
  }
}

/// A type index where the grammar also has one-byte forms: a non-negative s33.
static uint32_t readTypeIndexS33(ByteReader &in, const char *what) {
  uint64_t start = in.offset();
  uint8_t lead = in.peekByte();
  int64_t index = in.readS33();
  if (index >= 0)
    return static_cast<uint32_t>(index);
  in.fail(start, "malformed " + llvm::Twine(what) + " " + hexByte(lead));
  return 0;
}

static void refuseCustomDescriptors(ByteReader &in) {
  in.fail(in.offset(), "custom descriptors are not supported yet",
          DiagnosticKind::Unsupported);
}

ValType readHeapType(ByteReader &in) {
  if (in.peekByte() == ByteExact)
    refuseCustomDescriptors(in);
  if (std::optional<HeapKind> kind = abstractHeapKind(in.peekByte())) {
    in.readByte();
    return ValType::ref(*kind);
  }
  return ValType::refIndex(readTypeIndexS33(in, "heap type"), true);
}

/// A value type by its lead byte, which is consumed if it is one.
static std::optional<ValType> tryReadValType(ByteReader &in) {
  uint8_t byte = in.peekByte();
  if (std::optional<HeapKind> kind = abstractHeapKind(byte)) {
    in.readByte();
    return ValType::ref(*kind);
  }
  ValType type;
  switch (byte) {
  case ByteI32:
    type = ValType::i32();
    break;
  case ByteI64:
    type = ValType::i64();
    break;
  case ByteF32:
    type = ValType::f32();
    break;
  case ByteF64:
    type = ValType::f64();
    break;
  case ByteV128:
    type = ValType::v128();
    break;
  case ByteRef:
  case ByteRefNull:
    in.readByte();
    type = readHeapType(in);
    type.nullable = byte == ByteRefNull;
    return type;
  default:
    return std::nullopt;
  }
  in.readByte();
  return type;
}

ValType readValType(ByteReader &in) {
  if (std::optional<ValType> type = tryReadValType(in))
    return *type;
  uint64_t start = in.offset();
  uint8_t byte = in.readByte();
  in.fail(start, "malformed value type " + hexByte(byte));
  return ValType::i32();
}

ValType readRefType(ByteReader &in) {
  uint64_t start = in.offset();
  ValType type = readValType(in);
  if (!type.isRef())
    in.fail(start, "malformed reference type: found " + toString(type));
  return type;
}

BlockType readBlockType(ByteReader &in) {
  BlockType block;
  if (in.peekByte() == ByteEmptyBlock) {
    in.readByte();
    return block;
  }
  if (std::optional<ValType> type = tryReadValType(in)) {
    block.kind = BlockType::Kind::Value;
    block.value = *type;
    return block;
  }
  block.kind = BlockType::Kind::Index;
  block.typeIndex = readTypeIndexS33(in, "block type");
  return block;
}

bool readMutability(ByteReader &in) {
  uint64_t start = in.offset();
  uint8_t byte = in.readByte();
  if (byte > 1)
    in.fail(start, "malformed mutability " + hexByte(byte));
  return byte == 1;
}

/// The flags of limits: 1 a maximum, 2 shared, 4 64-bit, 8 a page size.
static Limits readLimits(ByteReader &in, uint8_t allowed, bool *hasPageSize) {
  Limits limits;
  uint64_t start = in.offset();
  uint8_t flags = in.readByte();
  if (flags & ~allowed) {
    in.fail(start, "malformed limits flags " + hexByte(flags));
    return limits;
  }
  limits.hasMaximum = flags & 1;
  limits.isShared = flags & 2;
  limits.indexType = flags & 4 ? IndexType::I64 : IndexType::I32;
  if (hasPageSize)
    *hasPageSize = flags & 8;
  limits.minimum = in.readU64();
  if (limits.hasMaximum)
    limits.maximum = in.readU64();
  return limits;
}

TableType readTableType(ByteReader &in) {
  TableType type;
  type.element = readRefType(in);
  type.limits = readLimits(in, 1 | 2 | 4, nullptr);
  return type;
}

MemoryType readMemoryType(ByteReader &in) {
  MemoryType type;
  bool hasPageSize = false;
  type.limits = readLimits(in, 1 | 2 | 4 | 8, &hasPageSize);
  if (!hasPageSize)
    return type;
  uint64_t start = in.offset();
  uint32_t pageSizeLog2 = in.readU32();
  if (pageSizeLog2 > 63)
    in.fail(start, "malformed page size 2^" + llvm::Twine(pageSizeLog2));
  type.pageSizeLog2 = static_cast<uint8_t>(pageSizeLog2);
  return type;
}

GlobalType readGlobalType(ByteReader &in) {
  GlobalType type;
  type.type = readValType(in);
  type.isMutable = readMutability(in);
  return type;
}

static uint32_t readLimitedCount(ByteReader &in, uint32_t maximum,
                                 const char *what) {
  uint64_t start = in.offset();
  uint32_t count = in.readCount();
  if (count <= maximum)
    return count;
  in.fail(start,
          "too many " + llvm::Twine(what) + ": " + llvm::Twine(count) +
              ", the limit is " + llvm::Twine(maximum),
          DiagnosticKind::Unsupported);
  return 0;
}

static void readResultType(ByteReader &in, uint32_t maximum, const char *what,
                           std::vector<ValType> &types) {
  uint32_t count = readLimitedCount(in, maximum, what);
  types.reserve(count);
  for (uint32_t i = 0; i < count && !in.failed(); i++)
    types.push_back(readValType(in));
}

static FieldType readFieldType(ByteReader &in) {
  FieldType field;
  uint8_t byte = in.peekByte();
  if (byte == ByteI8 || byte == ByteI16) {
    in.readByte();
    field.packed = byte == ByteI8 ? PackedKind::I8 : PackedKind::I16;
    field.type = ValType::i32();
  } else {
    field.type = readValType(in);
  }
  field.isMutable = readMutability(in);
  return field;
}

static void readCompositeType(ByteReader &in, DefinedType &type) {
  uint64_t start = in.offset();
  if (in.peekByte() == ByteDescribes || in.peekByte() == ByteDescriptor)
    refuseCustomDescriptors(in);
  uint8_t form = in.readByte();
  switch (form) {
  case ByteFunc:
    type.kind = CompositeKind::Func;
    readResultType(in, maxParams, "parameters", type.func.params);
    readResultType(in, maxResults, "results", type.func.results);
    return;
  case ByteStruct: {
    type.kind = CompositeKind::Struct;
    uint32_t count = readLimitedCount(in, maxFields, "fields");
    for (uint32_t i = 0; i < count && !in.failed(); i++)
      type.fields.push_back(readFieldType(in));
    return;
  }
  case ByteArray:
    type.kind = CompositeKind::Array;
    type.fields.push_back(readFieldType(in));
    return;
  default:
    in.fail(start, "malformed type definition " + hexByte(form));
  }
}

static void readSubType(ByteReader &in, DefinedType &type) {
  uint8_t form = in.peekByte();
  if (form == ByteSub || form == ByteSubFinal) {
    in.readByte();
    type.isFinal = form == ByteSubFinal;
    uint32_t count = in.readCount();
    for (uint32_t i = 0; i < count && !in.failed(); i++)
      type.supertypes.push_back(in.readU32());
  }
  readCompositeType(in, type);
}

/// Whether all references stay below `limit`; else reports the first.
static void checkReferences(ByteReader &in, const DefinedType &type,
                            uint32_t limit) {
  auto check = [&](uint32_t index) {
    if (index >= limit)
      in.fail(type.offset,
              "unknown type " + llvm::Twine(index) +
                  " in a type definition that may refer to types below " +
                  llvm::Twine(limit),
              DiagnosticKind::Invalid);
  };
  auto checkValue = [&](ValType value) {
    if (value.isRef() && value.heap == HeapKind::Index)
      check(value.typeIndex);
  };
  for (uint32_t supertype : type.supertypes)
    check(supertype);
  for (ValType param : type.func.params)
    checkValue(param);
  for (ValType result : type.func.results)
    checkValue(result);
  for (const FieldType &field : type.fields)
    checkValue(field.type);
}

void readRecursionGroup(ByteReader &in, std::vector<DefinedType> &types) {
  uint64_t start = in.offset();
  uint32_t count = 1;
  if (in.peekByte() == ByteRec) {
    in.readByte();
    count = in.readCount(/*elementSize=*/2);
  }
  if (count > maxTypes - types.size()) {
    in.fail(start,
            "too many types: " + llvm::Twine(types.size() + count) +
                ", the limit is " + llvm::Twine(maxTypes),
            DiagnosticKind::Unsupported);
    return;
  }
  uint32_t groupStart = types.size();
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    DefinedType &type = types.emplace_back();
    type.offset = in.offset();
    type.groupStart = groupStart;
    type.groupSize = count;
    readSubType(in, type);
    checkReferences(in, type, groupStart + count);
  }
  if (!in.failed())
    setCanonicalIds(types, groupStart);
}

} // namespace wasmetal
