// The list of refusals. https://github.com/WebAssembly/proposals has the names.
#include "compiler/wasm/unsupported.h"

namespace wasmetal {

llvm::StringRef missingInstructions(uint8_t prefix, uint32_t code) {
  bool isDescriptor = prefix == 0xfb && code >= 0x20 && code <= 0x26;
  return isDescriptor ? "custom descriptors" : "";
}

llvm::StringRef missingFeature(const Table &table) {
  if (table.type.limits.isShared)
    return "shared tables";
  return "";
}

} // namespace wasmetal
