// What a memory strategy supplies: one file of the same shape each, which
// defines wm_translate and wm_backend_ops. access.h derives the rest.
// The sandbox rests on these files.
#pragma once

#include "runtime/abi.h"

enum wm_strategy : uint8_t {
#define BACKEND(name, fault_is_trap, summary) WM_STRATEGY_##name,
#include "memory_backends/backends.def"
};

/// Generic operations, called when instances are made and memories grow.
struct wm_backend {
  const char *name;
  uint8_t strategy; // wm_strategy
  /// Bytes behind a memory's base that compiled accesses may touch whatever its
  /// size: a smaller reservation must be refused. 0: they stay within the size.
  uint64_t (*reach)(const wm_memory_type *type);
  /// Makes [old_size, new_size) of the memory accessible and zero. The caller
  /// has checked the maximum. False: the system refuses; nothing changed.
  /// It is called once with (0, minimum) when the memory is made.
  bool (*commit)(wm_memory *memory, uint64_t old_size, uint64_t new_size);
};

extern "C" const wm_backend wm_backend_ops;

/// The host address of `size` bytes at address + offset of a memory; always
/// inlined. `address` is the guest's 32-bit address zero-extended; `offset` is
/// the static offset (< 2^32): the sum has 33 bits and must not wrap.
/// `minimum` and `maximum` are the memory's limits in bytes, constants: where
/// they are equal the size is known. Traps or stays within the reservation.
extern "C" uint8_t *wm_translate(const wm_memory *memory, uint8_t *base,
                                 uint64_t address, uint64_t offset,
                                 uint64_t size, uint64_t minimum,
                                 uint64_t maximum);

/// The same where address and offset have 64 bits, or pages may be smaller than
/// the system's: their sum must not wrap either.
extern "C" uint8_t *wm_translate64(const wm_memory *memory, uint8_t *base,
                                   uint64_t address, uint64_t offset,
                                   uint64_t size, uint64_t minimum,
                                   uint64_t maximum);

/// Whether accesses to the memory take wm_translate: 32-bit addresses, and
/// WebAssembly's own page size. compiler/emit/module_emitter.cpp has the same.
static inline bool wm_is_plain(const wm_memory_type *type) {
  return !type->is_64 && type->page_log2 == 16;
}
