// Makes and ends the WASI state of an instance on a port without files.
#include "libc_backing/streams/wasi_streams.h"

using namespace wasi;

bool wm_wasi_init(wm_instance *instance, const wm_wasi_config *config,
                  char *message, size_t message_size) {
  StreamState *state = (StreamState *)stateOf(instance);
  if (!state)
    state = (StreamState *)port_reserve(sizeof(StreamState));
  if (!state || config->preopen_count) {
    const char *reason = state ? "there are no directories" : "out of memory";
    for (; message_size > 1 && *reason; --message_size)
      *message++ = *reason++;
    if (message_size)
      *message = 0;
    return false;
  }
  state->config = *config;
  state->closed = config->has_no_streams ? ~0u : 0;
  instance->wasi = state;
  return true;
}

void wm_wasi_destroy(wm_instance *instance) { instance->wasi = nullptr; }
