// Which loop a remark is about.
#pragma once

#include "llvm/Analysis/LoopInfo.h"

#include <string>

namespace wasmetal {

/// The function, the place in the file of the loop's first access of memory,
/// and its depth; nothing, if there is no access that may be versioned.
std::string placeOf(const llvm::Loop &loop);

} // namespace wasmetal
