// What a memory strategy supplies: one file of the same shape each, which
// defines wm_translate and wm_backend_ops. access.h derives the rest.
// The sandbox rests on these files.
#pragma once

#include "runtime/abi.h"
#include "runtime/trap.h"

enum wm_strategy : uint8_t {
#define BACKEND(name, fault_is_trap, compares, unprivileged, smallest, slack,  \
                summary)                                                       \
  WM_STRATEGY_##name,
#include "memory_backends/backends.def"
};

/// What a memory takes at least, and behind its end.
enum : uint64_t {
#define BACKEND(name, fault_is_trap, compares, unprivileged, smallest, slack,  \
                summary)                                                       \
  WM_SMALLEST_##name = smallest, WM_SLACK_##name = slack,
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
  /// Lets guest code reach a memory, and no other, before it runs; null: none,
  /// after the outermost. False: it cannot be. Null where that is not needed.
  bool (*select)(const wm_memory *memory) = nullptr;
};

extern "C" const wm_backend wm_backend_ops;

/// The host address of `size` bytes at address + offset of a memory; always
/// inlined. Traps or stays within the reservation.
/// `minimum` and `maximum` are the memory's limits in bytes, constants: where
/// they are equal the size is known.
#define WM_TRANSLATE(name)                                                     \
  extern "C" __attribute__((always_inline)) uint8_t *name(                     \
      const wm_memory *memory, uint8_t *base, uint64_t address,                \
      uint64_t offset, uint64_t size, uint64_t minimum, uint64_t maximum)

/// `address` is the guest's 32-bit address zero-extended; `offset` is the
/// static offset (< 2^32): the sum has 33 bits and must not wrap.
WM_TRANSLATE(wm_translate);
/// Where address and offset have 64 bits, or pages may be smaller than the
/// system's: their sum must not wrap either.
WM_TRANSLATE(wm_translate64);
/// The same for shared memories, which other threads grow meanwhile.
WM_TRANSLATE(wm_translate_shared);
WM_TRANSLATE(wm_translate64_shared);

/// The bytes that the guest may access, a constant where it cannot change.
static inline __attribute__((always_inline)) uint64_t
wm_limit(const wm_memory *memory, uint64_t minimum, uint64_t maximum) {
  return minimum == maximum ? minimum : memory->size;
}

/// Read once, whatever the compiler knows: it only grows, so that an older
/// value is none that could do harm.
static inline __attribute__((always_inline)) uint64_t
wm_limit_shared(const wm_memory *memory, uint64_t minimum, uint64_t maximum) {
  return minimum == maximum ? minimum
                            : __atomic_load_n(&memory->size, __ATOMIC_RELAXED);
}

/// The exact check of wm_translate. Address and offset have 32 bits, and so has
/// the size, which may be that of several accesses: no sum wraps. The
/// comparison is one that LLVM keeps, with what few values use on the left: it
/// looks through the uses of that, and each access uses the limit.
static inline __attribute__((always_inline)) uint8_t *
wm_check(uint8_t *base, uint64_t address, uint64_t offset, uint64_t size,
         uint64_t limit) {
  uint64_t last = address + offset + (size - 1);
  if (__builtin_expect(last >= limit, 0)) [[clang::nomerge]]
    wm_trap_memory_bounds(); // one place, one address
  return base + address + offset;
}

/// The exact check of wm_translate64. The sum that could wrap is not made:
/// compared is the address alone, with the last one that is in bounds. An
/// access that ends within the least size, a constant, ends within the limit.
static inline __attribute__((always_inline)) uint8_t *
wm_check64(uint8_t *base, uint64_t address, uint64_t offset, uint64_t size,
           uint64_t minimum, uint64_t limit) {
  uint64_t end;
  bool wraps = __builtin_add_overflow(offset, size, &end);
  if (__builtin_expect(
          wraps || (end > minimum && end > limit) || address > limit - end, 0))
      [[clang::nomerge]]
    wm_trap_memory_bounds(); // one place, one address
  return base + address + offset;
}

/// Whether accesses to the memory take wm_translate: 32-bit addresses, and
/// WebAssembly's own page size. compiler/emit/module_emitter.cpp has the same.
static inline bool wm_is_plain(const wm_memory_type *type) {
  return !type->is_64 && type->page_log2 == 16;
}
