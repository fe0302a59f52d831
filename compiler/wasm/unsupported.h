// What WebAssembly has and this compiler does not have yet. Every refusal of a
// valid feature asks here, so that lifting one is a change in one place.
// https://webassembly.github.io/spec/core/appendix/changes.html
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// The plural name of the feature that an opcode which opcodes.def lacks
/// belongs to ("vector instructions"); empty if it is nobody's.
llvm::StringRef missingInstructions(uint8_t prefix, uint32_t code);

/// The plural name of the feature that a type belongs to; empty for a
/// supported type.
llvm::StringRef missingFeature(const Table &table);

} // namespace wasmetal
