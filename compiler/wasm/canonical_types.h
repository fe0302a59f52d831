// Type identity across modules.
#pragma once

#include "compiler/wasm/types.h"

namespace wasmetal {

/// Sets the canonical ids of the recursion group that starts at `groupStart`
/// and ends the vector. All earlier groups have theirs.
void setCanonicalIds(llvm::MutableArrayRef<DefinedType> types,
                     uint32_t groupStart);

} // namespace wasmetal
