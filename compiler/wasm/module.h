// A WebAssembly module as its sections declare it; function bodies stay where
// they are in the file.
// https://webassembly.github.io/spec/core/syntax/modules.html
//
// The module refers to the bytes that it was read from: they must outlive it.
#pragma once

#include "compiler/wasm/types.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace wasmetal {

enum class ExternKind : uint8_t { Function, Table, Memory, Global, Tag };

/// The specification's word for it.
constexpr llvm::StringLiteral nameOf(ExternKind kind) {
  constexpr llvm::StringLiteral names[] = {"function", "table", "memory",
                                           "global", "tag"};
  return names[static_cast<size_t>(kind)];
}

/// A constant expression: a span of the file that the reader decoded and the
/// validator checked, ending with its `end`. Decode it with InstructionReader.
struct ConstExpr {
  uint64_t offset = 0; // of the first byte, in the file
  llvm::ArrayRef<uint8_t> bytes;
};

struct Import {
  llvm::StringRef module; // any bytes that are UTF-8
  llvm::StringRef name;
  ExternKind kind;
  uint32_t index; // in the index space of its kind
  uint64_t offset;
};

struct Export {
  llvm::StringRef name;
  ExternKind kind;
  uint32_t index;
  uint64_t offset;
};

struct Function {
  uint32_t typeIndex = 0;
  bool isImported = false;
  /// Whether `ref.func` may name it: it is exported or stands in an element
  /// segment or a global's initialiser.
  bool isDeclaredRef = false;
  /// How often elements, exports and constant expressions name it.
  uint32_t numNames = 0;
  // What bodies say (body_facts.h).
  /// Whether it ends with a tail call, or is named by one.
  bool isInTailCall = false;
  /// Whether `ref.func` names it in a body.
  bool isTaken = false;
  /// Whether an exception may leave it that no call in it brought.
  bool throwsItself = false;
  std::vector<uint32_t> callees;     // functions
  std::vector<uint32_t> calledTypes; // of calls through tables and references
  uint64_t offset = 0;               // of its declaration, in the file
  uint64_t bodyOffset = 0;           // file offset of the local declarations
  llvm::ArrayRef<uint8_t> body;      // local declarations, then the expression
  llvm::StringRef name;              // from the name section, or empty
  llvm::StringRef exportName;        // of its first export, or empty

  /// For messages and symbols.
  llvm::StringRef knownName() const { return name.empty() ? exportName : name; }
};

struct Table {
  TableType type;
  bool isImported = false;
  // Whether an instruction takes references from it or changes it
  // (body_facts.h).
  bool isRead = false, isWritten = false;
  std::optional<ConstExpr> init; // null references without one
  uint64_t offset = 0;           // in the file
};

struct Memory {
  MemoryType type;
  bool isImported = false;
  bool isGrown = false; // whether an instruction grows it (body_facts.h)
  uint64_t offset = 0;  // in the file
};

struct Tag {
  uint32_t typeIndex = 0;
  bool isImported = false;
  uint64_t offset = 0; // in the file
};

struct Global {
  GlobalType type;
  bool isImported = false;
  ConstExpr init;      // for defined globals
  uint64_t offset = 0; // in the file
};

enum class SegmentMode : uint8_t { Active, Passive, Declarative };

struct ElementSegment {
  SegmentMode mode = SegmentMode::Passive;
  uint32_t table = 0;    // for Active
  ConstExpr tableOffset; // for Active
  ValType type = ValType::funcref();
  /// Either function indices, or constant expressions; the other is empty.
  std::vector<uint32_t> functions;
  std::vector<ConstExpr> expressions;
  uint64_t offset = 0; // in the file
  size_t size() const {
    return expressions.empty() ? functions.size() : expressions.size();
  }
};

struct DataSegment {
  SegmentMode mode = SegmentMode::Passive;
  uint32_t memory = 0;
  ConstExpr memoryOffset; // for Active
  llvm::ArrayRef<uint8_t> bytes;
  uint64_t offset = 0; // in the file
};

struct Module {
  std::string name; // from the name section, or empty
  llvm::ArrayRef<uint8_t> bytes;
  std::vector<DefinedType> types;
  std::vector<Import> imports;
  // Index spaces: imported entries first.
  std::vector<Function> functions;
  std::vector<Table> tables;
  std::vector<Memory> memories;
  std::vector<Global> globals;
  std::vector<Tag> tags;
  std::vector<Export> exports;
  std::optional<uint32_t> start;
  uint64_t startOffset = 0; // in the file
  std::vector<ElementSegment> elements;
  std::vector<DataSegment> data;
  std::optional<uint32_t> dataCount;
  uint64_t dataCountOffset = 0; // in the file
  uint32_t numImportedFunctions = 0;
  uint32_t numImportedTables = 0;
  uint32_t numImportedMemories = 0;
  uint32_t numImportedGlobals = 0;
  uint32_t numImportedTags = 0;

  const FuncType &typeOfFunction(uint32_t functionIndex) const {
    return types[functions[functionIndex].typeIndex].func;
  }
  const FuncType &typeOfTag(uint32_t tagIndex) const {
    return types[tags[tagIndex].typeIndex].func;
  }
};

} // namespace wasmetal
