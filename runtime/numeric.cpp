// Rounding, for targets without an instruction: LLVM then calls functions of
// libm by these names, and musl has no roundeven. The code generator emits such
// calls late, so link-time optimisation has to keep these symbols. Weak and
// hidden: every object is self-contained, and several link together.
// Results are those of WebAssembly: the sign of zero is kept, NaN is quieted.
// https://webassembly.github.io/spec/core/exec/numerics.html#op-fnearest
#include <stdint.h>

// Guest code to signal handlers: a loop may consist of nothing else, and it is
// stopped by what finds it in guest code.
#define LIBCALL __attribute__((weak, visibility("hidden"), section("wm_text")))
#define INLINE __attribute__((always_inline)) static inline

namespace {
template <typename Float> struct Traits;
template <> struct Traits<float> {
  using Int = int32_t;
  static constexpr float Integral = 0x1p23f; // no fraction from here on
  static constexpr Int QuietBit = 1 << 22;
  static float abs(float x) { return __builtin_fabsf(x); }
  static float sign(float x, float y) { return __builtin_copysignf(x, y); }
};
template <> struct Traits<double> {
  using Int = int64_t;
  static constexpr double Integral = 0x1p52;
  static constexpr Int QuietBit = 1ll << 51;
  static double abs(double x) { return __builtin_fabs(x); }
  static double sign(double x, double y) { return __builtin_copysign(x, y); }
};
} // namespace

/// Whether x has no fraction because of its size, or is infinite or NaN.
template <typename Float> INLINE bool isWhole(Float x) {
  return !(Traits<Float>::abs(x) < Traits<Float>::Integral);
}

/// Such an x itself. NaN is quieted by its bit: LLVM drops arithmetic that
/// would do so, because to it the payload of a NaN is nobody's business.
template <typename Float> INLINE Float quiet(Float x) {
  using Int = typename Traits<Float>::Int;
  if (!__builtin_isnan(x))
    return x;
  return __builtin_bit_cast(Float, __builtin_bit_cast(Int, x) |
                                       Traits<Float>::QuietBit);
}

template <typename Float> INLINE Float towardZero(Float x) {
  return static_cast<Float>(static_cast<typename Traits<Float>::Int>(x));
}

template <typename Float> INLINE Float roundDown(Float x) {
  if (isWhole(x))
    return quiet(x);
  Float whole = towardZero(x);
  return Traits<Float>::sign(whole > x ? whole - 1 : whole, x);
}

template <typename Float> INLINE Float roundUp(Float x) {
  if (isWhole(x))
    return quiet(x);
  Float whole = towardZero(x);
  return Traits<Float>::sign(whole < x ? whole + 1 : whole, x);
}

template <typename Float> INLINE Float cut(Float x) {
  if (isWhole(x))
    return quiet(x);
  return Traits<Float>::sign(towardZero(x), x);
}

template <typename Float> INLINE Float roundToEven(Float x) {
  if (isWhole(x))
    return quiet(x);
  // The sum has no room for a fraction and is rounded to nearest, ties to even.
  Float magnitude = (Traits<Float>::abs(x) + Traits<Float>::Integral) -
                    Traits<Float>::Integral;
  return Traits<Float>::sign(magnitude, x);
}

extern "C" {
LIBCALL double floor(double x) { return roundDown(x); }
LIBCALL float floorf(float x) { return roundDown(x); }
LIBCALL double ceil(double x) { return roundUp(x); }
LIBCALL float ceilf(float x) { return roundUp(x); }
LIBCALL double trunc(double x) { return cut(x); }
LIBCALL float truncf(float x) { return cut(x); }
LIBCALL double roundeven(double x) { return roundToEven(x); }
LIBCALL float roundevenf(float x) { return roundToEven(x); }
LIBCALL double rint(double x) { return roundToEven(x); }
LIBCALL float rintf(float x) { return roundToEven(x); }
LIBCALL double nearbyint(double x) { return roundToEven(x); }
LIBCALL float nearbyintf(float x) { return roundToEven(x); }
}
