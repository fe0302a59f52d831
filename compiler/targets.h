// What code can be generated for: compiler/targets.def as a table.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

#include <string>
#include <vector>

namespace wasmetal {

/// A row of targets.def, where the columns are told.
struct TargetInfo {
  llvm::StringRef name;
  llvm::StringRef triple;
  llvm::StringRef cpu;
  llvm::StringRef features;
  llvm::StringRef runtime;
  llvm::StringRef emulation;
  uint32_t pageSize;
  llvm::StringRef strategies;

  llvm::Triple::ArchType arch() const { return llvm::Triple(triple).getArch(); }
  /// Whether programs run without an operating system: then an image has one
  /// instance, and is linked for a board.
  bool isFirmware() const {
    return llvm::Triple(triple).getOS() == llvm::Triple::UnknownOS;
  }
  /// Whether calls in tail position can be guaranteed to need no stack: not by
  /// LLVM 22 for RISC-V.
  bool hasTailCalls() const { return arch() != llvm::Triple::riscv64; }
  /// Whether what rounds to an integer gives a quiet NaN for a signalling one.
  bool roundingQuiets() const { return arch() != llvm::Triple::riscv64; }
  /// The strategies that there are, the default first.
  std::vector<std::string> strategyNames() const;
};

llvm::ArrayRef<TargetInfo> allTargets();

/// Null if there is none of this name.
const TargetInfo *findTarget(llvm::StringRef name);

/// What the compiler itself runs on; the first of all where that is no target.
const TargetInfo &hostTarget();

} // namespace wasmetal
