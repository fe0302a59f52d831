// What the runtime's main finds in an executable: see runtime/program.h.
#pragma once

#include "compiler/compile.h"

#include "llvm/IR/Module.h"

namespace wasmetal {

/// Adds wm_main_module and wm_main_options to the module with the descriptor.
void emitProgram(llvm::Module &module, const wasmetal::Module &wasm,
                 const CompileOptions &options);

} // namespace wasmetal
