// Where accesses are in the module whose fault is the trap.
// docs/decisions/0003-line-tables-name-traps.md
#pragma once

namespace llvm {
class Module;
class TargetPassConfig;
} // namespace llvm

namespace wasmetal {

/// Gives such accesses names that the code generator keeps. To be used right
/// before code is generated.
void nameAccesses(llvm::Module &module);

/// Has instructions be where the accesses are that they were made of.
void addTrapPlaces(llvm::TargetPassConfig &config);

} // namespace wasmetal
