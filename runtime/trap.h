// Traps: the functions that raise them. Codes and names are public.
// https://webassembly.github.io/spec/core/intro/overview.html#trap
#pragma once

#include "runtime/abi.h"

extern "C" {
#define WM_TRAP(name, message) [[noreturn]] void wm_trap_##name();
#include "runtime/include/wasmetal/traps.def"

/// Which trap store->interrupt asks for. A request ends with the trap that it
/// raises, so the trap has to be raised.
wm_trap_code wm_take_request(struct wm_store *store);
/// Raises the trap that store->interrupt asks for.
[[noreturn]] void wm_trap_requested(wm_store *store);
/// Makes the trap that ended an entry, at `pc`, or with WM_TRAP_none the
/// exception that did, the store's last error, and returns its status.
wm_status wm_keep_trap(wm_store *store, wm_trap_code trap, const void *pc);
/// Raises the trap of call_indirect where a fixed table has another callee.
[[noreturn]] void wm_trap_callee(const wm_entry *entry);
}

/// In the call that a return address is behind. Those of Thumb code are odd.
static inline const void *callBefore(const void *return_address) {
#if __arm__
  return reinterpret_cast<const void *>(
      (reinterpret_cast<uintptr_t>(return_address) & ~uintptr_t(1)) - 2);
#else
  return static_cast<const char *>(return_address) - 1;
#endif
}

/// Of the function that this stands in, the call.
#define WM_CALL_SITE() callBefore(__builtin_return_address(0))

/// wm_trap_message, where a constant is to become its message.
static inline __attribute__((always_inline)) const char *
trapMessage(wm_trap_code code) {
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
