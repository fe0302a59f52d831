// Which functions take part in tail calls. Only they need a convention under
// which any function can take another's place; the others get a cheaper one.
#pragma once

#include "compiler/wasm/module.h"

namespace wasmetal {

/// Sets Function::isInTailCall of all that end with a tail call or are named
/// by one. Bodies that cannot be decoded count up to their error, which the
/// validator reports.
void markTailCalls(Module &module);

} // namespace wasmetal
