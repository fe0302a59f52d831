// What runtime/instance.cpp is elsewhere: the instance is there already, and
// "creating" it checks it and runs what instantiation has to run.
#include "runtime/instance.h"
#include "libc_backing/wasi.h"
#include "memory_backends/backend.h"
#include "runtime/layout.h"
#include "runtime/message.h"
#include "runtime/port.h"
#include "runtime/process.h"

/// What the emitter has set aside is what the accesses of the module's strategy
/// may touch.
static bool isReserved(wm_instance *instance) {
  const wm_module *module = instance->module;
  for (uint32_t i = 0; i < module->num_memories && module->backend; ++i)
    if (module->backend->reach(&module->memories[i]) >
        memoryAt(instance, i)->reserved)
      return false;
  return true;
}

static void placeData(const wm_module *module) {
  for (uint32_t i = 0; i < module->num_placed_data; ++i) {
    const wm_placed_data *data = &module->placed_data[i];
    __builtin_memcpy(data->to, data->bytes, data->size);
  }
}

const char *prepareStatic(wm_instance *instance, const wm_module *module,
                          const wm_options *options) {
  if (!isReserved(instance))
    return "memory is smaller than its strategy needs";
  placeData(module);
  wm_store *store = instance->store;
  bool has_fuel = options && options->fuel;
  setFuel(store, has_fuel ? options->fuel : INT64_MAX);
  if (options)
    instance->user_data = options->user_data;
  wm_wasi_config nothing = {};
  nothing.has_no_streams = true;
  bool has_wasi = options && options->wasi;
  static char message[48];
  if (module->wasi_init &&
      !module->wasi_init(instance, has_wasi ? options->wasi : &nothing, message,
                         sizeof(message)))
    return message;
  return nullptr;
}

static wm_status start(const wm_module *module, const wm_options *options,
                       wm_error *error) {
  wm_instance *instance = module->instance;
  const char *reason = !instance ? "the module has no static instance"
                       : instance->reservation
                           ? "the only instance of the module exists already"
                           : nullptr;
  if (!reason) {
    instance->reservation = instance;
    reason = prepareStatic(instance, module, options);
  }
  if (reason) {
    Message(error->message).text(reason);
    return error->status = WM_REFUSED;
  }
  wm_status status = port_enter(
      instance, reinterpret_cast<void (*)(void *)>(module->initialize),
      instance);
  if (status)
    *error = instance->store->error;
  return status;
}

extern "C" {

WM_API wm_store wm_static_store;

WM_API wm_status wm_instance_create(const wm_module *module,
                                    const wm_options *options,
                                    wm_instance **out, wm_error *error) {
  wm_error unwanted;
  wm_status status = start(module, options, error ? error : &unwanted);
  *out = status ? nullptr : module->instance;
  return status;
}
}
