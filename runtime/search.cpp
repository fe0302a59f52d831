// What loops of the guest that compare bytes are spared
// (compiler/codegen/skip_equal.cpp).
#include "runtime/abi.h"
#include "runtime/bulk.h"

static uint64_t wordAt(const uint8_t *bytes) {
  uint64_t word;
  __builtin_memcpy(&word, bytes, sizeof(word));
  return word;
}

extern "C" {
// In the section of guest code, so that a request to stop finds it there.
__attribute__((section("wm_text"), visibility("hidden"))) uint64_t
wm_count_equal(const wm_memory *memory, uint64_t left, uint64_t right,
               uint64_t count) {
  if (!isWithin(left, count, memory->size) ||
      !isWithin(right, count, memory->size))
    return 0;
  const uint8_t *first = memory->base + left, *second = memory->base + right;
  constexpr uint64_t Word = sizeof(uint64_t);
  uint64_t i = 0;
  if (count < Word) {
    while (i < count && first[i] == second[i])
      ++i;
    return i;
  }
  // The last word overlaps the one before it.
  for (; i < count; i += Word) {
    if (i > count - Word)
      i = count - Word;
    if (uint64_t difference = wordAt(first + i) ^ wordAt(second + i))
      return i + static_cast<unsigned>(__builtin_ctzll(difference)) / 8;
  }
  return count;
}
}
