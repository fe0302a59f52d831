// Tables whose elements are known when compiling and never change. Most
// producers' tables of function pointers are of this kind.
#pragma once

#include "compiler/emit/module_emitter.h"

#include <optional>

namespace wasmetal {

/// What stands in an entry in place of a type (wm_entry of runtime/abi.h).
constexpr uint32_t NoEntry = ~0u;       // behind the last: for other indices
constexpr uint32_t NullEntry = ~0u - 1; // a null reference

/// The number that stands for a function type in entries: the same for equal
/// types.
inline uint32_t entryType(const Module &module, uint32_t typeIndex) {
  return module.types[typeIndex].firstEqual;
}

/// Gives the constant of a fixed table its value: {i32 type, i32 code} for each
/// element and then NoEntry. Code is its place, or its distance from the
/// constant's start where it may be anywhere.
void defineFixedTable(ModuleEmitter &emitter, uint32_t table);

/// The value of an expression that is a single integer constant.
std::optional<uint64_t> constantOf(const ConstExpr &expression);

} // namespace wasmetal
