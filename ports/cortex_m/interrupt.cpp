// Stopping guest code from outside. A request stands in the store; the handler
// of an interrupt that finds the processor in guest code ends the entry at
// once. Elsewhere it does nothing: what the host or the runtime does for guest
// code is followed by a look at the request, and so is the way in. The sandbox
// rests on this file.
#include "ports/cortex_m/port.h"
#include "runtime/process.h"

extern "C" {

WM_API void wm_interrupt(wm_instance *instance) {
  __atomic_fetch_or(&instance->store->interrupt, WM_REQUEST_INTERRUPT,
                    __ATOMIC_RELAXED);
}

WM_API bool wm_interrupt_clear(wm_instance *instance) {
  return __atomic_fetch_and(&instance->store->interrupt, ~WM_REQUEST_INTERRUPT,
                            __ATOMIC_RELAXED) &
         WM_REQUEST_INTERRUPT;
}

WM_API bool wm_handle_interrupt(uint32_t *frame) {
  wm_store *store = &wm_static_store;
  if (!store->interrupt || !isGuestCode(frame[FRAME_PC]))
    return false;
  wm_divert(frame, wm_take_request(store));
  return true;
}
}
