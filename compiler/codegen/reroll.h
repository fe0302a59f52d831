// Producers of WebAssembly unroll loops. LLVM vectorises what steps by one
// element, and unrolled loops badly: here copies of a body become one again.
#pragma once

#include "compiler/codegen/counted_loop.h"

namespace wasmetal {

/// Makes one body of the loop's, if it consists of several that differ in their
/// places in memory only.
bool reroll(const CountedLoop &counted);

} // namespace wasmetal
