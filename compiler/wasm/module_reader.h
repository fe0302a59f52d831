// Reads the binary format into a Module, without function bodies.
// https://webassembly.github.io/spec/core/binary/modules.html
#pragma once

#include "compiler/wasm/module.h"

#include "llvm/Support/Error.h"

#include <memory>

namespace wasmetal {

/// Whether the bytes start like a binary module or component (`\0asm`).
bool isBinary(llvm::ArrayRef<uint8_t> bytes);

/// Reads all sections; function bodies are only delimited. `bytes` must
/// outlive the module. Errors: Diagnostic (Malformed, Invalid where a limit of
/// the grammar is broken, Unsupported for a component). Memory used is a small
/// multiple of what the sections hold, whatever counts they claim.
llvm::Expected<std::unique_ptr<Module>>
readModule(llvm::ArrayRef<uint8_t> bytes);

} // namespace wasmetal
