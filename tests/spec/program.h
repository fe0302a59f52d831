// A module of a script: its bytes, what the front end says of it, and its
// compiled form.
#pragma once

#include "compiler/compile.h"
#include "compiler/diagnostic.h"
#include "compiler/wasm/features.h"
#include "runtime/abi.h"

#include "llvm/Support/JSON.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace spec {

struct Failure {
  wasmetal::DiagnosticKind kind;
  std::string message;
};

/// Takes the error's diagnostic out.
std::optional<Failure> takeFailure(llvm::Error error);

class Program {
public:
  /// Reads the file that a command names, assembling text.
  static std::unique_ptr<Program> read(const std::string &path, bool isText,
                                       std::optional<Failure> &failure);

  /// Reads and validates everything, without other proposals than these.
  std::optional<Failure> validate(const wasmetal::FeatureSet &allowed);
  /// Compiles to a shared library in `folder` and loads it.
  std::optional<Failure> compile(const wasmetal::CompileOptions &options,
                                 const std::string &folder);
  /// Whether the exported function, or one that it calls, loads or stores.
  /// Unknown code counts as if it did.
  bool touchesMemory(llvm::StringRef exportName);

  const std::vector<uint8_t> &contents() const { return bytes; }
  /// After compile().
  const wm_module *descriptor = nullptr;

private:
  bool touchesMemory(wasmetal::ValidatedModule valid, uint32_t function,
                     std::vector<bool> &seen);

  std::vector<uint8_t> bytes;
};

} // namespace spec
