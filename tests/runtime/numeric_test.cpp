// Rounding against libm's, over bit patterns of all magnitudes.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>

#define floor wm_test_floor
#define floorf wm_test_floorf
#define ceil wm_test_ceil
#define ceilf wm_test_ceilf
#define trunc wm_test_trunc
#define truncf wm_test_truncf
#define roundeven wm_test_roundeven
#define roundevenf wm_test_roundevenf
#define rint wm_test_rint
#define rintf wm_test_rintf
#define nearbyint wm_test_nearbyint
#define nearbyintf wm_test_nearbyintf
#include "runtime/numeric.cpp"
#undef floor
#undef floorf
#undef ceil
#undef ceilf
#undef trunc
#undef truncf
#undef roundeven
#undef roundevenf
#undef rint
#undef rintf
#undef nearbyint
#undef nearbyintf

template <typename Float, typename Bits>
static void compare(Float (*ours)(Float), Float (*theirs)(Float), Bits bits) {
  Float x, a, b;
  std::memcpy(&x, &bits, sizeof(x));
  a = ours(x);
  b = theirs(x);
  Bits abits, bbits;
  std::memcpy(&abits, &a, sizeof(a));
  std::memcpy(&bbits, &b, sizeof(b));
  ASSERT_EQ(abits, bbits) << std::hexfloat << x << " gives " << a << ", not "
                          << b;
}

static uint64_t nextRandom(uint64_t &state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/// Around every power of two, halves, and random patterns.
template <typename Visit> static void visitDoubles(Visit visit) {
  for (int exponent = -1074; exponent < 1024; ++exponent)
    for (double factor : {1.0, 1.5, 1.25, 1.75}) {
      double x = std::ldexp(factor, exponent);
      uint64_t bits;
      std::memcpy(&bits, &x, sizeof(x));
      for (uint64_t near : {bits - 1, bits, bits + 1}) {
        visit(near);
        visit(near | 1ull << 63);
      }
    }
  for (int i = -100; i < 100; ++i) {
    double x = i / 2.0;
    uint64_t bits;
    std::memcpy(&bits, &x, sizeof(x));
    visit(bits);
  }
  uint64_t state = 88172645463325252;
  for (int i = 0; i < 500'000; ++i)
    visit(nextRandom(state));
  for (uint64_t special : {0ull, 1ull << 63, 0x7ffull << 52, 0xfffull << 52,
                           0x7ff8ull << 48, 0x7ff0000000000001ull})
    visit(special);
}

#define DOUBLE_TEST(name, ours, theirs)                                        \
  TEST(Numeric, name) {                                                        \
    double (*reference)(double) = theirs;                                      \
    visitDoubles([&](uint64_t bits) { compare(ours, reference, bits); });      \
  }
DOUBLE_TEST(Floor, wm_test_floor, ::floor)
DOUBLE_TEST(Ceil, wm_test_ceil, ::ceil)
DOUBLE_TEST(Trunc, wm_test_trunc, ::trunc)
DOUBLE_TEST(Roundeven, wm_test_roundeven, ::rint)
DOUBLE_TEST(Rint, wm_test_rint, ::rint)
DOUBLE_TEST(Nearbyint, wm_test_nearbyint, ::nearbyint)

// Every 251st of all bit patterns.
#define FLOAT_TEST(name, ours, theirs)                                         \
  TEST(Numeric, name) {                                                        \
    float (*reference)(float) = theirs;                                        \
    for (uint64_t bits = 0; bits < 1ull << 32; bits += 251)                    \
      compare(ours, reference, static_cast<uint32_t>(bits));                   \
  }
FLOAT_TEST(Floorf, wm_test_floorf, ::floorf)
FLOAT_TEST(Ceilf, wm_test_ceilf, ::ceilf)
FLOAT_TEST(Truncf, wm_test_truncf, ::truncf)
FLOAT_TEST(Roundevenf, wm_test_roundevenf, ::rintf)
FLOAT_TEST(Rintf, wm_test_rintf, ::rintf)
FLOAT_TEST(Nearbyintf, wm_test_nearbyintf, ::nearbyintf)
