// Loops whose accesses have several widths.
#pragma once

#include "llvm/IR/Function.h"

namespace wasmetal {

/// Whether LoopLoadElimination might forward what a store of another width has
/// written to since: of LLVM 22, that is a defect
/// (https://github.com/llvm/llvm-project/issues/224832).
bool mixesWidths(llvm::Function &function);

} // namespace wasmetal
