// The process: its end, signals to itself, giving up the processor.
#include "libc_backing/wasi_state.h"
#include "runtime/port.h"

using namespace wasi;

// A request, which the guest's code meets as soon as it has control again:
// whoever entered it is told, and nothing of the guest's runs any more.
void wm_wasi_proc_exit(wm_instance *instance, int32_t code) {
  instance->store->error.exit_code = code;
  __atomic_fetch_or(&instance->store->interrupt, WM_REQUEST_EXIT,
                    __ATOMIC_RELAXED);
}

int32_t wm_wasi_proc_raise(wm_instance *instance, int32_t signal) {
  WASI_STATE(instance);
  enum { Last = 30 };
  if ((uint32_t)signal > Last)
    return PORT_EINVAL;
  if (!state->config.is_process)
    return PORT_ENOTCAPABLE;
  return signal == 0 ? Success : errnoOf(port_raise(signal));
}

int32_t wm_wasi_sched_yield(wm_instance *instance) {
  WASI_STATE(instance);
  port_yield();
  return Success;
}
