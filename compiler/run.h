// `wasmetal run`: compile into a cache that only its owner can write, then
// become the program.
#pragma once

#include "compiler/options.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>

namespace wasmetal {

/// Names what a compiled program depends on: the module's bytes, the options
/// that reach its code, the processor, the compiler and its runtime.
std::string cacheKey(llvm::ArrayRef<uint8_t> bytes,
                     const CompileOptions &options);

/// Finds the program in the cache or has `build` write it there, then executes
/// it. Returns only on failure.
llvm::Error
runModule(llvm::ArrayRef<uint8_t> bytes, const Options &options,
          const std::function<llvm::Error(const CompileOptions &,
                                          llvm::StringRef path)> &build);

} // namespace wasmetal
