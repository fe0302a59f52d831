// What the process that runs a script tells the process that started it.
#pragma once

#include "llvm/ADT/Twine.h"

#include <cstdint>
#include <set>

namespace spec {

/// Shared memory: it outlives a crash of the script's process.
struct Progress {
  uint32_t total; // commands that count in this mode
  uint32_t passed;
  uint32_t failed;
  uint32_t skipped;
  uint32_t line; // of the command that is running
};

class Report {
public:
  Report(Progress &progress, int pipe, bool verbose)
      : progress(progress), pipe(pipe), verbose(verbose) {}

  void begin(uint32_t line) { progress.line = line; }
  void pass() { ++progress.passed; }
  void fail(const llvm::Twine &message);
  /// Counts the running command as left out because of an entry of the list.
  void skip(int entry, const llvm::Twine &detail = "");
  /// Counts nothing, but shows that the entry is still needed.
  void use(int entry);

  Progress &progress;

private:
  void send(char kind, const llvm::Twine &text);

  int pipe;
  bool verbose;
  std::set<int> used;
};

} // namespace spec
