// Images without an operating system: the board that they are for, and what
// cannot be on one.
#pragma once

#include "compiler/compile.h"

namespace wasmetal {

/// A .board file of the port's folder: its target, flash and RAM.
struct Board {
  struct Region {
    uint64_t origin = 0;
    uint64_t size = 0;
  };
  std::string target;
  Region flash;
  Region ram;
};

/// Reads what --board names, which has to be for the target.
llvm::Expected<Board> loadBoard(const CompileOptions &options);

/// Refuses what a module needs and the target or the board, if it is known,
/// does not have.
llvm::Error checkFitsFirmware(const Module &module,
                              const CompileOptions &options,
                              const Board *board);

/// The linker script of an image.
std::string linkerScript(const Board &board);

/// What the linker says of an image that is too large, in one line; else
/// nothing.
std::string explainOverflow(llvm::StringRef messages, const Board &board);

} // namespace wasmetal
