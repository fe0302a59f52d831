// The list of refusals. https://github.com/WebAssembly/proposals has the names.
#include "compiler/wasm/unsupported.h"

namespace wasmetal {

static llvm::StringRef missingPlainInstructions(uint32_t code) {
  switch (code) {
  case 0x06:
  case 0x07:
  case 0x09:
  case 0x18:
  case 0x19:
    return "legacy exception instructions";
  case 0x08:
  case 0x0a:
  case 0x1f:
    return "exception instructions";
  default:
    return "";
  }
}

llvm::StringRef missingInstructions(uint8_t prefix, uint32_t code) {
  switch (prefix) {
  case 0:
    return missingPlainInstructions(code);
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
