// Accesses that happen as a whole or not at all.
#pragma once

#include "compiler/compile.h"

#include "llvm/IR/Module.h"

namespace wasmetal {

/// Where a fault is the trap: makes stores of guest code that the system may
/// refuse touch their last byte first, where the processor might otherwise have
/// stored the first ones; and keeps loads of vectors from being a part of
/// instructions that load less. To be run behind the optimiser.
void keepAccessesWhole(llvm::Module &module, const CompileOptions &options);

} // namespace wasmetal
