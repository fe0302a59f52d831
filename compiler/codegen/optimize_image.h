// The last look at firmware's code: the guest's and the runtime's together.
#pragma once

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace wasmetal {

/// What is known of the program makes the runtime smaller. Guest code is not
/// simplified again. `name`: the module's. `isProgram`: nothing but what the
/// port's library calls is called from outside.
void optimizeImage(llvm::Module &module, llvm::TargetMachine &machine,
                   llvm::StringRef name, bool isProgram);

} // namespace wasmetal
