// Finding functions and exports of an instance, and calling them as guest code.
// https://webassembly.github.io/spec/core/exec/modules.html#invocation
#include "runtime/builder.h"
#include "runtime/layout.h"
#include "runtime/port.h"
#include "runtime/process.h"
#include "runtime/shared.h"

//===-- Finding -----------------------------------------------------------===//

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

wm_function *functionReference(wm_instance *instance, uint32_t index) {
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

bool findExport(wm_instance *instance, const char *name, uint64_t name_size,
                wm_external *out) {
  const wm_module *module = instance->module;
  for (uint32_t i = 0; i < module->num_exports; ++i) {
    const wm_export_row &entry = module->exports[i];
    if (entry.name_size != name_size ||
        __builtin_memcmp(entry.name, name, name_size) != 0)
      continue;
    *out = {};
    out->kind = entry.kind;
    out->store = instance->store;
    switch (entry.kind) {
    case WM_FUNCTION:
      out->function = functionReference(instance, entry.index);
      break;
    case WM_TABLE:
      out->table = at<wm_table *>(instance, module->tables_offset)[entry.index];
      break;
    case WM_MEMORY:
      out->memory = memoryAt(instance, entry.index);
      if (isOfNoStore(out->memory))
        out->store = nullptr;
      break;
    case WM_TAG:
      out->tag = at<const wm_tag *>(instance, module->tags_offset)[entry.index];
      break;
    default:
      out->global.address =
          at<void *>(instance, module->globals_offset)[entry.index];
      out->global.kind = module->globals[entry.index].kind;
      out->global.is_mutable = module->globals[entry.index].is_mutable;
      out->global.reference =
          refType(instance, module->globals[entry.index].reference);
    }
    return true;
  }
  return false;
}

//===-- Entering ----------------------------------------------------------===//

wm_status keepException(wm_store *store, const wm_exception *exception) {
  wm_error *error = &store->error;
  ++store->num_failures;
  error->trap_pc = nullptr;
  error->trap = WM_TRAP_none;
  error->exception = exception;
  Message(error->message).text("uncaught exception");
  return error->status = WM_THROWN;
}

__attribute__((cold)) wm_status wm_keep_trap(wm_store *store, wm_trap_code trap,
                                             const void *pc) {
  wm_exception *exception = store->exception;
  store->exception = nullptr;
  if (trap == WM_TRAP_none)
    return keepException(store, exception);
  wm_error *error = &store->error;
  ++store->num_failures;
  error->trap_pc = pc;
  error->exception = exception;
  if (trap == WM_TRAP_exit) {
    error->trap = WM_TRAP_none;
    Message(error->message)
        .text("exited with code ")
        .number(static_cast<uint32_t>(error->exit_code));
    return error->status = WM_EXITED;
  }
  // A function of the host has left its own message.
  if (trap != WM_TRAP_host)
    Message(error->message).text(wm_trap_message(trap));
  error->trap = trap;
  error->exit_code = 0;
  return error->status = WM_TRAPPED;
}

static wm_status enterGuest(wm_instance *instance, void (*function)(void *),
                            void *argument, wm_error *error) {
  wm_status status = port_enter(instance, function, argument);
  if (status == WM_OK) {
    error->status = WM_OK;
    error->message[0] = 0;
    return WM_OK;
  }
  // The store and its last error are another thread's.
  if (status == WM_BUSY)
    return refuse(error, WM_BUSY, "instance is in use by another thread");
  *error = instance->store->error;
  return status;
}

namespace {
struct Call {
  void (*enter)(wm_instance *, void *code, const wm_value *args,
                wm_value *results);
  wm_function function;
  const wm_value *args;
  wm_value *results;
};
} // namespace

static void runCall(void *argument) {
  Call *call = static_cast<Call *>(argument);
  call->enter(call->function.instance, call->function.code, call->args,
              call->results);
}

static void runInitialize(void *argument) {
  wm_instance *instance = static_cast<wm_instance *>(argument);
  instance->module->initialize(instance);
}

wm_status callFunction(const wm_function *function, const wm_value *args,
                       wm_value *results, wm_error *error) {
  if (!function->instance)
    return refuse(error, WM_REFUSED, "function belongs to no instance");
  const wm_type *type =
      wm_type_provided(function->type, function->instance->module);
  if (!type)
    return refuse(error, WM_REFUSED,
                  "no loaded module has functions of this type");
  Call call = {type->enter, *function, args, results};
  return enterGuest(function->instance, runCall, &call, error);
}

wm_status startInstance(wm_instance *instance, wm_error *error) {
  const wm_module *module = instance->module;
  if (module->initialize)
    if (wm_status status = enterGuest(instance, runInitialize, instance, error))
      return status;
  error->status = WM_OK;
  if (module->start == ~0u)
    return WM_OK;
  wm_function start = functionAt(instance, module->start);
  return callFunction(&start, nullptr, nullptr, error);
}

//===-- The interface -----------------------------------------------------===//

/// Compares counts and calls. The error goes to the store and to `error`, which
/// may be null.
static wm_status checkAndCall(const wm_function *function, const wm_value *args,
                              uint32_t num_args, wm_value *results,
                              uint32_t num_results, wm_error *error) {
  wm_error unwanted;
  if (!error)
    error = &unwanted;
  const wm_type *type = typeOf(function);
  if (num_args == type->num_params && num_results == type->num_results)
    return callFunction(function, args, results, error);
  error->status = WM_REFUSED;
  bool is_args = num_args != type->num_params;
  Message(error->message)
      .text(is_args ? "expected " : "expected room for ")
      .number(is_args ? type->num_params : type->num_results)
      .text(is_args ? " arguments, found " : " results, found ")
      .number(is_args ? num_args : num_results);
  function->instance->store->error = *error;
  return WM_REFUSED;
}

extern "C" {

__attribute__((cold)) wm_status wm_refuse_instance(wm_instance *instance,
                                                   const wm_module *module) {
  wm_error *error = &instance->store->error;
  error->status = WM_REFUSED;
  Message(error->message)
      .text("a function of ")
      .text(module->name)
      .text(" was called with an instance of ")
      .text(instance->module->name);
  return WM_REFUSED;
}

WM_API wm_status wm_function_call(const wm_function *function,
                                  const wm_value *args, uint32_t num_args,
                                  wm_value *results, uint32_t num_results,
                                  wm_error *error) {
  return checkAndCall(function, args, num_args, results, num_results, error);
}

WM_API wm_status wm_call(wm_instance *instance, const char *name,
                         const wm_value *args, uint32_t num_args,
                         wm_value *results, uint32_t num_results,
                         wm_error *error) {
  wm_external external;
  if (wm_instance_export(instance, name, &external) &&
      external.kind == WM_FUNCTION)
    return checkAndCall(external.function, args, num_args, results, num_results,
                        error);
  wm_error *kept = &instance->store->error;
  kept->status = WM_NOT_FOUND;
  Message(kept->message)
      .text("no exported function ")
      .name(name, textSize(name));
  if (error)
    *error = *kept;
  return WM_NOT_FOUND;
}
}
