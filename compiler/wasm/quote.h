// Names from the guest in messages.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace wasmetal {

/// In double quotes. Control characters are escaped, so that a guest's names
/// cannot steer the user's terminal, and long names are cut.
std::string quote(llvm::StringRef name);

} // namespace wasmetal
