// Arguments and environment: what the host granted, copied into the guest.
#include "libc_backing/wasi_state.h"

using namespace wasi;

static Errno getSizes(wm_instance *instance, uint64_t number, uint64_t bytes,
                      int32_t count, int32_t size) {
  if (bytes > UINT32_MAX)
    return PORT_EOVERFLOW;
  GuestMemory memory(instance);
  GuestResult<uint32_t> countResult, sizeResult;
  if (!countResult.find(memory, count) || !sizeResult.find(memory, size))
    return PORT_EFAULT;
  countResult.set((uint32_t)number);
  sizeResult.set((uint32_t)bytes);
  return Success;
}

static Errno getStrings(wm_instance *instance, const char *const *strings,
                        uint64_t number, uint64_t bytes, int32_t pointers,
                        int32_t buffer) {
  GuestMemory memory(instance);
  uint8_t *pointersAt, *bufferAt;
  if (!memory.range((uint32_t)pointers, number * sizeof(uint32_t),
                    pointersAt) ||
      !memory.range((uint32_t)buffer, bytes, bufferAt))
    return PORT_EFAULT;
  uint32_t offset = 0;
  for (uint64_t i = 0; i < number; ++i) {
    uint32_t address = (uint32_t)buffer + offset;
    __builtin_memcpy(pointersAt + i * sizeof address, &address, sizeof address);
    size_t size = port_length(strings[i]) + 1;
    // The strings are the host's and might have changed since they were
    // counted.
    if (size > bytes - offset)
      return PORT_EOVERFLOW;
    __builtin_memcpy(bufferAt + offset, strings[i], size);
    offset += (uint32_t)size;
  }
  return Success;
}

int32_t wm_wasi_args_get(wm_instance *instance, int32_t argv, int32_t buffer) {
  WASI_STATE(instance);
  return getStrings(instance, state->config.argv, (uint64_t)state->config.argc,
                    state->argSize, argv, buffer);
}

int32_t wm_wasi_args_sizes_get(wm_instance *instance, int32_t count,
                               int32_t size) {
  WASI_STATE(instance);
  return getSizes(instance, (uint64_t)state->config.argc, state->argSize, count,
                  size);
}

int32_t wm_wasi_environ_get(wm_instance *instance, int32_t env,
                            int32_t buffer) {
  WASI_STATE(instance);
  return getStrings(instance, state->config.env, state->config.env_count,
                    state->envSize, env, buffer);
}

int32_t wm_wasi_environ_sizes_get(wm_instance *instance, int32_t count,
                                  int32_t size) {
  WASI_STATE(instance);
  return getSizes(instance, state->config.env_count, state->envSize, count,
                  size);
}
