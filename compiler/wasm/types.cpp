// The text format's names of types, for messages.
#include "compiler/wasm/types.h"

#include "llvm/ADT/StringRef.h"

namespace wasmetal {

static llvm::StringRef nameOf(HeapKind kind) {
  switch (kind) {
  case HeapKind::Func:
    return "func";
  case HeapKind::NoFunc:
    return "nofunc";
  case HeapKind::Extern:
    return "extern";
  case HeapKind::NoExtern:
    return "noextern";
  case HeapKind::Any:
    return "any";
  case HeapKind::Eq:
    return "eq";
  case HeapKind::I31:
    return "i31";
  case HeapKind::Struct:
    return "struct";
  case HeapKind::Array:
    return "array";
  case HeapKind::None:
    return "none";
  case HeapKind::Exn:
    return "exn";
  case HeapKind::NoExn:
    return "noexn";
  case HeapKind::Bottom:
    return "bottom";
  case HeapKind::Index:
    return "";
  }
  return "";
}

static std::string refToString(ValType type) {
  // Bottom types abbreviate as `nullref`, `nullfuncref`, ...
  if (type.nullable && type.heap != HeapKind::Index) {
    switch (type.heap) {
    case HeapKind::None:
      return "nullref";
    case HeapKind::NoFunc:
      return "nullfuncref";
    case HeapKind::NoExtern:
      return "nullexternref";
    case HeapKind::NoExn:
      return "nullexnref";
    default:
      return nameOf(type.heap).str() + "ref";
    }
  }
  std::string text = type.nullable ? "(ref null " : "(ref ";
  text += type.heap == HeapKind::Index ? std::to_string(type.typeIndex)
                                       : nameOf(type.heap).str();
  return text + ")";
}

std::string toString(ValType type) {
  switch (type.kind) {
  case ValKind::I32:
    return "i32";
  case ValKind::I64:
    return "i64";
  case ValKind::F32:
    return "f32";
  case ValKind::F64:
    return "f64";
  case ValKind::V128:
    return "v128";
  case ValKind::Ref:
    return refToString(type);
  case ValKind::Bottom:
    return "any type";
  }
  return "";
}

std::string toString(llvm::ArrayRef<ValType> types) {
  std::string text = "[";
  for (ValType type : types) {
    if (text.size() > 1)
      text += ' ';
    text += toString(type);
  }
  return text + "]";
}

std::string toString(const FuncType &type) {
  return toString(type.params) + " -> " + toString(type.results);
}

} // namespace wasmetal
