// Moving and filling bytes, for the bulk operations of linear memories. Guests
// ask for short lengths mostly, for which musl's functions, one REP instruction
// each, take several times as long as a few wide moves. Processors of 32 bits
// have no wide moves, and their ports small functions.
#pragma once

#include "runtime/port.h"

#include <stddef.h>
#include <stdint.h>

typedef uint64_t Bytes16 __attribute__((vector_size(16)));
typedef uint64_t Bytes32 __attribute__((vector_size(32)));
typedef uint64_t Bytes64 __attribute__((vector_size(64)));

/// sizeof(T) <= size <= 2 * sizeof(T): both ends, which meet or overlap.
template <typename T>
static inline void moveEnds(uint8_t *to, const uint8_t *from, uint64_t size) {
  T first, last;
  __builtin_memcpy(&first, from, sizeof(T));
  __builtin_memcpy(&last, from + size - sizeof(T), sizeof(T));
  __builtin_memcpy(to, &first, sizeof(T));
  __builtin_memcpy(to + size - sizeof(T), &last, sizeof(T));
}

/// More than 64 bytes. What is overwritten before its turn comes is read at
/// the start: the end of the range, or its beginning. Not inlined, so that
/// short moves save no registers.
__attribute__((noinline)) static inline void
moveMany(uint8_t *to, const uint8_t *from, uint64_t size) {
  constexpr uint64_t Step = sizeof(Bytes64);
  constexpr uint64_t Long = 1024;
  if (size >= Long && port_move_wide(to, from, size))
    return;
  Bytes64 kept, part;
  bool isForward = static_cast<uint64_t>(to - from) >= size;
  if (isForward) {
    __builtin_memcpy(&kept, from + size - Step, Step);
#pragma clang loop unroll(disable)
    for (uint64_t i = 0; i < size - Step; i += Step) {
      __builtin_memcpy(&part, from + i, Step);
      __builtin_memcpy(to + i, &part, Step);
    }
    __builtin_memcpy(to + size - Step, &kept, Step);
    return;
  }
  __builtin_memcpy(&kept, from, Step);
#pragma clang loop unroll(disable)
  for (uint64_t end = size; end > Step; end -= Step) {
    __builtin_memcpy(&part, from + end - Step, Step);
    __builtin_memcpy(to + end - Step, &part, Step);
  }
  __builtin_memcpy(to, &kept, Step);
}

/// Copies `size` bytes as if through a buffer: the ranges may overlap.
static inline void moveBytes(uint8_t *to, const uint8_t *from, uint64_t size) {
  if constexpr (sizeof(void *) == 4)
    __builtin_memmove(to, from, static_cast<size_t>(size));
  else if (size > 64)
    moveMany(to, from, size);
  else if (size > 32)
    moveEnds<Bytes32>(to, from, size);
  else if (size > 16)
    moveEnds<Bytes16>(to, from, size);
  else if (size > 8)
    moveEnds<uint64_t>(to, from, size);
  else if (size >= 4)
    moveEnds<uint32_t>(to, from, size);
  else if (size >= 2)
    moveEnds<uint16_t>(to, from, size);
  else if (size)
    *to = *from;
}

template <typename T>
static inline void fillEnds(uint8_t *to, uint64_t size, uint64_t pattern) {
  T value = static_cast<T>(pattern);
  __builtin_memcpy(to, &value, sizeof(T));
  __builtin_memcpy(to + size - sizeof(T), &value, sizeof(T));
}

/// Sets `size` bytes to `value`.
static inline void fillBytes(uint8_t *to, uint8_t value, uint64_t size) {
  if constexpr (sizeof(void *) == 4) {
    __builtin_memset(to, value, static_cast<size_t>(size));
    return;
  }
  // From here on, what the C library starts is soon as fast, then faster.
  constexpr uint64_t Long = 2048;
  uint64_t pattern = value * UINT64_C(0x0101010101010101);
  if (size >= Long) {
    __builtin_memset(to, value, size);
  } else if (size >= 16) {
    Bytes16 wide = {pattern, pattern};
#pragma clang loop unroll_count(4)
    for (uint64_t i = 0; i < size - 16; i += 16)
      __builtin_memcpy(to + i, &wide, 16);
    __builtin_memcpy(to + size - 16, &wide, 16);
  } else if (size >= 8) {
    fillEnds<uint64_t>(to, size, pattern);
  } else if (size >= 4) {
    fillEnds<uint32_t>(to, size, pattern);
  } else if (size >= 2) {
    fillEnds<uint16_t>(to, size, pattern);
  } else if (size) {
    *to = value;
  }
}
