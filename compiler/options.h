// The command line, turned into what the pipeline and `wasmetal run` need.
// Nothing behind this file knows how an option is spelled.
#pragma once

#include "compiler/compile.h"

#include <optional>
#include <string>
#include <vector>

namespace wasmetal {

/// What a shell sees. A guest's own exit code passes through `run`.
enum ExitCode : int {
  ExitSuccess = 0,
  ExitFailure = 1, // the file cannot be compiled
  ExitUsage = 2,   // the command line is wrong
};

struct Options {
  CompileOptions compile;
  std::string input;  // "-": standard input
  std::string output; // empty for `run`

  bool inspect = false; // the input is all that counts then
  bool size = false;    // likewise
  bool run = false;
  std::string invoke; // --invoke: the export to call
  bool hasInvoke = false;
  std::string argv0;                  // --argv0; empty: the file's name
  std::vector<std::string> arguments; // the guest's, without argv[0]
};

/// Parses the command line. Returns the exit code when there is nothing left
/// to do: help was printed, or the usage was wrong and has been reported.
std::optional<int> parseOptions(int argc, char **argv, Options &options);

} // namespace wasmetal
