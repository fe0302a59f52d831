// Binding imports: finds what is supplied under an import's names, compares
// its type and leaves it in the instance. What may live shorter than the store,
// and what the module's code cannot trust, is refused.
// The sandbox rests on this file.
// https://webassembly.github.io/spec/core/valid/matching.html
#include "memory_backends/backend.h"
#include "runtime/builder.h"
#include "runtime/layout.h"
#include "runtime/process.h"

//===-- Messages ----------------------------------------------------------===//

static Message &names(Message &message, const wm_import_row &import) {
  return message.name(import.module, import.module_size)
      .text(" ")
      .name(import.name, import.name_size);
}

static wm_status unknownImport(Builder &b, const wm_import_row &import) {
  b.error->status = WM_UNLINKABLE;
  Message message(b.error->message);
  names(message.text("unknown import "), import);
  return WM_UNLINKABLE;
}

static wm_status incompatible(Builder &b, const wm_import_row &import,
                              const char *why) {
  b.error->status = WM_UNLINKABLE;
  Message message(b.error->message);
  names(message.text("incompatible import type for "), import)
      .text(": ")
      .text(why);
  return WM_UNLINKABLE;
}

static const char *kindMessage(uint8_t kind) {
  switch (kind) {
  case WM_FUNCTION:
    return "expected a function";
  case WM_TABLE:
    return "expected a table";
  case WM_MEMORY:
    return "expected a memory";
  case WM_TAG:
    return "expected a tag";
  default:
    return "expected a global";
  }
}

//===-- Types -------------------------------------------------------------===//

static const char *checkMemory(const wm_module *module,
                               const wm_import_row &import,
                               const wm_memory_type &type,
                               const wm_memory *memory) {
  if (memory->strategy != module->strategy)
    return "memory has another strategy";
  if (memory->is_64 != type.is_64)
    return type.is_64 ? "memory has 32-bit addresses"
                      : "memory has 64-bit addresses";
  if (memory->page_log2 != type.page_log2)
    return "memory has another page size";
  if (memory->is_shared != import.is_shared)
    return import.is_shared ? "memory is not shared" : "memory is shared";
  if (memory->size >> memory->page_log2 < import.minimum)
    return "memory is smaller than the minimum";
  if (import.has_maximum &&
      (!memory->has_maximum ||
       memory->maximum >> memory->page_log2 > import.maximum))
    return "memory may grow beyond the maximum";
  // Compiled accesses reach as far as the importer's limits say.
  if (memory->reserved < module->backend->reach(&type))
    return "memory has too small a reservation for the importer's limits";
  return nullptr;
}

static const char *checkTable(Builder &b, const wm_import_row &import,
                              const wm_table *table) {
  wm_ref_type element = refType(b.instance, import.reference);
  if (table->kind != import.value_kind ||
      !isRefSubtype(&table->element, &element) ||
      !isRefSubtype(&element, &table->element))
    return "table has other elements";
  if (table->is_64 != import.is_64)
    return import.is_64 ? "table has 32-bit indices"
                        : "table has 64-bit indices";
  if (table->size < import.minimum)
    return "table is smaller than the minimum";
  if (import.has_maximum &&
      (!table->has_maximum || table->maximum > import.maximum))
    return "table may grow beyond the maximum";
  return nullptr;
}

static const char *checkGlobal(Builder &b, const wm_import_row &import,
                               const wm_global &global) {
  wm_ref_type reference = refType(b.instance, import.reference);
  // Where both sides may write it, either type has to do for the other.
  if (global.kind != import.value_kind ||
      !isRefSubtype(&global.reference, &reference) ||
      (import.is_mutable && !isRefSubtype(&reference, &global.reference)))
    return "global has another type";
  if (global.is_mutable != (import.is_mutable != 0))
    return import.is_mutable ? "global is immutable" : "global is mutable";
  return nullptr;
}

//===-- Lookup ------------------------------------------------------------===//

/// Whether a name that ends with a zero byte is these bytes.
static bool isName(const char *name, const char *bytes, uint64_t size) {
  for (uint64_t i = 0; i < size; ++i)
    if (!name[i] || name[i] != bytes[i])
      return false;
  return !name[size];
}

static bool isFor(const wm_import &supplied, const wm_import_row &import) {
  uint8_t kind = supplied.callback ? WM_FUNCTION : supplied.value.kind;
  return kind == import.kind &&
         isName(supplied.name, import.name, import.name_size) &&
         isName(supplied.module, import.module, import.module_size);
}

/// The first that fits by names and kind; those in the module's order are
/// found at once.
static const wm_import *find(const wm_options *options,
                             const wm_import_row &import, uint32_t index) {
  if (!options)
    return nullptr;
  if (index < options->num_imports && isFor(options->imports[index], import))
    return &options->imports[index];
  for (uint32_t i = 0; i < options->num_imports; ++i)
    if (isFor(options->imports[i], import))
      return &options->imports[i];
  return nullptr;
}

wm_store *storeOfImports(const wm_module *module, const wm_options *options) {
  if (options->store || module->abi_version != WM_ABI_VERSION)
    return options->store;
  for (uint32_t i = 0; i < module->num_imports; ++i) {
    const wm_import *supplied = find(options, module->imports[i], i);
    if (supplied && !supplied->callback && supplied->value.store)
      return supplied->value.store;
  }
  return nullptr;
}

//===-- Binding -----------------------------------------------------------===//

static wm_status bindFunction(Builder &b, const wm_import_row &import,
                              const wm_import *supplied,
                              const wm_external *external, wm_function *out) {
  const void *type =
      at<const void *>(b.instance, b.module->types_offset)[import.type];
  if (supplied && supplied->callback) {
    wm_function *function = makeHostFunction(
        b.instance, type, supplied->callback, supplied->context);
    if (!function)
      return refuse(b, WM_NO_MEMORY, "out of memory for imports");
    *out = *function;
    return WM_OK;
  }
  if (external && external->function) {
    const wm_function *function = external->function;
    if (!wm_type_matches(function->type, type))
      return incompatible(b, import, "function has another signature");
    if (function->instance && function->instance->store != b.instance->store)
      return incompatible(b, import, "function lives in another store");
    *out = *function;
    return WM_OK;
  }
  if (!import.binding)
    return unknownImport(b, import);
  *out = {import.binding, b.instance, type};
  return WM_OK;
}

wm_status bindImports(Builder &b) {
  const wm_module *module = b.module;
  wm_function *functions =
      at<wm_function>(b.instance, module->functions_offset);
  wm_table **tables = at<wm_table *>(b.instance, module->tables_offset);
  wm_memory **memories = at<wm_memory *>(b.instance, module->memories_offset);
  void **globals = at<void *>(b.instance, module->globals_offset);
  const wm_tag **tags = at<const wm_tag *>(b.instance, module->tags_offset);
  const wm_memory_type *memory_type = module->memories;
  for (uint32_t i = 0; i < module->num_imports; ++i) {
    const wm_import_row &import = module->imports[i];
    const wm_import *supplied = find(b.options, import, i);
    const wm_external *external = b.imports  ? &b.imports[i]
                                  : supplied ? &supplied->value
                                             : nullptr;
    if (b.imports && external->kind != import.kind)
      return incompatible(b, import, kindMessage(import.kind));
    if (external && !(supplied && supplied->callback) && external->store &&
        external->store != b.instance->store)
      return incompatible(b, import, "it lives in another store");
    if (import.kind == WM_FUNCTION) {
      if (wm_status status =
              bindFunction(b, import, supplied, external, functions++))
        return status;
      continue;
    }
    // The members of the union that are pointers share their place.
    if (!external || !(import.kind == WM_GLOBAL ? external->global.address
                                                : external->memory))
      return unknownImport(b, import);
    const char *why = nullptr;
    switch (import.kind) {
    case WM_TABLE:
      why = checkTable(b, import, external->table);
      *tables++ = external->table;
      break;
    case WM_MEMORY:
      why = checkMemory(module, import, *memory_type++, external->memory);
      retainMemory(external->memory);
      *memories++ = external->memory;
      break;
    case WM_TAG:
      if (external->tag->type !=
          at<const void *>(b.instance, module->types_offset)[import.type])
        why = "tag has another type";
      *tags++ = external->tag;
      break;
    default:
      why = checkGlobal(b, import, external->global);
      *globals++ = external->global.address;
    }
    if (why)
      return incompatible(b, import, why);
  }
  return WM_OK;
}
