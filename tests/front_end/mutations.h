// Modules that are nearly right: small changes of modules that are.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace wasmetal {

using Bytes = std::vector<uint8_t>;

/// The modules of files and folders that the front end accepts, in an order
/// that does not depend on the file system.
std::vector<Bytes> readCorpus(llvm::ArrayRef<std::string> paths);

/// The mutation of a number, the same in every process.
Bytes mutation(const std::vector<Bytes> &corpus, uint64_t seed,
               uint64_t number);

} // namespace wasmetal
