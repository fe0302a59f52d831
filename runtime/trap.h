// Traps: their codes, names, and the functions that raise them.
// https://webassembly.github.io/spec/core/intro/overview.html#trap
#pragma once

enum wm_trap_code : int {
  WM_TRAP_none,
#define TRAP(name, message) WM_TRAP_##name,
#include "runtime/traps.def"
};

extern "C" {
#define TRAP(name, message) [[noreturn]] void wm_trap_##name();
#include "runtime/traps.def"

/// Raises the trap that store->interrupt asks for.
[[noreturn]] void wm_trap_requested(struct wm_store *store);

/// The specification's words for a trap; "" for none.
const char *wm_trap_message(wm_trap_code code);
}
