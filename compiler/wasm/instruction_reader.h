// Decodes one instruction at a time from a function body or a constant
// expression. https://webassembly.github.io/spec/core/binary/instructions.html
#pragma once

#include "compiler/wasm/byte_reader.h"
#include "compiler/wasm/module.h"
#include "compiler/wasm/opcodes.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace wasmetal {

struct MemArg {
  uint32_t alignLog2 = 0;
  uint32_t memory = 0;
  uint64_t offset = 0;
};

/// A block's type: none, one result, or a function type.
struct BlockType {
  enum class Kind : uint8_t { Empty, Value, Index } kind = Kind::Empty;
  ValType value;
  uint32_t typeIndex = 0;
};

/// A clause of try_table.
struct CatchClause {
  enum class Kind : uint8_t { Catch, CatchRef, CatchAll, CatchAllRef } kind;
  uint32_t tag; // of Catch and CatchRef
  uint32_t label;

  bool hasTag() const { return kind < Kind::CatchAll; }
  bool hasRef() const {
    return kind == Kind::CatchRef || kind == Kind::CatchAllRef;
  }
};

/// The fields that an opcode's immediate kind (opcodes.def) names are set.
struct Instruction {
  Opcode op = Opcode::Unreachable;
  uint64_t offset = 0; // of the opcode's first byte, in the file
  uint32_t index = 0;  // label, function, local, global, table, type, segment,
                       // lane
  uint32_t index2 = 0; // second index: see opcodes.def
  MemArg memory;
  BlockType block;
  ValType type;                       // a heap type, as its nullable reference
  uint64_t bits = 0;                  // constants: the value's bits
  std::array<uint8_t, 16> bytes = {}; // v128.const, i8x16.shuffle
  llvm::SmallVector<uint32_t, 4> labels; // br_table: targets, default last
  llvm::SmallVector<CatchClause, 2> catches;
  llvm::SmallVector<ValType, 2> types; // select t*, casts: from, to
};

inline bool isTailCall(Opcode op) {
  return op == Opcode::ReturnCall || op == Opcode::ReturnCallIndirect ||
         op == Opcode::ReturnCallRef;
}

/// Reads from a span whose first byte stands at `offset` of the file. Latches
/// its first error; after an error `next` returns false.
class InstructionReader {
public:
  InstructionReader(llvm::ArrayRef<uint8_t> bytes, uint64_t offset)
      : in(bytes, offset) {}
  /// Of a function's body: skips the declarations of its locals, after having
  /// told `onLocals` of each. For those who look at bodies before validation.
  explicit InstructionReader(
      const Function &function,
      llvm::function_ref<void(uint64_t offset, ValType)> onLocals = {});

  /// Decodes the next instruction into `out` (reusing its storage). Returns
  /// false at the end of the span or after an error.
  bool next(Instruction &out);
  bool atEnd() const { return in.atEnd(); }
  uint64_t offset() const { return in.offset(); }

  bool failed() const { return in.failed(); }
  uint64_t errorOffset() const { return in.firstError().offset(); }
  const std::string &error() const { return in.firstError().message(); }
  DiagnosticKind errorKind() const { return in.firstError().kind(); }

private:
  bool readOpcode(Instruction &out);
  void readImmediate(Immediate immediate, Instruction &out);
  void readLabelTable(Instruction &out);
  void readCast(Instruction &out);
  void readCatches(Instruction &out);
  void readMemArg(Instruction &out);

  ByteReader in;
};

} // namespace wasmetal
