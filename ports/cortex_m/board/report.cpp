// One line that tells why a program ended. Written piece by piece, as a buffer
// for all of it and what fills it would take more room than this.
#include "ports/cortex_m/port.h"

extern "C" void wm_report(const char *text, const char *more,
                          uintptr_t address) {
  char digits[2 * sizeof(address) + 1];
  char *at = digits + sizeof(digits) - 1;
  const char *place = address ? " at address 0x" : "";
  for (*at = 0; address; address /= 16)
    *--at = "0123456789abcdef"[address % 16];
  const char *parts[] = {"wasmetal: ", text, more, place, at, "\n"};
  for (const char *part : parts) {
    uint32_t size = 0;
    while (part[size])
      ++size;
    port_message(part, size);
  }
}
