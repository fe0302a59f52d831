// The runtime moves by the widest registers that all processors have.
#include "runtime/port.h"

extern "C" bool port_move_wide(uint8_t *, const uint8_t *, uint64_t) {
  return false;
}
