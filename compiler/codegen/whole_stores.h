// Stores that happen as a whole or not at all.
#pragma once

#include "compiler/compile.h"

#include "llvm/IR/Module.h"

namespace wasmetal {

/// Makes stores of guest code that the system may refuse touch their last byte
/// first, where the processor might otherwise have stored the first ones.
/// To be run behind the optimiser.
void keepStoresWhole(llvm::Module &module, const CompileOptions &options);

} // namespace wasmetal
