// The C header of a module: what a host needs to use it.
#pragma once

#include "compiler/emit/emit.h"

#include <string>

namespace wasmetal {

/// Declarations of the descriptor, the typed functions and what the module
/// imports, with documentation. For C11 and C++.
std::string describeInC(const Module &module, const EmitOptions &options);

} // namespace wasmetal
