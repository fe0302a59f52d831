// Tables whose elements are known when compiling and never change. Most
// producers' tables of function pointers are of this kind.
#pragma once

#include "compiler/emit/module_emitter.h"

namespace wasmetal {

/// What stands in an entry in place of a type (wm_entry of runtime/abi.h).
constexpr uint32_t NoEntry = ~0u;       // before the first: for other indices
constexpr uint32_t NullEntry = ~0u - 1; // a null reference

/// The elements of a table, by function index, ~0u for null. Empty where the
/// table may be changed or is not known: something else than active segments
/// at constant places gives it its elements, others have access to it, or it
/// has functions of other instances.
std::vector<uint32_t> fixedElements(const Module &module, uint32_t table);

/// The number that stands for a function type in entries: the same for equal
/// types.
uint32_t entryType(const Module &module, uint32_t typeIndex);

/// Gives the constant of a fixed table its value: {i32 type, i32 distance of
/// the code from the constant's start} for NoEntry and then each element.
void defineFixedTable(ModuleEmitter &emitter, uint32_t table);

} // namespace wasmetal
