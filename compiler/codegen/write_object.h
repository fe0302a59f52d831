// Machine code, bitcode or text from an optimised module.
#pragma once

#include "compiler/compile.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace wasmetal {

using FileBytes = llvm::SmallVector<char, 0>;

/// Runs the code generator; the module is unusable afterwards.
llvm::Error writeObject(llvm::Module &module, llvm::TargetMachine &machine,
                        FileBytes &out);
llvm::Error writeAssembly(llvm::Module &module, llvm::TargetMachine &machine,
                          FileBytes &out);
void writeBitcode(const llvm::Module &module, FileBytes &out);
void writeIrText(const llvm::Module &module, FileBytes &out);

} // namespace wasmetal
