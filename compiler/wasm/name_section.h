// The debug names of a custom section.
// https://webassembly.github.io/spec/core/appendix/custom.html#name-section
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// Sets the names of module and functions. A malformed section changes
/// nothing: the specification wants it ignored.
void readNameSection(llvm::ArrayRef<uint8_t> contents, Module &module);

} // namespace wasmetal
