// Type identity across modules, and within one.
#pragma once

#include "compiler/wasm/types.h"

namespace wasmetal {

/// Sets the canonical ids of the recursion group that starts at `groupStart`
/// and ends the vector. All earlier groups have theirs.
void setCanonicalIds(llvm::MutableArrayRef<DefinedType> types,
                     uint32_t groupStart);

/// Sets DefinedType::firstEqual of all types of a module.
void numberTypes(llvm::MutableArrayRef<DefinedType> types);

} // namespace wasmetal
