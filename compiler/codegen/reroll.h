// Producers of WebAssembly unroll loops. LLVM vectorises what steps by one
// element, and unrolled loops badly: here copies of a body become one again.
#pragma once

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Instructions.h"

namespace wasmetal {

/// A loop of a fast copy: it leaves in the iteration in which `number`, from 0,
/// is `last`, by its only exit. Its accesses do not trap, and their pointers
/// are a row plus number * step plus a constant.
struct CountedLoop {
  llvm::Loop *loop;
  llvm::PHINode *number;
  llvm::ICmpInst *exit; // compares number and last
  llvm::Value *last;    // i64, below 2^32
};

/// Makes one body of the loop's, if it consists of several that differ in their
/// places in memory only.
bool reroll(const CountedLoop &counted);

} // namespace wasmetal
