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

wm_trap_code wm_take_request(wm_store *store) {
  struct Row {
    uint32_t request;
    wm_trap_code trap;
  };
  // What a function of the host decided comes first: it is about this call.
  static constexpr Row rows[] = {{WM_REQUEST_EXIT, WM_TRAP_exit},
                                 {WM_REQUEST_HOST, WM_TRAP_host},
                                 {WM_REQUEST_INTERRUPT, WM_TRAP_interrupted}};
  for (const Row &row : rows)
    if (__atomic_fetch_and(&store->interrupt, ~row.request, __ATOMIC_RELAXED) &
        row.request)
      return row.trap;
  uint32_t time = __atomic_load_n(&store->interrupt, __ATOMIC_RELAXED);
  return time & WM_REQUEST_TIME ? WM_TRAP_time_limit : WM_TRAP_interrupted;
}

__attribute__((cold, noinline)) void wm_trap_requested(wm_store *store) {
  port_trap(wm_take_request(store),
            static_cast<const char *>(__builtin_return_address(0)) - 1);
}

__attribute__((cold, noinline)) void wm_trap_callee(const wm_entry *entry) {
  wm_trap_code trap = *entry == WM_NO_ENTRY     ? WM_TRAP_undefined_element
                      : *entry == WM_NULL_ENTRY ? WM_TRAP_uninitialized_element
                                                : WM_TRAP_indirect_call_type;
  port_trap(trap, static_cast<const char *>(__builtin_return_address(0)) - 1);
}

WM_API const char *wm_trap_message(wm_trap_code code) {
  switch (code) {
  case WM_TRAP_none:
    return "";
#define WM_TRAP(name, message)                                                 \
  case WM_TRAP_##name:                                                         \
    return message;
#include "runtime/include/wasmetal/traps.def"
  default:
    return "unknown trap";
  }
}
}
