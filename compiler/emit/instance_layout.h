// Where each part of an instance stands: the compiler's side of
// runtime/abi.h, whose structures these constants mirror.
#pragma once

#include "compiler/wasm/module.h"

#include <cstdint>
#include <vector>

namespace wasmetal {

/// Sizes and offsets of runtime/abi.h, which depend on the size of pointers.
struct AbiLayout {
  explicit AbiLayout(uint32_t pointerSize);

  uint32_t pointerSize;
#define ABI_OFFSET(name, type, field, size64, size32) uint32_t name;
#define ABI_SIZE(name, type, size64, size32) uint32_t name;
#include "runtime/layout.def"

  static constexpr uint32_t ValueSize = 16; // wm_value
  static constexpr uint32_t GlobalSize = 16;
};

struct InstanceLayout : AbiLayout {
  /// What a module with a static instance defines are objects of their own.
  InstanceLayout(const Module &module, uint32_t pointerSize, uint32_t pageSize,
                 bool isStatic = false);

  uint32_t types;
  uint32_t functions;
  uint32_t memories;
  uint32_t definedMemories;
  uint32_t tables;
  uint32_t definedTables;
  uint32_t globals;        // pointers
  uint32_t definedGlobals; // values
  uint32_t tags;           // pointers
  uint32_t data;
  uint32_t elements;
  uint32_t size;
  uint32_t memoryOffset; // of memory 0; 0 where the module defines none

  /// Defined functions that something may refer to, and the start function;
  /// ascending.
  std::vector<uint32_t> references;

  /// Offset of the wm_function of an imported or referenced function.
  uint32_t functionRecord(const Module &module, uint32_t function) const;
};

} // namespace wasmetal
