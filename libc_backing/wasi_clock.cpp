// Clocks: realtime, monotonic, and the processor time of process and thread.
#include "libc_backing/wasi_state.h"

using namespace wasi;

static Errno read(wm_instance *instance, int (*clock)(port_clock, uint64_t *),
                  int32_t id, int32_t result) {
  WASI_STATE(instance);
  GuestMemory memory(instance);
  GuestResult<uint64_t> time;
  if ((uint32_t)id > PORT_THREAD_CPUTIME)
    return PORT_EINVAL;
  if (!time.find(memory, result))
    return PORT_EFAULT;
  uint64_t nanoseconds;
  int error = clock((port_clock)id, &nanoseconds);
  if (error)
    return errnoOf(error);
  time.set(nanoseconds);
  return Success;
}

int32_t wm_wasi_clock_res_get(wm_instance *instance, int32_t id,
                              int32_t result) {
  return read(instance, port_clock_resolution, id, result);
}

int32_t wm_wasi_clock_time_get(wm_instance *instance, int32_t id,
                               int64_t precision, int32_t result) {
  return read(instance, port_clock_time, id, result);
}
