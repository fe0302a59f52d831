// What the code generator calls by itself: moving and filling bytes, by the
// names of C and of the run-time ABI.
// https://github.com/ARM-software/abi-aa/blob/main/rtabi32/rtabi32.rst
#include <stddef.h>
#include <stdint.h>

#define ALIAS(name, result, ...)                                               \
  __attribute__((alias(#name))) result __VA_ARGS__

extern "C" {

void *memcpy(void *to, const void *from, size_t size) {
  uint8_t *out = static_cast<uint8_t *>(to);
  const uint8_t *in = static_cast<const uint8_t *>(from);
  if (((reinterpret_cast<uintptr_t>(out) | reinterpret_cast<uintptr_t>(in)) &
       3) == 0)
    for (; size >= 4; size -= 4, out += 4, in += 4)
      *reinterpret_cast<uint32_t *>(out) =
          *reinterpret_cast<const uint32_t *>(in);
  for (; size; --size)
    *out++ = *in++;
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  uint8_t *out = static_cast<uint8_t *>(to);
  const uint8_t *in = static_cast<const uint8_t *>(from);
  if (static_cast<size_t>(out - in) >= size)
    return memcpy(to, from, size);
  while (size--)
    out[size] = in[size];
  return to;
}

void *memset(void *to, int value, size_t size) {
  uint8_t *out = static_cast<uint8_t *>(to);
  uint32_t pattern = static_cast<uint8_t>(value) * 0x01010101u;
  for (; size && reinterpret_cast<uintptr_t>(out) & 3; --size)
    *out++ = static_cast<uint8_t>(value);
  for (; size >= 4; size -= 4, out += 4)
    *reinterpret_cast<uint32_t *>(out) = pattern;
  for (; size; --size)
    *out++ = static_cast<uint8_t>(value);
  return to;
}

int memcmp(const void *one, const void *other, size_t size) {
  const uint8_t *a = static_cast<const uint8_t *>(one);
  const uint8_t *b = static_cast<const uint8_t *>(other);
  for (; size; --size, ++a, ++b)
    if (*a != *b)
      return *a - *b;
  return 0;
}

// The results of these are not looked at.
ALIAS(memcpy, void *, __aeabi_memcpy(void *, const void *, size_t));
ALIAS(memcpy, void *, __aeabi_memcpy4(void *, const void *, size_t));
ALIAS(memcpy, void *, __aeabi_memcpy8(void *, const void *, size_t));
ALIAS(memmove, void *, __aeabi_memmove(void *, const void *, size_t));
ALIAS(memmove, void *, __aeabi_memmove4(void *, const void *, size_t));
ALIAS(memmove, void *, __aeabi_memmove8(void *, const void *, size_t));

// Size and value change places.
void __aeabi_memset(void *to, size_t size, int value) {
  memset(to, value, size);
}
ALIAS(__aeabi_memset, void, __aeabi_memset4(void *, size_t, int));
ALIAS(__aeabi_memset, void, __aeabi_memset8(void *, size_t, int));
void __aeabi_memclr(void *to, size_t size) { memset(to, 0, size); }
ALIAS(__aeabi_memclr, void, __aeabi_memclr4(void *, size_t));
ALIAS(__aeabi_memclr, void, __aeabi_memclr8(void *, size_t));
}
