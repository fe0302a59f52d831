// The enumeration of opcodes and what opcodes.def says of each.
#pragma once

#include "compiler/wasm/features.h"
#include "compiler/wasm/types.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace wasmetal {

enum class Opcode : uint16_t {
#define OPCODE(name, prefix, code, mnemonic, immediate, signature, feature)    \
  name,
#include "compiler/wasm/opcodes.def"
};

enum class Immediate : uint8_t {
  None,
  Block,        // block
  Label,        // index
  LabelTable,   // labels
  Function,     // index
  CallIndirect, // index = type, index2 = table
  Local,        // index
  Global,       // index
  Table,        // index
  TableTable,   // index = destination, index2 = source
  ElemTable,    // index = segment, index2 = table
  Elem,         // index
  MemArg,       // memory
  Memory,       // index
  MemoryMemory, // index = destination, index2 = source
  DataMemory,   // index = segment, index2 = memory
  Data,         // index
  I32,          // bits
  I64,          // bits
  F32,          // bits
  F64,          // bits
  V128,         // bytes
  Shuffle,      // bytes: lane numbers of two vectors
  Lane,         // index
  MemArgLane,   // memory, index = lane
  Atomic8,      // memory, aligned as the bytes that it touches
  Atomic16,     // likewise
  Atomic32,     // likewise
  Atomic64,     // likewise
  Zero,         // a byte without meaning
  SelectTypes,  // types
  HeapType,     // type
  Type,         // index
  TypeType,     // index = destination, index2 = source
  TypeField,    // index = type, index2 = field
  TypeCount,    // index = type, index2 = count
  TypeData,     // index = type, index2 = segment
  TypeElem,     // index = type, index2 = segment
  Cast,         // index = label, types = from and to
  Tag,          // index
  TryTable,     // block, catches
};

/// What opcodes.def says. `params` and `results` hold for instructions of a
/// fixed signature; `isFixed` is false for those validated one by one.
struct OpcodeInfo {
  llvm::StringRef mnemonic;
  Immediate immediate;
  Feature feature;
  bool isFixed;
  bool isEmitted;
  llvm::ArrayRef<ValType> params;
  llvm::ArrayRef<ValType> results;
};

const OpcodeInfo &opcodeInfo(Opcode op);

/// The opcode of a byte, or of a prefix byte (0xFB to 0xFE) and its number.
std::optional<Opcode> findOpcode(uint8_t prefix, uint32_t code);

} // namespace wasmetal
