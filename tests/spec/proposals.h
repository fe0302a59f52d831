// Which proposal a script of the suite tests.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace spec {

/// By the names of --features where there are such; "core" for the others.
std::string proposalOf(llvm::StringRef script);

} // namespace spec
