// A look at a text before libwabt parses it.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace wasmetal {

/// Refuses what libwabt would abort on or overflow its stack with: quoted
/// modules and deep nesting. Errors: Diagnostic (Unsupported, with line and
/// column in the message).
llvm::Error checkBeforeParsing(llvm::StringRef source);

} // namespace wasmetal
