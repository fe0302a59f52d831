// Values of the scripts: arguments, and the patterns that results must match.
#pragma once

#include "runtime/abi.h"

#include "llvm/Support/JSON.h"

#include <string>

namespace spec {

/// Sets `out` to the argument and returns true; false if this harness cannot
/// pass such a value.
bool parseArgument(const llvm::json::Object &value, uint8_t kind,
                   wm_value &out);

/// Whether a result of type `kind` is what the script expects.
bool matches(const llvm::json::Object &expected, uint8_t kind,
             const wm_value &actual);

std::string print(const llvm::json::Object &expected);
std::string print(uint8_t kind, const wm_value &value);

} // namespace spec
