// Square roots for processors without the instruction, correctly rounded: one
// bit of the result at a time, then the rounding that the remainder asks for.
#include <stdint.h>

/// Of a floating-point number with `Fraction` bits behind the point, as bits.
template <typename Bits, int Fraction>
static inline __attribute__((always_inline)) Bits squareRoot(Bits bits) {
  constexpr Bits One = 1;
  constexpr Bits Infinity =
      ~Bits(0) << Fraction & ~(One << (sizeof(Bits) * 8 - 1));
  constexpr Bits Quiet = Infinity | One << (Fraction - 1);
  constexpr int Bias = static_cast<int>(Infinity >> (Fraction + 1));
  if (bits << 1 == 0 || bits == Infinity)
    return bits;
  if (bits > Infinity) // negative, or no number
    return bits << 1 > Infinity << 1 ? bits | Quiet : Quiet;
  int exponent = static_cast<int>(bits >> Fraction);
  Bits left = bits & ((One << Fraction) - 1);
  if (exponent)
    left |= One << Fraction;
  else
    for (exponent = 1; !(left >> Fraction); --exponent)
      left <<= 1;
  exponent -= Bias;
  left <<= 1 + (exponent & 1);
  Bits root = 0, doubled = 0;
  for (Bits bit = One << (Fraction + 1); bit; bit >>= 1, left <<= 1)
    if (Bits trial = doubled + bit; trial <= left) {
      doubled = trial + bit;
      left -= trial;
      root += bit;
    }
  if (left)
    root += root & 1;
  // The root's leading bit adds one to the exponent.
  return (root >> 1) +
         (static_cast<Bits>((exponent >> 1) + Bias - 1) << Fraction);
}

extern "C" {

double sqrt(double value) {
  uint64_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  bits = squareRoot<uint64_t, 52>(bits);
  __builtin_memcpy(&value, &bits, sizeof(bits));
  return value;
}

float sqrtf(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  bits = squareRoot<uint32_t, 23>(bits);
  __builtin_memcpy(&value, &bits, sizeof(bits));
  return value;
}
}
