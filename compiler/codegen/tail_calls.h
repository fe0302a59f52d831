// Guaranteed tail calls, in the form that LLVM's code generators get right.
#pragma once

#include "llvm/IR/Module.h"

namespace wasmetal {

/// The last step before code generation.
void lowerTailCalls(llvm::Module &module);

} // namespace wasmetal
