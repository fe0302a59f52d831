// Makes and ends the WASI state of an instance on a port without files.
#include "libc_backing/streams/wasi_streams.h"

using namespace wasi;

StreamState wm_wasi_state;

bool wm_wasi_init(wm_instance *instance, const wm_wasi_config *config,
                  char *message, size_t message_size) {
  if (config->preopen_count) {
    const char *reason = "there are no directories";
    for (; message_size > 1 && *reason; --message_size)
      *message++ = *reason++;
    if (message_size)
      *message = 0;
    return false;
  }
  wm_wasi_state.config = *config;
  wm_wasi_state.closed = config->has_no_streams ? ~0u : 0;
  return true;
}

void wm_wasi_destroy(wm_instance *) {}
