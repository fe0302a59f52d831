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
  if (actual.heap == HeapKind::Bottom)
    return true;
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

static bool isFieldSubtype(const Module &module, const FieldType &actual,
                           const FieldType &expected) {
  if (actual.isMutable != expected.isMutable ||
      actual.packed != expected.packed)
    return false;
  return isSubtype(module, actual.type, expected.type) &&
         (!actual.isMutable || isSubtype(module, expected.type, actual.type));
}

static bool areSubtypes(const Module &module, llvm::ArrayRef<ValType> actual,
                        llvm::ArrayRef<ValType> expected) {
  if (actual.size() != expected.size())
    return false;
  for (size_t i = 0; i < actual.size(); i++)
    if (!isSubtype(module, actual[i], expected[i]))
      return false;
  return true;
}

bool isStructuralSubtype(const Module &module, const DefinedType &actual,
                         const DefinedType &expected) {
  if (actual.kind != expected.kind)
    return false;
  if (actual.kind == CompositeKind::Func)
    return areSubtypes(module, expected.func.params, actual.func.params) &&
           areSubtypes(module, actual.func.results, expected.func.results);
  if (actual.fields.size() < expected.fields.size())
    return false;
  for (size_t i = 0; i < expected.fields.size(); i++)
    if (!isFieldSubtype(module, actual.fields[i], expected.fields[i]))
      return false;
  return true;
}

ValType topOf(const Module &module, ValType reference) {
  HeapKind heap = reference.heap == HeapKind::Index
                      ? abstractKind(module.types[reference.typeIndex])
                      : reference.heap;
  switch (heap) {
  case HeapKind::Func:
  case HeapKind::NoFunc:
    return ValType::ref(HeapKind::Func);
  case HeapKind::Extern:
  case HeapKind::NoExtern:
    return ValType::ref(HeapKind::Extern);
  case HeapKind::Exn:
  case HeapKind::NoExn:
    return ValType::ref(HeapKind::Exn);
  default:
    return ValType::ref(HeapKind::Any);
  }
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
