// What a host can learn about modules and instances.
#include "runtime/builder.h"
#include "runtime/layout.h"
#include "runtime/process.h"

static void describeFunction(const wm_module *module, uint32_t type,
                             wm_extern_type *out) {
  const wm_type *signature = module->types[type];
  out->params = signature->kinds;
  out->num_params = signature->num_params;
  out->results = signature->kinds + signature->num_params;
  out->num_results = signature->num_results;
}

static void describeExport(const wm_module *module, const wm_export_row &row,
                           wm_extern_type *out) {
  switch (row.kind) {
  case WM_FUNCTION:
    describeFunction(module, module->function_types[row.index], out);
    break;
  case WM_TABLE: {
    const wm_table_type &type = module->tables[row.index];
    out->value = type.kind;
    out->minimum = type.minimum;
    out->has_maximum = type.has_maximum;
    out->maximum = type.has_maximum ? type.maximum : 0;
    out->is_64 = type.is_64;
    break;
  }
  case WM_MEMORY: {
    const wm_memory_type &type = module->memories[row.index];
    out->is_shared = type.is_shared;
    out->is_64 = type.is_64;
    out->page_size = 1u << type.page_log2;
    out->minimum = type.minimum >> type.page_log2;
    out->has_maximum = type.has_maximum;
    out->maximum = type.has_maximum ? type.maximum >> type.page_log2 : 0;
    break;
  }
  case WM_TAG:
    describeFunction(module, module->tag_types[row.index], out);
    break;
  default: {
    const wm_global_type &type = module->globals[row.index];
    out->value = type.kind;
    out->is_mutable = type.is_mutable;
  }
  }
}

/// The type of an imported memory; imports of a kind come in their order.
static const wm_memory_type &importedMemory(const wm_module *module,
                                            uint32_t import) {
  uint32_t memory = 0;
  for (uint32_t i = 0; i < import; ++i)
    memory += module->imports[i].kind == WM_MEMORY;
  return module->memories[memory];
}

extern "C" {

WM_API const char *wm_module_name(const wm_module *module) {
  return module->name;
}

WM_API uint32_t wm_module_num_imports(const wm_module *module) {
  return module->num_imports;
}

WM_API uint32_t wm_module_num_exports(const wm_module *module) {
  return module->num_exports;
}

WM_API bool wm_module_import(const wm_module *module, uint32_t index,
                             wm_extern_type *out) {
  if (index >= module->num_imports)
    return false;
  const wm_import_row &row = module->imports[index];
  *out = {};
  out->module = row.module;
  out->module_size = row.module_size;
  out->name = row.name;
  out->name_size = row.name_size;
  out->kind = row.kind;
  out->value = row.value_kind;
  out->is_mutable = row.is_mutable;
  out->is_shared = row.is_shared;
  out->is_64 = row.is_64;
  out->has_maximum = row.has_maximum;
  out->minimum = row.minimum;
  out->maximum = row.has_maximum ? row.maximum : 0;
  if (row.kind == WM_FUNCTION)
    describeFunction(module, row.type, out);
  if (row.kind == WM_MEMORY)
    out->page_size = 1u << importedMemory(module, index).page_log2;
  return true;
}

WM_API bool wm_module_export(const wm_module *module, uint32_t index,
                             wm_extern_type *out) {
  if (index >= module->num_exports)
    return false;
  const wm_export_row &row = module->exports[index];
  *out = {};
  out->name = row.name;
  out->name_size = row.name_size;
  out->kind = row.kind;
  describeExport(module, row, out);
  return true;
}

WM_API const wm_module *wm_instance_module(const wm_instance *instance) {
  return instance->module;
}

WM_API wm_store *wm_instance_store(const wm_instance *instance) {
  return instance->store;
}

WM_API void *wm_instance_user_data(const wm_instance *instance) {
  return instance->user_data;
}

WM_API void wm_instance_set_user_data(wm_instance *instance, void *user_data) {
  instance->user_data = user_data;
}

WM_API const wm_error *wm_last_error(const wm_instance *instance) {
  return &instance->store->error;
}

WM_API bool wm_instance_export(wm_instance *instance, const char *name,
                               wm_external *out) {
  return findExport(instance, name, textSize(name), out);
}

WM_API wm_memory *wm_instance_memory(wm_instance *instance, uint32_t index) {
  return index < instance->module->num_memories ? memoryAt(instance, index)
                                                : nullptr;
}

WM_API void wm_function_kinds(const wm_function *function,
                              const wm_kind **params, uint32_t *num_params,
                              const wm_kind **results, uint32_t *num_results) {
  const wm_type *type = typeOf(function);
  *params = type->kinds;
  *num_params = type->num_params;
  *results = type->kinds + type->num_params;
  *num_results = type->num_results;
}
}
