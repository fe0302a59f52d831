// Which values of small code for ARM's microcontrollers are in r4 to r7.
// docs/decisions/0020-static-instance.md
#pragma once

namespace llvm {
class TargetPassConfig;
}

namespace wasmetal {

/// To be used for Thumb alone. Functions that are not to be small stay as they
/// are, and so does what is not guest code.
void addLowRegisters(llvm::TargetPassConfig &config);

} // namespace wasmetal
