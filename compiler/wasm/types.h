// WebAssembly's types: value, reference, heap, function, struct, array,
// recursion groups and subtyping.
// https://webassembly.github.io/spec/core/syntax/types.html
//
// A defined type is known by its canonical id: two types are equal if and only
// if their canonical ids are, in whichever modules they stand.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace wasmetal {

enum class ValKind : uint8_t { I32, I64, F32, F64, V128, Ref, Bottom };

/// Heap types: the abstract ones, or `Index` for a defined type.
enum class HeapKind : uint8_t {
  Func,
  NoFunc,
  Extern,
  NoExtern,
  Any,
  Eq,
  I31,
  Struct,
  Array,
  None,
  Exn,
  NoExn,
  Bottom, // below all others: of a reference in unreachable code
  Index,
};

struct ValType {
  ValKind kind = ValKind::Bottom;
  bool nullable = false;          // for Ref
  HeapKind heap = HeapKind::Func; // for Ref
  uint32_t typeIndex = 0;         // for Ref with heap == Index

  constexpr bool operator==(const ValType &) const = default;
  constexpr bool isRef() const { return kind == ValKind::Ref; }
  constexpr bool isNumeric() const { return kind <= ValKind::F64; }
  /// Whether a local may start as zero or null.
  constexpr bool isDefaultable() const { return !isRef() || nullable; }
  constexpr ValType withNull(bool isNullable) const {
    ValType type = *this;
    type.nullable = isNullable;
    return type;
  }

  static constexpr ValType i32() { return {ValKind::I32}; }
  static constexpr ValType i64() { return {ValKind::I64}; }
  static constexpr ValType f32() { return {ValKind::F32}; }
  static constexpr ValType f64() { return {ValKind::F64}; }
  static constexpr ValType v128() { return {ValKind::V128}; }
  static constexpr ValType bottom() { return {ValKind::Bottom}; }
  static constexpr ValType ref(HeapKind heap, bool nullable = true) {
    return {ValKind::Ref, nullable, heap};
  }
  static constexpr ValType refIndex(uint32_t index, bool nullable) {
    return {ValKind::Ref, nullable, HeapKind::Index, index};
  }
  static constexpr ValType funcref() { return ref(HeapKind::Func); }
  static constexpr ValType externref() { return ref(HeapKind::Extern); }
};

/// The text format's name: `i32`, `funcref`, `(ref null 3)`.
std::string toString(ValType type);
std::string toString(llvm::ArrayRef<ValType> types); // `[i32 i64]`

struct FuncType {
  std::vector<ValType> params;
  std::vector<ValType> results;
  bool operator==(const FuncType &) const = default;
};

std::string toString(const FuncType &type); // `[i32] -> []`

enum class PackedKind : uint8_t { None, I8, I16 };

struct FieldType {
  ValType type;
  PackedKind packed = PackedKind::None;
  bool isMutable = false;
  bool operator==(const FieldType &) const = default;
};

enum class CompositeKind : uint8_t { Func, Struct, Array };

/// SHA-256 of the canonical recursion group, followed by the position in it.
using CanonicalId = std::array<uint8_t, 32>;

/// One entry of the type index space: a subtype of a recursion group.
struct DefinedType {
  CompositeKind kind = CompositeKind::Func;
  FuncType func;                 // kind == Func
  std::vector<FieldType> fields; // Struct, or the one field of Array
  bool isFinal = true;
  llvm::SmallVector<uint32_t, 1> supertypes;
  uint32_t groupStart = 0; // first index of its recursion group
  uint32_t groupSize = 1;
  uint64_t offset = 0; // in the file
  /// Identity over all modules. The module reader fills it in.
  CanonicalId canonical{};
  /// Identity within the module: the first of its types that is equal.
  uint32_t firstEqual = 0;
};

enum class IndexType : uint8_t { I32, I64 };

struct Limits {
  uint64_t minimum = 0;
  uint64_t maximum = 0; // valid if hasMaximum
  bool hasMaximum = false;
  bool isShared = false;
  IndexType indexType = IndexType::I32;
};

constexpr bool is64(const Limits &limits) {
  return limits.indexType == IndexType::I64;
}
/// Of addresses and sizes.
constexpr ValType addressType(const Limits &limits) {
  return is64(limits) ? ValType::i64() : ValType::i32();
}

struct MemoryType {
  Limits limits; // in pages
  uint8_t pageSizeLog2 = 16;
};

/// As many as addresses reach; and with pages of one byte, as sizes can count.
constexpr uint64_t mostPages(const MemoryType &type) {
  uint64_t addresses = is64(type.limits) ? UINT64_MAX : UINT32_MAX;
  return type.pageSizeLog2 ? (addresses >> type.pageSizeLog2) + 1 : addresses;
}

struct TableType {
  ValType element = ValType::funcref();
  Limits limits; // in elements
};

struct GlobalType {
  ValType type;
  bool isMutable = false;
};

} // namespace wasmetal
