// What the programs share with main.c. No library: what they compute with is
// here, on both sides.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Runs the program once; a checksum of all that it computed.
uint32_t run(void);

/// Numbers that repeat: Marsaglia's xorshift.
static inline uint32_t nextRandom(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

/// FNV-1a over words.
static inline uint32_t mix(uint32_t hash, uint32_t word) {
  return (hash ^ word) * 16777619u;
}

static inline uint32_t bitsOf(float value) {
  union {
    float value;
    uint32_t bits;
  } both = {value};
  return both.bits;
}
