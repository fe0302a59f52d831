// Atomic operations that these processors have no instruction for, on 64 bits:
// with interrupts off. The code generator calls them.
// https://gcc.gnu.org/wiki/Atomic/GCCMM/LIbrary
#include <stdint.h>

namespace {
/// Interrupts are off while it lives.
class Alone {
public:
  Alone() {
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(mask) : : "memory");
  }
  ~Alone() { __asm__ volatile("msr primask, %0" : : "r"(mask) : "memory"); }

private:
  uint32_t mask;
};
} // namespace

// By their assembler names: to clang they are builtins.
extern "C" {
uint64_t load8(const volatile uint64_t *from, int) __asm__("__atomic_load_8");
void store8(volatile uint64_t *to, uint64_t value,
            int) __asm__("__atomic_store_8");
uint64_t add8(volatile uint64_t *to, uint64_t value,
              int) __asm__("__atomic_fetch_add_8");
uint64_t sub8(volatile uint64_t *to, uint64_t value,
              int) __asm__("__atomic_fetch_sub_8");

uint64_t load8(const volatile uint64_t *from, int) {
  Alone alone;
  return *from;
}

void store8(volatile uint64_t *to, uint64_t value, int) {
  Alone alone;
  *to = value;
}

uint64_t add8(volatile uint64_t *to, uint64_t value, int) {
  Alone alone;
  uint64_t old = *to;
  *to = old + value;
  return old;
}

uint64_t sub8(volatile uint64_t *to, uint64_t value, int order) {
  return add8(to, -value, order);
}
}
