// Which calls may end with an exception: only they are followed by a test.
#pragma once

#include "compiler/wasm/module.h"

#include <vector>

namespace wasmetal {

struct Throwing {
  std::vector<bool> functions; // by index
  std::vector<bool> types;     // calls through a table or reference, by type
};

/// Over the call graph. Bodies need not be valid: what does not decode is left
/// to the validator.
Throwing findThrowing(const Module &module);

} // namespace wasmetal
