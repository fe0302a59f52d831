// Descriptors of ports without files: three streams, the guest's numbers being
// the port's.
#pragma once

#include "libc_backing/wasi_state.h"

namespace wasi {

struct StreamState : State {
  uint32_t closed; // a bit each
};

static inline bool isOpenStream(const StreamState *state, int32_t fd) {
  return (uint32_t)fd < 3 && !(state->closed >> fd & 1);
}

/// What a function on a stream begins with.
#define WASI_STREAM(instance, fd)                                              \
  wasi::StreamState *state =                                                   \
      static_cast<wasi::StreamState *>(wasi::stateOf(instance));               \
  if (!state)                                                                  \
    return PORT_ENOSYS;                                                        \
  if (!wasi::isOpenStream(state, fd))                                          \
  return PORT_EBADF

} // namespace wasi

/// Of the module's one instance, whose value refers to it
/// (compiler/emit/static_instance.cpp).
extern "C" wasi::StreamState wm_wasi_state;
