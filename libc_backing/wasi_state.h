// What WASI keeps for an instance, and how its functions begin. Ports with
// files add wasi_files.h, those with streams alone streams/wasi_streams.h.
#pragma once

#include "libc_backing/guest_memory.h"
#include "libc_backing/wasi.h"
#include "libc_backing/wasi_types.h"
#include "runtime/port.h"

namespace wasi {

/// What all ports keep; descriptors are in what is derived from it.
struct State {
  wm_wasi_config config;
};

static inline State *stateOf(wm_instance *instance) {
  return (State *)instance->wasi;
}

/// What a function begins with: the state, without which it answers `nosys`.
#define WASI_STATE(instance)                                                   \
  wasi::State *state = wasi::stateOf(instance);                                \
  if (!state)                                                                  \
  return PORT_ENOSYS

/// A port's result as an errno.
static inline Errno errnoOf(int64_t result) {
  return result < 0 ? (Errno)-result : Success;
}

} // namespace wasi
