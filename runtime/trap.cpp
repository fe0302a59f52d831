// Traps that compiled code raises by a call. The place is the caller's: the
// return address points behind the call, hence one less.
#include "runtime/trap.h"
#include "runtime/port.h"
#include "runtime/process.h"

extern "C" {
#define WM_TRAP(name, message)                                                 \
  __attribute__((cold, noinline)) void wm_trap_##name() {                      \
    port_trap(WM_TRAP_##name,                                                  \
              static_cast<const char *>(__builtin_return_address(0)) - 1);     \
  }
#include "runtime/include/wasmetal/traps.def"

__attribute__((cold, noinline)) void wm_trap_requested(wm_store *store) {
  // Whoever raises a request's trap consumes the request.
  uint32_t code = __atomic_exchange_n(&store->interrupt, 0u, __ATOMIC_RELAXED);
  port_trap(static_cast<wm_trap_code>(code),
            static_cast<const char *>(__builtin_return_address(0)) - 1);
}

WM_API const char *wm_trap_message(wm_trap_code code) {
  switch (code) {
  case WM_TRAP_none:
    return "";
#define WM_TRAP(name, message)                                                 \
  case WM_TRAP_##name:                                                         \
    return message;
#include "runtime/include/wasmetal/traps.def"
  }
  return "unknown trap";
}
}
