// Matching of types:
// https://webassembly.github.io/spec/core/valid/matching.html
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// Whether a value of type `actual` may stand where `expected` is wanted.
/// Types of the same module; all type indices are in range.
bool isSubtype(const Module &module, ValType actual, ValType expected);

/// The same for defined types: `actual` is `expected` or declares it, directly
/// or not, as a supertype.
bool isDefinedSubtype(const Module &module, uint32_t actual, uint32_t expected);

/// Whether the structure of `actual` allows it to declare `expected` as its
/// supertype.
bool isStructuralSubtype(const Module &module, const DefinedType &actual,
                         const DefinedType &expected);

/// The abstract type on top of a reference's hierarchy, and nullable.
ValType topOf(const Module &module, ValType reference);

} // namespace wasmetal
