// Two copies of a nest: one as it was, and one whose accesses are plain.
#pragma once

#include "compiler/codegen/loop_nest.h"

namespace wasmetal {

/// Makes them of a nest that has been analysed, with the test that chooses.
/// False, and nothing has changed, where that cannot be, or the test would be
/// made of more than so many.
bool makeVersions(LoopNest &nest, size_t maxTests, llvm::LoopInfo &loops,
                  llvm::DominatorTree &dominators, llvm::ScalarEvolution &scev);

} // namespace wasmetal
