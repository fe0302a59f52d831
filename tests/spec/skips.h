// What of the suite is left out, and why: tests/spec/skips.txt is the only
// place that says so. Format: see the head of that file.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace spec {

enum class SkipKind : uint8_t {
  Script,     // nothing of the script is run
  Refuse,     // modules may be refused as unsupported
  Command,    // the commands of some lines are not run
  MemoryTrap, // loads and stores that must trap are not run
};

struct Skip {
  SkipKind kind;
  std::vector<std::string> modes; // empty: all
  std::string pattern;            // of the script's name
  std::vector<uint32_t> lines;    // for Command
  std::string reason;
  uint32_t sourceLine; // in skips.txt
};

class SkipList {
public:
  /// False after printing what is wrong with the file.
  bool read(const std::string &path);

  /// The index of the first entry that applies, or -1. `mode` is a strategy's
  /// name or "front-end"; `message` is the compiler's, for Refuse.
  int find(SkipKind kind, llvm::StringRef mode, llvm::StringRef script,
           uint32_t line = 0, llvm::StringRef message = "") const;
  bool appliesTo(const Skip &skip, llvm::StringRef mode) const;

  std::vector<Skip> entries;
  std::string target; // counts as a mode, too
};

} // namespace spec
