// Compares what programs do on several machines.
#pragma once

#include "tests/exact/machine.h"

#include "llvm/Support/Error.h"

#include <functional>

namespace exact {

struct Settings {
  uint64_t seed = 1;
  uint64_t start = 0;
  uint64_t count = 100;
  uint64_t batch = 16; // programs of one module
  unsigned kinds = ~0u;
  std::vector<std::string> levels = {"0", "2", "3"};
  std::vector<std::string> strategies = {"guard", "check"};
  wasmetal::CompileOptions compile;
  bool hasOracle = true;
  bool reduces = false;
  bool prints = false; // programs instead of running them
};

/// Shared with the process that compiles and runs.
struct Progress {
  uint64_t current = 0; // first program of the batch
  uint64_t programs = 0;
  uint64_t runs = 0; // of a program with an input, on all machines
  uint64_t trapped = 0;
  uint64_t different = 0; // programs
  char stage[200] = "";
};

using Machines = std::vector<std::unique_ptr<Machine>>;
/// The first one is the reference. Empty after printing why.
Machines makeMachines(const Settings &settings, const std::string &folder);

/// The first machine that differs from machines[0], or 0. Fills `outcomes`.
size_t compareRun(const Machines &machines, size_t place, const Input &input,
                  std::vector<Outcome> &outcomes);

/// A module that moduleText has written.
llvm::Expected<std::vector<uint8_t>> assemble(const std::string &text);

/// Generates, loads and runs a batch, and prints what differs.
void checkBatch(const Settings &settings, const Machines &machines,
                const std::string &folder, Progress &progress);

/// Drops what the difference of two machines does not need.
/// `differs` gets candidates.
void reduce(Program &program,
            const std::function<bool(const Program &)> &differs);

} // namespace exact
