// Arguments and environment: what the host granted, copied into the guest.
#include "libc_backing/wasi_state.h"

using namespace wasi;

namespace {
/// Strings that the host granted.
struct Strings {
  const char *const *strings;
  uint32_t count;

  /// Bytes, with the final zeros.
  uint64_t size() const {
    uint64_t result = 0;
    for (uint32_t i = 0; i < count; ++i)
      result += port_length(strings[i]) + 1;
    return result;
  }
};
} // namespace

static Strings arguments(const State *state) {
  return {state->config.argv, (uint32_t)state->config.argc};
}

static Strings environment(const State *state) {
  return {state->config.env, state->config.env_count};
}

static Errno getSizes(wm_instance *instance, Strings from, int32_t count,
                      int32_t size) {
  uint64_t bytes = from.size();
  if (bytes > UINT32_MAX)
    return PORT_EOVERFLOW;
  GuestMemory memory(instance);
  GuestResult<uint32_t> countResult, sizeResult;
  if (!countResult.find(memory, count) || !sizeResult.find(memory, size))
    return PORT_EFAULT;
  countResult.set(from.count);
  sizeResult.set((uint32_t)bytes);
  return Success;
}

static Errno getStrings(wm_instance *instance, Strings from, int32_t pointers,
                        int32_t buffer) {
  uint64_t bytes = from.size();
  GuestMemory memory(instance);
  uint8_t *pointersAt, *bufferAt;
  if (!memory.range((uint32_t)pointers, from.count * sizeof(uint32_t),
                    pointersAt) ||
      !memory.range((uint32_t)buffer, bytes, bufferAt))
    return PORT_EFAULT;
  uint32_t offset = 0;
  for (uint32_t i = 0; i < from.count; ++i) {
    uint32_t address = (uint32_t)buffer + offset;
    __builtin_memcpy(pointersAt + i * sizeof address, &address, sizeof address);
    size_t size = port_length(from.strings[i]) + 1;
    // The strings are the host's and might have changed since they were
    // counted.
    if (size > bytes - offset)
      return PORT_EOVERFLOW;
    __builtin_memcpy(bufferAt + offset, from.strings[i], size);
    offset += (uint32_t)size;
  }
  return Success;
}

int32_t wm_wasi_args_get(wm_instance *instance, int32_t argv, int32_t buffer) {
  WASI_STATE(instance);
  return getStrings(instance, arguments(state), argv, buffer);
}

int32_t wm_wasi_args_sizes_get(wm_instance *instance, int32_t count,
                               int32_t size) {
  WASI_STATE(instance);
  return getSizes(instance, arguments(state), count, size);
}

int32_t wm_wasi_environ_get(wm_instance *instance, int32_t env,
                            int32_t buffer) {
  WASI_STATE(instance);
  return getStrings(instance, environment(state), env, buffer);
}

int32_t wm_wasi_environ_sizes_get(wm_instance *instance, int32_t count,
                                  int32_t size) {
  WASI_STATE(instance);
  return getSizes(instance, environment(state), count, size);
}
