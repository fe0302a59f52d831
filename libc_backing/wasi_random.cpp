// Random numbers, from the system's generator for keys.
#include "libc_backing/wasi_state.h"

using namespace wasi;

int32_t wm_wasi_random_get(wm_instance *instance, int32_t buffer,
                           int32_t length) {
  WASI_STATE(instance);
  GuestMemory memory(instance);
  uint8_t *at;
  if (!memory.range((uint32_t)buffer, (uint32_t)length, at))
    return PORT_EFAULT;
  return errnoOf(port_random(at, (uint32_t)length));
}
