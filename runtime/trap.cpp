// Traps that compiled code raises by a call. The place is the caller's.
#include "runtime/trap.h"
#include "runtime/port.h"
#include "runtime/process.h"

/// Ends a request that somebody has made; use(trap) for the trap that it asks
/// for, each by itself: firmware has the messages of those that it uses.
template <typename Use> static auto withRequest(wm_store *store, Use use) {
  auto take = [store](uint32_t request) {
    return __atomic_fetch_and(&store->interrupt, ~request, __ATOMIC_RELAXED) &
           request;
  };
  // What a function of the host decided comes first: it is about this call.
  if (take(WM_REQUEST_EXIT))
    return use(WM_TRAP_exit);
  if (take(WM_REQUEST_HOST))
    return use(WM_TRAP_host);
  if (take(WM_REQUEST_INTERRUPT))
    return use(WM_TRAP_interrupted);
  uint32_t time = __atomic_load_n(&store->interrupt, __ATOMIC_RELAXED);
  return use(time & WM_REQUEST_TIME ? WM_TRAP_time_limit : WM_TRAP_interrupted);
}

extern "C" {
#define WM_TRAP(name, message)                                                 \
  __attribute__((cold, noinline)) void wm_trap_##name() {                      \
    port_trap(WM_TRAP_##name, WM_CALL_SITE());                                 \
  }
#include "runtime/include/wasmetal/traps.def"

wm_trap_code wm_take_request(wm_store *store) {
  return withRequest(store, [](wm_trap_code trap) { return trap; });
}

__attribute__((cold, noinline)) void wm_trap_requested(wm_store *store) {
  const void *pc = WM_CALL_SITE();
  withRequest(store, [pc](wm_trap_code trap) {
    [[clang::nomerge]] port_trap(trap, pc);
  });
  __builtin_unreachable();
}

__attribute__((cold, noinline)) void wm_trap_callee(const wm_entry *entry) {
  const void *pc = WM_CALL_SITE();
  if (*entry == WM_NO_ENTRY) [[clang::nomerge]]
    port_trap(WM_TRAP_undefined_element, pc);
  if (*entry == WM_NULL_ENTRY) [[clang::nomerge]]
    port_trap(WM_TRAP_uninitialized_element, pc);
  [[clang::nomerge]] port_trap(WM_TRAP_indirect_call_type, pc);
}

WM_API const char *wm_trap_message(wm_trap_code code) {
  return trapMessage(code);
}
}
