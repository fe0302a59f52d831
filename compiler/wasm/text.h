// The text format, by libwabt: the only file that knows of it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace wasmetal {

/// Assembles a `.wat` source (with names kept as a name section).
/// Errors: Diagnostic (Malformed, also for what libwabt does not know). Their
/// message starts with `line:column: `; as for binaries, the caller puts the
/// file's name in front.
llvm::Expected<std::vector<uint8_t>> assembleText(llvm::StringRef source,
                                                  llvm::StringRef fileName);

} // namespace wasmetal
