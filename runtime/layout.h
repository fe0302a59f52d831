// Finding the parts of an instance at the offsets that its module gives.
#pragma once

#include "runtime/abi.h"

/// What stands in the instance at an offset.
template <typename T> static T *at(wm_instance *instance, uint64_t offset) {
  return reinterpret_cast<T *>(reinterpret_cast<char *>(instance) + offset);
}

/// Memory number `index` of an instance that has so many.
static inline wm_memory *memoryAt(wm_instance *instance, uint32_t index) {
  return at<wm_memory *>(instance, instance->module->memories_offset)[index];
}

inline wm_ref_type refType(wm_instance *instance, const wm_ref_row &row) {
  const void **types =
      at<const void *>(instance, instance->module->types_offset);
  return {row.heap == WM_HEAP_DEFINED ? types[row.type] : nullptr, row.heap,
          row.is_non_null};
}

/// The function at any index, also one that nothing refers to.
wm_function functionAt(wm_instance *instance, uint32_t index);
