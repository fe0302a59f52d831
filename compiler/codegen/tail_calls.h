// Guaranteed tail calls, in the form that LLVM's code generators get right.
#pragma once

#include "compiler/targets.h"
#include "compiler/wasm/module.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace wasmetal {

/// Refuses tail calls for a target that has none.
llvm::Error checkTailCalls(const Module &module, const TargetInfo &target);

/// The last step before code generation.
void lowerTailCalls(llvm::Module &module);

} // namespace wasmetal
