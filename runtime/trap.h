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
/// Raises the trap of call_indirect where a fixed table has another callee.
[[noreturn]] void wm_trap_callee(wm_entry entry);
}
