// The pipeline, in one direction: read, validate, emit, link the runtime,
// optimise, write the object, link the output.
#pragma once

#include "compiler/emit/emit.h"
#include "compiler/wasm/features.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace wasmetal {

enum class OutputKind : uint8_t {
  Executable,
  Object,
  SharedLibrary,
  Bitcode,
  Assembly, // LLVM IR as text is IrText
  IrText,
};

/// What a WASI program is granted from the start.
struct Grants {
  struct Directory {
    std::string host;
    std::string guest;
  };
  std::vector<Directory> directories;
  std::vector<std::string> environment; // NAME=value
};

struct CompileOptions {
  EmitOptions emit;
  OutputKind output = OutputKind::Executable;
  FeatureSet proposals = FeatureSet().set(); // that modules may use
  unsigned optLevel = 2;                     // 0 to 3
  unsigned sizeLevel = 0;                    // 1: -Os, 2: -Oz
  std::string cpu = emit.target->cpu.str();  // resolved: never "native"
  std::string features;                      // LLVM's feature string
  unsigned jobs = 0;                         // 0: one for each core
  bool timePasses = false;
  bool remarks = false; // on standard error: how loops were versioned
  /// The output counts what it executes: default.profraw, or what
  /// LLVM_PROFILE_FILE names, when the program ends.
  bool profileGenerate = false;
  std::string profileUse; // such counts, merged by llvm-profdata; empty: none
  /// Emit vector instructions as for a processor whose own instructions the
  /// emitter does not know (for tests; relaxed ones are then deterministic).
  bool plainVectors = false;
  bool verify = false; // run the IR verifier after emission and linking
  uint64_t stackSize = 8 << 20; // bytes of guest stack in executables
  uint64_t fuel = 0;            // of executables; 0: no limit
  Grants grants;
  /// The executable calls an export with its arguments as values and prints
  /// the results (wasmetal run --invoke).
  bool invoke = false;
  std::string invokeName;  // empty: the first argument names the export
  std::string headerPath;  // --header; empty: none
  std::string board;       // of firmware: its name, or the path of its file
  std::string resourceDir; // holds the folders of targets.def
  /// Called from worker threads, one at a time: work done, of total, in bytes
  /// of function bodies. May be empty.
  std::function<void(uint64_t done, uint64_t total)> progress;

  /// Whether code is to be small that lies in flash.
  bool savesFlash() const { return sizeLevel && emit.target->isFirmware(); }
};

/// Compiles a binary module and writes `outputPath` (to a temporary file in
/// the same folder, then renamed; nothing is left behind on failure).
/// The output does not depend on options.jobs. Errors: Diagnostic.
llvm::Error compile(llvm::ArrayRef<uint8_t> bytes,
                    const CompileOptions &options, llvm::StringRef outputPath);

} // namespace wasmetal
