// WebAssembly's vectors have 128 bits, and LLVM leaves loops over them as they
// are. Where the processor's vectors are wider, several iterations become one,
// and two where they are not.
#pragma once

#include "llvm/IR/PassManager.h"

namespace wasmetal {

/// To be run after loops have been versioned.
/// docs/decisions/0030-wider-vectors.md says why it is sound.
class WidenVectorsPass : public llvm::PassInfoMixin<WidenVectorsPass> {
public:
  /// So many bits; or those of the function's target.
  explicit WidenVectorsPass(unsigned width = 0) : width(width) {}

  llvm::PreservedAnalyses run(llvm::Function &function,
                              llvm::FunctionAnalysisManager &manager);

private:
  unsigned width;
};

} // namespace wasmetal
