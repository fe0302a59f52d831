// What the bulk operations of memories and of tables share. The sandbox rests
// on this file.
#pragma once

#include "runtime/port.h"

/// A function that guest code calls. Not inlined: the return address is the
/// place in guest code.
#define ENTRY __attribute__((noinline))
#define TRAP_AT_CALLER(code) port_trap(code, WM_CALL_SITE())

/// Whether [start, start + length) lies within [0, size), without wrapping.
static inline bool isWithin(uint64_t start, uint64_t length, uint64_t size) {
  return start <= size && length <= size - start;
}
