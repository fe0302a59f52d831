// Where each part of an instance stands: the compiler's side of
// runtime/abi.h, whose structures these constants mirror.
#pragma once

#include "compiler/wasm/module.h"

#include <cstdint>
#include <vector>

namespace wasmetal {

struct InstanceLayout {
  explicit InstanceLayout(const Module &module);

  // Sizes and offsets of runtime/abi.h, checked by a test.
  static constexpr uint32_t HeaderSize = 64;
  static constexpr uint32_t InstanceStore = 8;
  static constexpr uint32_t StoreInterrupt = 16;
  static constexpr uint32_t StoreFuel = 24;
  static constexpr uint32_t StoreFailures = 20;
  static constexpr uint32_t FunctionSize = 24; // wm_function
  static constexpr uint32_t FunctionCode = 0;
  static constexpr uint32_t FunctionInstance = 8;
  static constexpr uint32_t FunctionType = 16;
  static constexpr uint32_t MemorySize = 64; // wm_memory
  static constexpr uint32_t MemoryBase = 0;
  static constexpr uint32_t MemoryBytes = 8;
  static constexpr uint32_t TableSize = 64; // wm_table
  static constexpr uint32_t TableElements = 0;
  static constexpr uint32_t TableLength = 8;
  static constexpr uint32_t ValueSize = 16; // wm_value
  static constexpr uint32_t DataStateSize = 16;
  static constexpr uint32_t GlobalSize = 16;
  static constexpr uint32_t StoreException = 8; // wm_store
  static constexpr uint32_t ExceptionTag = 0;   // wm_exception
  static constexpr uint32_t ExceptionIsReferenced = 20;
  static constexpr uint32_t ExceptionValues = 32;

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
