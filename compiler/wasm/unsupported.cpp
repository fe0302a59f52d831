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
  case 0x14:
  case 0x15:
  case 0xd4:
  case 0xd5:
  case 0xd6:
    return "typed function references";
  case 0xd3:
    return "garbage collection instructions";
  default:
    return "";
  }
}

llvm::StringRef missingInstructions(uint8_t prefix, uint32_t code) {
  switch (prefix) {
  case 0:
    return missingPlainInstructions(code);
  case 0xfb:
    return code <= 0x1e ? "garbage collection instructions" : "";
  case 0xfe:
    return code <= 0x4e ? "thread instructions" : "";
  default:
    return "";
  }
}

llvm::StringRef missingFeature(ValType type) {
  if (!type.isRef())
    return "";
  switch (type.heap) {
  case HeapKind::Func:
  case HeapKind::Extern:
    return type.nullable ? "" : "non-null reference types";
  case HeapKind::Index:
    return "typed references";
  case HeapKind::Exn:
  case HeapKind::NoExn:
    return "exception references";
  default:
    return "garbage collection types";
  }
}

llvm::StringRef missingFeature(const DefinedType &type) {
  if (type.groupSize != 1)
    return "recursion groups";
  if (!type.isFinal || !type.supertypes.empty())
    return "declared subtypes";
  if (type.kind == CompositeKind::Struct)
    return "structure types";
  if (type.kind == CompositeKind::Array)
    return "array types";
  for (ValType param : type.func.params)
    if (llvm::StringRef feature = missingFeature(param); !feature.empty())
      return feature;
  for (ValType result : type.func.results)
    if (llvm::StringRef feature = missingFeature(result); !feature.empty())
      return feature;
  return "";
}

llvm::StringRef missingFeature(const MemoryType &type) {
  if (type.limits.isShared)
    return "shared memories";
  return "";
}

llvm::StringRef missingFeature(const Table &table) {
  if (table.type.limits.isShared)
    return "shared tables";
  if (table.init)
    return "table initialisers";
  return missingFeature(table.type.element);
}

} // namespace wasmetal
