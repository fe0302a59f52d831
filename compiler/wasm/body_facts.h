// What all bodies together say of a module. The partitions of a module must
// agree on it before any of them is emitted.
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// Sets Function::isInTailCall of all that end with a tail call or are named
/// by one, and Table::isWritten of those that an instruction writes to. Bodies
/// that cannot be decoded count up to their error, which the validator reports.
void gatherBodyFacts(Module &module);

} // namespace wasmetal
