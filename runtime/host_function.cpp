// Functions of the host that guest code calls: records that guest code takes
// for instances, with the code of their type as their code.
#include "runtime/builder.h"
#include "runtime/layout.h"
#include "runtime/process.h"

/// Of records; nothing of it is ever looked at but its code, which it has not.
static const wm_module HostModule = {};

wm_function *makeHostFunction(wm_instance *instance, const void *canonical,
                              wm_callback callback, void *context) {
  const wm_type *type = wm_type_provided(canonical, instance->module);
  void *memory =
      type ? storeAllocate(instance->store, sizeof(wm_host_function)) : nullptr;
  if (!memory)
    return nullptr;
  wm_host_function *host = static_cast<wm_host_function *>(memory);
  host->header.module = &HostModule;
  host->header.store = instance->store;
  host->callback = callback;
  host->context = context;
  host->instance = instance;
  host->function = {type->leave, &host->header, canonical};
  return &host->function;
}

extern "C" {

void wm_fail_host(wm_instance *instance, wm_status status, uint32_t failures) {
  wm_store *store = instance->store;
  wm_error *error = &store->error;
  if (store->num_failures == failures)
    wm_fail(instance, "a function of the host failed");
  // Guest code looks for an exception after what may throw, as this may.
  if (status == WM_THROWN && error->status == WM_THROWN) {
    store->exception = const_cast<wm_exception *>(error->exception);
    return;
  }
  uint32_t request = WM_REQUEST_HOST;
  // A program that ended itself within the function ends here as well.
  if (status == WM_EXITED && error->status == WM_EXITED)
    request = WM_REQUEST_EXIT;
  // Guest code tests this after each call of the host.
  __atomic_fetch_or(&store->interrupt, request, __ATOMIC_RELAXED);
}

void wm_run_callback(void *argument) {
  const wm_callback_frame *frame = static_cast<wm_callback_frame *>(argument);
  wm_host_function *function = frame->function;
  wm_store *store = function->header.store;
  uint32_t failures = store->num_failures;
  wm_status status = function->callback(function->context, function->instance,
                                        frame->params, frame->results);
  if (__builtin_expect(status == WM_OK, 1))
    return;
  wm_fail_host(&function->header, status, failures);
}

WM_API wm_status wm_fail(wm_instance *instance, const char *message) {
  wm_error *error = &instance->store->error;
  ++instance->store->num_failures;
  error->trap_pc = nullptr;
  error->trap = WM_TRAP_host;
  Message(error->message).text(message);
  return error->status = WM_TRAPPED;
}

/// The type of the instance's module with these parameters and results.
static const void *findType(wm_instance *instance, const wm_kind *params,
                            uint32_t num_params, const wm_kind *results,
                            uint32_t num_results) {
  const wm_module *module = instance->module;
  for (uint32_t i = 0; i < module->num_types; ++i) {
    const wm_type *type = module->types[i];
    if (type->composite == WM_FUNC && type->num_params == num_params &&
        type->num_results == num_results &&
        __builtin_memcmp(type->kinds, params, num_params) == 0 &&
        __builtin_memcmp(type->kinds + num_params, results, num_results) == 0)
      return at<const void *>(instance, module->types_offset)[i];
  }
  return nullptr;
}

WM_API wm_status wm_function_create(wm_instance *instance,
                                    const wm_kind *params, uint32_t num_params,
                                    const wm_kind *results,
                                    uint32_t num_results, wm_callback callback,
                                    void *context, wm_function **out,
                                    wm_error *error) {
  if (!error)
    error = &instance->store->error;
  const void *type =
      findType(instance, params, num_params, results, num_results);
  if (!type)
    return refuse(error, WM_NOT_FOUND,
                  "the module has no function type of these kinds");
  wm_function *function = makeHostFunction(instance, type, callback, context);
  if (!function)
    return refuse(error, WM_NO_MEMORY, "out of memory");
  *out = function;
  return WM_OK;
}
}
