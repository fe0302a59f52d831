// Loading a compiled module: into this process, or into one of its target's.
#pragma once

#include "runtime/abi.h"

#include <string>

namespace spec {

/// Returns the descriptor that the shared library has by the name `symbol`, or
/// null and why.
const wm_module *loadLibrary(const std::string &path, const std::string &symbol,
                             std::string &message);

} // namespace spec
