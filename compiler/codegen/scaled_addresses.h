// Addresses of elements, in the form that costs of loops are reckoned for.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// Makes an index into elements of a distance in bytes that is a product.
class ScaledAddressesPass : public llvm::PassInfoMixin<ScaledAddressesPass> {
public:
  llvm::PreservedAnalyses run(llvm::Function &,
                              llvm::FunctionAnalysisManager &);
};

} // namespace wasmetal
