// Start-up: the vector table, the processor, memory, then the program. Faults
// that are no traps of guest code end it: a bug, or a program without
// protection.
#include "ports/cortex_m/port.h"

extern "C" {
extern uint32_t __data_begin[], __data_end[], __bss_begin[], __bss_end[];
extern const uint32_t __data_image[];
extern char __stack_top[];
using Constructor = void (*)();
extern const Constructor __init_array_start[], __init_array_end[];

[[noreturn]] void wm_reset();
void wm_fault();
void wm_take_fault(uint32_t *frame, uint32_t number);
/// Modules have it that need it.
__attribute__((weak)) bool wm_handle_fault(uint32_t *frame);
}

namespace {
using Handler = void (*)();

struct Vectors {
  const char *stack;
  Handler handlers[15];
};
} // namespace

extern "C" {
extern const Vectors wm_vectors;
}
__attribute__((section(".wm_vectors"),
               visibility("default"))) constexpr Vectors wm_vectors = {
    __stack_top,
    {wm_reset, wm_fault, wm_fault, wm_fault, wm_fault, wm_fault, wm_fault,
     wm_fault, wm_fault, wm_fault, wm_fault, wm_fault, wm_fault, wm_fault,
     wm_fault}};

#if __ARM_ARCH >= 7
static volatile uint32_t *systemRegister(uint32_t address) {
  return reinterpret_cast<volatile uint32_t *>(address);
}

/// Access to coprocessors 10 and 11, the floating-point unit; without one the
/// bits stay zero. Handlers of MemManage, BusFault and UsageFault, which are
/// HardFaults else.
static void enableProcessor() {
  constexpr uint32_t Shcsr = 0xe000ed24, Cpacr = 0xe000ed88;
  *systemRegister(Cpacr) = *systemRegister(Cpacr) | 0xf << 20;
  *systemRegister(Shcsr) = *systemRegister(Shcsr) | 7 << 16;
  __asm__ volatile("dsb\n\tisb" : : : "memory");
}
#else
static void enableProcessor() {} // it has none of these
#endif

extern "C" {

void wm_reset() {
  enableProcessor();
  const uint32_t *from = __data_image;
  for (uint32_t *to = __data_begin; to < __data_end;)
    *to++ = *from++;
  for (uint32_t *to = __bss_begin; to < __bss_end;)
    *to++ = 0;
  for (const Constructor *next = __init_array_start; next < __init_array_end;)
    (*next++)();
  wm_exit(programMain());
}

/// The processor has pushed r0 to r3, r12, lr, pc and the flags, on the stack
/// that a bit of lr tells.
__attribute__((naked)) void wm_fault() {
  __asm__("mrs r0, msp\n\t"
          "movs r1, #4\n\t"
          "mov r2, lr\n\t"
          "tst r1, r2\n\t"
          "beq 0f\n\t"
          "mrs r0, psp\n"
          "0:\tmrs r1, ipsr\n\t"
          "ldr r2, =wm_take_fault\n\t"
          "bx r2");
}

void wm_take_fault(uint32_t *frame, uint32_t number) {
  if (wm_handle_fault && wm_handle_fault(frame))
    return;
  bool isLong = number >= 10; // at most 15
  char text[] = {'1', static_cast<char>('0' + number - (isLong ? 10 : 0)), 0};
  wm_report("exception ", text + !isLong, frame[FRAME_PC]);
  wm_exit(134);
}
}
