// The sandbox rests on this file: a wrong answer is a type confusion.
// https://webassembly.github.io/spec/core/valid/matching.html
#include "compiler/wasm/subtyping.h"

namespace wasmetal {

bool isDefinedSubtype(const Module &module, uint32_t actual,
                      uint32_t expected) {
  const CanonicalId &wanted = module.types[expected].canonical;
  // Supertypes have smaller indices, so the chain ends.
  while (true) {
    const DefinedType &type = module.types[actual];
    if (actual == expected || type.canonical == wanted)
      return true;
    if (type.supertypes.empty() || type.supertypes.front() >= actual)
      return false;
    actual = type.supertypes.front();
  }
}

/// The abstract type above a defined one.
static HeapKind abstractKind(const DefinedType &type) {
  switch (type.kind) {
  case CompositeKind::Func:
    return HeapKind::Func;
  case CompositeKind::Struct:
    return HeapKind::Struct;
  case CompositeKind::Array:
    return HeapKind::Array;
  }
  return HeapKind::Any;
}

static bool isAbstractSubtype(HeapKind actual, HeapKind expected) {
  if (actual == expected)
    return true;
  switch (actual) {
  case HeapKind::NoFunc:
    return expected == HeapKind::Func;
  case HeapKind::NoExtern:
    return expected == HeapKind::Extern;
  case HeapKind::NoExn:
    return expected == HeapKind::Exn;
  case HeapKind::None:
    return expected == HeapKind::Any || expected == HeapKind::Eq ||
           expected == HeapKind::I31 || expected == HeapKind::Struct ||
           expected == HeapKind::Array;
  case HeapKind::I31:
  case HeapKind::Struct:
  case HeapKind::Array:
    return expected == HeapKind::Eq || expected == HeapKind::Any;
  case HeapKind::Eq:
    return expected == HeapKind::Any;
  default:
    return false;
  }
}

static bool isHeapSubtype(const Module &module, ValType actual,
                          ValType expected) {
  bool actualIsIndex = actual.heap == HeapKind::Index;
  if (expected.heap == HeapKind::Index) {
    if (actualIsIndex)
      return isDefinedSubtype(module, actual.typeIndex, expected.typeIndex);
    // Only a bottom type is below a defined type.
    HeapKind above = abstractKind(module.types[expected.typeIndex]);
    HeapKind bottom =
        above == HeapKind::Func ? HeapKind::NoFunc : HeapKind::None;
    return actual.heap == bottom;
  }
  HeapKind kind = actualIsIndex ? abstractKind(module.types[actual.typeIndex])
                                : actual.heap;
  return isAbstractSubtype(kind, expected.heap);
}

bool isSubtype(const Module &module, ValType actual, ValType expected) {
  if (actual.kind == ValKind::Bottom)
    return true;
  if (actual.kind != expected.kind)
    return false;
  if (!actual.isRef())
    return true;
  if (actual.nullable && !expected.nullable)
    return false;
  return isHeapSubtype(module, actual, expected);
}

} // namespace wasmetal
