// What LLVM cannot report by an error ends the process: as any other failure
// does, with one line, no files left behind, and exit code 1.
#pragma once

#include <string>

namespace wasmetal {

/// Holds for the rest of the process. `input` is named in the line, and must
/// outlive the compilation.
void reportFatalErrors(const std::string &input);

} // namespace wasmetal
