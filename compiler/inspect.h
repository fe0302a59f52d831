// `wasmetal inspect`: what a module is made of and needs, for people.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

namespace wasmetal {

/// Validates the module, and prints what it has. What the compiler lacks for
/// its functions is printed too instead of being an error.
llvm::Error inspectModule(llvm::ArrayRef<uint8_t> bytes, llvm::StringRef name,
                          llvm::raw_ostream &out);

} // namespace wasmetal
