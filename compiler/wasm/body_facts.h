// What all bodies together say of a module. The partitions of a module must
// agree on it before any of them is emitted.
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// Sets what Function and Table say of bodies. Bodies that cannot be decoded
/// count up to their error, which the validator reports; indices are those of
/// functions, types and tables that there are.
void gatherBodyFacts(Module &module);

} // namespace wasmetal
