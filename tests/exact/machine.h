// Runs programs: compiled in one way, or by V8.
#pragma once

#include "compiler/compile.h"
#include "runtime/include/wasmetal/wasmetal.h"
#include "tests/exact/program.h"

#include <memory>
#include <string>
#include <vector>

namespace exact {

/// What a run leaves. The hash is of memory and globals.
struct Outcome {
  uint32_t traps = 0; // mask of 1 << wm_trap_code: V8 does not tell all apart
  uint32_t pages = 0;
  uint64_t result = 0; // without a trap
  uint64_t hash = 0;
  bool isKnown = false;    // false: it could not be run
  bool hasFaulted = false; // where there are explicit checks

  bool has(wm_trap_code trap) const { return traps & 1u << trap; }
};

bool areEqual(const Outcome &a, const Outcome &b);
std::string print(const Outcome &outcome);

/// A module's memory, and the exported globals of one program behind it.
using Image = std::vector<uint8_t>;

class Machine {
public:
  virtual ~Machine() = default;
  /// Takes the next module.
  virtual bool load(const std::vector<uint8_t> &bytes, std::string &error) = 0;
  /// Runs the program at this place of the module, in a new instance. Fills
  /// `image` unless it is null.
  virtual Outcome run(size_t place, const Input &input, Image *image) = 0;

  std::string name;
  /// Whether accesses out of bounds trap.
  bool seesBounds = true;
};

/// `folder` is for files.
std::unique_ptr<Machine> makeCompiled(const wasmetal::CompileOptions &options,
                                      const std::string &name,
                                      const std::string &folder);
/// Null when there is no node.
std::unique_ptr<Machine> makeOracle(const std::string &folder);

uint64_t hashOf(const Image &image);

} // namespace exact
