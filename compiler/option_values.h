// What options' texts mean. Their values depend on one another; what
// contradicts itself or cannot be is wrong usage.
#pragma once

#include "compiler/options.h"

namespace wasmetal {

/// Wrong usage found after CLI11 has done its part.
struct UsageError {
  std::string message;
};

/// Options whose text still has to be understood.
struct RawOptions {
  std::string level = "2";
  std::string target = hostTarget().name.str();
  std::string cpu;    // empty: the target's default
  std::string memory; // likewise
  std::string traps = "exact";
  std::string relaxedSimd = "native";
  std::string features;
  std::string emit;
  std::string header;
  std::string imports;
  std::string maxMemory;
  std::string memorySize;
  std::string stackSize;
  std::string name;
  std::string resourceDir;
  std::vector<std::string> directories;
  std::vector<std::string> environment;
  bool debug = false;
  bool strip = false;
};

/// What --emit takes.
std::vector<std::string> outputNames();

/// Throws UsageError. `argv0` is what the command was called by.
void understand(const RawOptions &raw, const char *argv0, Options &options);

} // namespace wasmetal
