// The text format, by libwabt: the only file that knows of it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace wasmetal {

/// Assembles a `.wat` source (with names kept as a name section).
/// `fileName` is for messages. Errors: Diagnostic (Malformed with line and
/// column in the message; Unsupported for what libwabt does not know).
llvm::Expected<std::vector<uint8_t>> assembleText(llvm::StringRef source,
                                                  llvm::StringRef fileName);

} // namespace wasmetal
