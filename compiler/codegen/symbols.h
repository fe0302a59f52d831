// Which symbol is whose, in modules that hold guest code and runtime.
#pragma once

#include "llvm/IR/GlobalObject.h"
#include "llvm/IR/GlobalValue.h"

namespace wasmetal {

/// Whether this is compiled WebAssembly: the emitter gives it a section.
inline bool isGuestCode(const llvm::GlobalObject &object) {
  return object.getSection() == "wm_text";
}

/// A function that the code generator may call by itself to round numbers.
bool isRoundingLibcall(llvm::StringRef name);

/// What hosts and other objects of the process see: the runtime's API and its
/// process state, which are weak and visible.
inline bool isApi(const llvm::GlobalValue &value) {
  return value.hasDefaultVisibility() && value.hasWeakAnyLinkage();
}

} // namespace wasmetal
