// LLVM's optimiser over emitted code and the runtime functions inlined there.
#pragma once

#include "compiler/compile.h"

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace wasmetal {

void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              const CompileOptions &options);

} // namespace wasmetal
