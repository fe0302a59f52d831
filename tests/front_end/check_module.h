// The front end from bytes to validated functions, as the tests run it.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace wasmetal {

struct CheckTiming {
  double read = 0; // seconds
  double validate = 0;
  size_t codeBytes = 0;
};

/// Reads the module, validates it and all its functions, and decodes each
/// validated function once more, as an emitter would.
llvm::Error checkModule(llvm::ArrayRef<uint8_t> bytes,
                        CheckTiming *timing = nullptr);

} // namespace wasmetal
