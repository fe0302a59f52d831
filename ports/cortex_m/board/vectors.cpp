// The state of vector instructions that an interrupt may come upon in the
// middle of a loop or block of them.
// https://developer.arm.com/documentation/ddi0553 (B5.5, D1.2)
#include "ports/cortex_m/port.h"

extern "C" void port_reset_vectors() {
#if __ARM_FEATURE_MVE
  uint32_t status, none = 4; // FPSCR.LTPSIZE: no predication by a loop
  __asm__ volatile("vmrs %0, fpscr\n\t"
                   "bfi %0, %1, #16, #3\n\t"
                   "vmsr fpscr, %0\n\t"
                   "movs %0, #0\n\t"
                   "vmsr vpr, %0"
                   : "=&r"(status)
                   : "r"(none)
                   : "cc");
#endif
}
