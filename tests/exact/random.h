// The same seed gives the same programs in each build by the same compiler, so
// this is not the standard library's.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace exact {

class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  /// SplitMix64.
  uint64_t bits() {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint32_t below(uint32_t limit) {
    return static_cast<uint32_t>((bits() >> 32) * limit >> 32);
  }
  /// Inclusive.
  int64_t between(int64_t low, int64_t high) {
    return low + below(static_cast<uint32_t>(high - low + 1));
  }
  bool chance(uint32_t percent) { return below(100) < percent; }
  template <typename T> T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<uint32_t>(choices.size()))];
  }
  std::string pick(std::initializer_list<const char *> choices) {
    return choices.begin()[below(static_cast<uint32_t>(choices.size()))];
  }

private:
  uint64_t state;
};

} // namespace exact
