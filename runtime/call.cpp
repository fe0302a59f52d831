// Finding functions and exports of an instance, and calling them as guest code.
// https://webassembly.github.io/spec/core/exec/modules.html#invocation
#include "runtime/instance.h"
#include "runtime/layout.h"
#include "runtime/message.h"
#include "runtime/port.h"
#include "runtime/process.h"

static void *definedCode(const wm_module *module, uint32_t index) {
  const int32_t *entry =
      &module->function_code[index - module->num_imported_functions];
  return const_cast<char *>(reinterpret_cast<const char *>(entry)) + *entry;
}

wm_function functionAt(wm_instance *instance, uint32_t index) {
  const wm_module *module = instance->module;
  if (index < module->num_imported_functions)
    return at<wm_function>(instance, module->functions_offset)[index];
  const void **types = at<const void *>(instance, module->types_offset);
  return {definedCode(module, index), instance,
          types[module->function_types[index]]};
}

extern "C" {

WM_API bool wm_instance_export(wm_instance *instance, const char *name,
                               uint64_t name_size, wm_external *out) {
  const wm_module *module = instance->module;
  for (uint32_t i = 0; i < module->num_exports; ++i) {
    const wm_export &entry = module->exports[i];
    if (entry.name_size != name_size ||
        __builtin_memcmp(entry.name, name, name_size) != 0)
      continue;
    *out = {};
    out->kind = entry.kind;
    switch (entry.kind) {
    case WM_FUNCTION:
      out->function = wm_instance_function(instance, entry.index);
      break;
    case WM_TABLE:
      out->table = at<wm_table *>(instance, module->tables_offset)[entry.index];
      break;
    case WM_MEMORY:
      out->memory =
          at<wm_memory *>(instance, module->memories_offset)[entry.index];
      break;
    default:
      out->global.address =
          at<void *>(instance, module->globals_offset)[entry.index];
      out->global.kind = module->globals[entry.index].kind;
      out->global.is_mutable = module->globals[entry.index].is_mutable;
    }
    return true;
  }
  return false;
}

WM_API wm_function *wm_instance_function(wm_instance *instance,
                                         uint32_t index) {
  const wm_module *module = instance->module;
  wm_function *functions = at<wm_function>(instance, module->functions_offset);
  if (index < module->num_imported_functions)
    return functions + index;
  uint32_t low = 0, high = module->num_references;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (module->references[middle] < index)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == module->num_references || module->references[low] != index)
    return nullptr;
  return functions + module->num_imported_functions + low;
}
}

namespace {
struct Call {
  void (*enter)(wm_instance *, void *code, wm_value *values);
  wm_function function;
  wm_value *values;
};
} // namespace

static void runCall(void *argument) {
  Call *call = static_cast<Call *>(argument);
  call->enter(call->function.instance, call->function.code, call->values);
}

static void runInitialize(void *argument) {
  wm_instance *instance = static_cast<wm_instance *>(argument);
  instance->module->initialize(instance);
}

static wm_status enterGuest(wm_instance *instance, void (*function)(void *),
                            void *argument, wm_error *error) {
  wm_activation activation;
  int result = port_enter(&activation, instance, function, argument);
  if (result == WM_TRAP_none)
    return WM_OK;
  if (result == PORT_NOT_ENTERED) {
    Message(error->message).text("instance is in use by another thread");
    return WM_BUSY;
  }
  wm_trap_code trap = static_cast<wm_trap_code>(result);
  error->trap = trap;
  error->trap_pc = activation.trap_pc;
  Message(error->message).text(wm_trap_message(trap));
  return WM_TRAPPED;
}

extern "C" {

WM_API wm_status wm_call(const wm_function *function, wm_value *values,
                         wm_error *error) {
  *error = {};
  const wm_module *module =
      function->instance ? function->instance->module : nullptr;
  if (!module) {
    Message(error->message).text("function belongs to no instance");
    return WM_REFUSED;
  }
  Call call = {wm_type_enter(function->type, module), *function, values};
  if (!call.enter) {
    Message(error->message).text("no loaded module has functions of this type");
    return WM_REFUSED;
  }
  return enterGuest(function->instance, runCall, &call, error);
}

WM_API wm_status wm_instance_start(wm_instance *instance, wm_error *error) {
  *error = {};
  const wm_module *module = instance->module;
  if (module->initialize)
    if (wm_status status = enterGuest(instance, runInitialize, instance, error))
      return status;
  if (module->start == ~0u)
    return WM_OK;
  wm_function start = functionAt(instance, module->start);
  wm_value none[1] = {};
  return wm_call(&start, none, error);
}
}
