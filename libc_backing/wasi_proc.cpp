// The process: its end, signals to itself, giving up the processor.
#include "libc_backing/wasi_state.h"
#include "runtime/port.h"

using namespace wasi;

// The runtime buffers no output: nothing is lost. Without state too, as a
// program that cannot end would go on where it must not.
void wm_wasi_proc_exit(wm_instance *instance, int32_t code) { port_exit(code); }

int32_t wm_wasi_proc_raise(wm_instance *instance, int32_t signal) {
  WASI_STATE(instance);
  enum { Last = 30 };
  if ((uint32_t)signal > Last)
    return PORT_EINVAL;
  return signal == 0 ? Success : errnoOf(port_raise(signal));
}

int32_t wm_wasi_sched_yield(wm_instance *instance) {
  WASI_STATE(instance);
  port_yield();
  return Success;
}
