// Machine code around calls whose callee removes its arguments.
#pragma once

namespace llvm {
class TargetPassConfig;
}

namespace wasmetal {

/// Makes the code generator give the stack pointer back right behind such a
/// call.
void addCallFrames(llvm::TargetPassConfig &config);

} // namespace wasmetal
