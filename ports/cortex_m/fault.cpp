// Faults that are traps. An unprivileged access of compiled code that faults is
// out of bounds: within bounds there is RAM that the region gives it, whatever
// the alignment. The sandbox rests on this file.
// https://developer.arm.com/documentation/ddi0403 (B1.5.6, B3.2.15)
#include "ports/cortex_m/port.h"
#include "runtime/process.h"

/// Whether an instruction is LDRT, STRT or one of their narrow forms. Linear
/// memory is no place for code, so that there are two halves to read.
static bool isUnprivileged(const uint16_t *instruction) {
  return (instruction[0] & 0xfe80) == 0xf800 &&
         (instruction[1] & 0x0f00) == 0x0e00;
}

extern "C" {

WM_API bool wm_handle_fault(uint32_t *frame) {
  // Configurable Fault Status: of data that the processor read or wrote, by an
  // instruction that it can name. HardFault Status: one of these in disguise.
  constexpr uint32_t AccessViolation = 1 << 1, PreciseBusFault = 1 << 9,
                     Unaligned = 1 << 24, AddressesValid = 1 << 7 | 1 << 15;
  auto *status = reinterpret_cast<volatile uint32_t *>(0xe000ed28);
  auto *hard = reinterpret_cast<volatile uint32_t *>(0xe000ed2c);
  uint32_t causes = *status & ~AddressesValid;
  uint32_t traps = AccessViolation | PreciseBusFault | Unaligned;
  uint32_t pc = frame[FRAME_PC];
  if (!(causes & traps) || (causes & ~traps) || !isGuestCode(pc) ||
      !isUnprivileged(reinterpret_cast<const uint16_t *>(pc)))
    return false;
  *status = *status; // bits are cleared by ones
  *hard = *hard;
  wm_divert(frame, WM_TRAP_memory_bounds);
  return true;
}
}
