// Long moves by registers of 32 bytes. They move twice as much at once as those
// that all processors have, which is what the runtime is compiled for: hence
// assembly. REP MOVS would do as much on some processors, and a twentieth of it
// on others where ranges are near each other or not aligned.
#include "ports/linux/x86_64/cpuid.h"
#include "runtime/port.h"

namespace {

enum State : uint8_t { Unknown, Absent, Present };
uint8_t Wide;

/// Asking takes as long as moving this much, several times.
constexpr uint64_t WorthAsking = 16384;

bool isWide(uint64_t size) {
  uint8_t state = __atomic_load_n(&Wide, __ATOMIC_RELAXED);
  if (state == Unknown && size >= WorthAsking) {
    state = (savedRegisters() & SavedYmm) == SavedYmm ? Present : Absent;
    __atomic_store_n(&Wide, state, __ATOMIC_RELAXED);
  }
  return state == Present;
}

constexpr uint64_t Vector = 32, Step = 2 * Vector;
typedef uint64_t Bytes64 __attribute__((vector_size(Step)));

} // namespace

// VZEROUPPER changes all of them.
#define VECTORS                                                                \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",      \
      "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

extern "C" bool port_move_wide(uint8_t *to, const uint8_t *from,
                               uint64_t size) {
  if (!isWide(size))
    return false;
  // The loops store where registers are aligned, and leave at most a step at
  // either end.
  Bytes64 first, last;
  __builtin_memcpy(&first, from, Step);
  __builtin_memcpy(&last, from + size - Step, Step);
  if (static_cast<uint64_t>(to - from) >= size) {
    uint64_t i = -reinterpret_cast<uintptr_t>(to) % Vector;
    __asm__ volatile(".p2align 5\n"
                     "1: vmovups (%[from],%[i]), %%ymm0\n"
                     "vmovups 32(%[from],%[i]), %%ymm1\n"
                     "vmovaps %%ymm0, (%[to],%[i])\n"
                     "vmovaps %%ymm1, 32(%[to],%[i])\n"
                     "add $64, %[i]\n"
                     "cmp %[end], %[i]\n"
                     "jb 1b\n"
                     "vzeroupper"
                     : [i] "+r"(i)
                     : [to] "r"(to), [from] "r"(from), [end] "r"(size - Step)
                     : VECTORS, "cc", "memory");
  } else {
    uint64_t i = size - reinterpret_cast<uintptr_t>(to + size) % Vector;
    __asm__ volatile(".p2align 5\n"
                     "1: vmovups -32(%[from],%[i]), %%ymm0\n"
                     "vmovups -64(%[from],%[i]), %%ymm1\n"
                     "vmovaps %%ymm0, -32(%[to],%[i])\n"
                     "vmovaps %%ymm1, -64(%[to],%[i])\n"
                     "sub $64, %[i]\n"
                     "cmp $64, %[i]\n"
                     "ja 1b\n"
                     "vzeroupper"
                     : [i] "+r"(i)
                     : [to] "r"(to), [from] "r"(from)
                     : VECTORS, "cc", "memory");
  }
  __builtin_memcpy(to, &first, Step);
  __builtin_memcpy(to + size - Step, &last, Step);
  return true;
}
