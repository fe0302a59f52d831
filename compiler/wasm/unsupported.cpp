// The list of refusals. https://github.com/WebAssembly/proposals has the names.
#include "compiler/wasm/unsupported.h"

namespace wasmetal {

llvm::StringRef missingInstructions(uint8_t prefix, uint32_t code) {
  switch (prefix) {
  case 0xfb:
    return code >= 0x20 && code <= 0x26 ? "custom descriptors" : "";
  case 0xfe:
    return code <= 0x4e ? "thread instructions" : "";
  default:
    return "";
  }
}

llvm::StringRef missingFeature(const MemoryType &type) {
  if (type.limits.isShared)
    return "shared memories";
  return "";
}

llvm::StringRef missingFeature(const Table &table) {
  if (table.type.limits.isShared)
    return "shared tables";
  return "";
}

} // namespace wasmetal
