// LLVM's optimiser over emitted code and the runtime functions inlined there.
#pragma once

#include "compiler/compile.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace wasmetal {

void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              const CompileOptions &options);

/// Of firmware, with the whole runtime in it: what is known of the program
/// makes the runtime smaller. Guest code is not simplified again.
void optimizeImage(llvm::Module &module, llvm::TargetMachine &machine);

} // namespace wasmetal
