// The end of the stack where nothing in hardware catches it.
#pragma once

namespace llvm {
class TargetPassConfig;
}

namespace wasmetal {

/// Makes guest code for ARM's microcontrollers compare the stack pointer with
/// __stack_limit before it takes a frame.
void addStackCheck(llvm::TargetPassConfig &config);

} // namespace wasmetal
