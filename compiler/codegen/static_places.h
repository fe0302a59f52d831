// Addresses in an object of the image that begin at a constant place of it: the
// linker adds the constant to the object's address, as it does in native code.
// docs/decisions/0020-static-instance.md
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run last: LLVM moves constants outwards, where instructions have room
/// for small ones only.
class StaticPlacesPass : public llvm::PassInfoMixin<StaticPlacesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Module &module,
                              llvm::ModuleAnalysisManager &manager);
};

} // namespace wasmetal
