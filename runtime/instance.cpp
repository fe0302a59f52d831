// Instances: checks a module against this runtime and its imports, lays the
// instance out in one reservation and takes it apart again.
// Reservation: [tables of limited size][wm_instance and the module's part]
// [memory 0], so that starting costs few system calls and the memory stands at
// a constant distance. Tables that fit stand behind the part instead. The
// sandbox rests on this file.
// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
#include "runtime/instance.h"
#include "memory_backends/backend.h"
#include "runtime/builder.h"
#include "runtime/layout.h"
#include "runtime/port.h"
#include "runtime/process.h"

namespace {

/// Elements that a table without a smaller limit may grow to.
constexpr uint64_t TableLimit = 10'000'000;
/// Bytes that no address space of today holds, and whose sums do not wrap.
constexpr uint64_t LargestMemory = 1ull << 48;
/// Tables up to this size stand beside their instance.
constexpr uint64_t InlineTable = 1 << 20;

} // namespace

static uint64_t larger(uint64_t a, uint64_t b) { return a > b ? a : b; }
static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

static uint64_t tableCapacity(const wm_table_type &type) {
  uint64_t capacity = type.maximum < TableLimit ? type.maximum : TableLimit;
  return capacity > type.minimum ? capacity : type.minimum;
}

static bool isInline(const wm_table_type &type) {
  return tableCapacity(type) <= InlineTable / sizeof(void *);
}

static bool definesMemory0(const wm_module *module) {
  return module->num_memories && module->num_imported_memories == 0;
}

//===-- Checks ------------------------------------------------------------===//

static wm_status checkProcessor(Builder &b) {
  const wm_cpu *cpu = b.module->cpu;
  if (!cpu || !cpu->features)
    return WM_OK; // asking takes longer than all the rest of a start
  uint64_t missing = cpu->features & ~port_cpu_features();
  if (!missing)
    return WM_OK;
  b.error->status = WM_REFUSED;
  Message message(b.error->message);
  message.text("compiled for ").text(cpu->name).text(", this processor lacks");
  for (unsigned i = 0; i < 64; ++i)
    if (missing >> i & 1)
      message.text(" ").text(port_cpu_feature_name(i));
  return WM_REFUSED;
}

static wm_status checkModule(Builder &b) {
  const wm_module *module = b.module;
  if (module->abi_version != WM_ABI_VERSION) {
    b.error->status = WM_REFUSED;
    Message(b.error->message)
        .text("compiled for ABI version ")
        .number(module->abi_version)
        .text(", the runtime has ")
        .number(WM_ABI_VERSION);
    return WM_REFUSED;
  }
  if (wm_status status = checkProcessor(b))
    return status;
  if (!module->backend || module->backend->strategy != module->strategy)
    return refuse(b, WM_REFUSED, "module lacks its memory strategy");
  if (module->instance_size < sizeof(wm_instance))
    return refuse(b, WM_REFUSED, "instance is smaller than its header");
  if (definesMemory0(module) &&
      (module->memory_offset < module->instance_size ||
       module->memory_offset % port_page_size()))
    return refuse(b, WM_REFUSED, "memory is not on a page of its own");
  for (uint32_t i = module->num_imported_memories; i < module->num_memories;
       ++i) {
    const wm_memory_type &type = module->memories[i];
    if (type.minimum > type.maximum)
      return refuse(b, WM_REFUSED, "memory limit is below its minimum");
  }
  return WM_OK;
}

//===-- Layout ------------------------------------------------------------===//

wm_status noAddressSpace(wm_error *error, const wm_backend *backend,
                         uint64_t bytes) {
  error->status = WM_NO_MEMORY;
  Message message(error->message);
  message.text("cannot reserve ")
      .number(bytes >> 20)
      .text(" MiB of address space");
  if (backend->strategy == WM_STRATEGY_guard)
    message.text("; --memory check needs less");
  return WM_NO_MEMORY;
}

static bool isExported(const wm_module *module, uint32_t memory) {
  for (uint32_t i = 0; i < module->num_exports; ++i)
    if (module->exports[i].kind == WM_MEMORY &&
        module->exports[i].index == memory)
      return true;
  return false;
}

void *reserveMemory(const wm_backend *backend, uint64_t prefix,
                    wm_memory_type type, bool is_shareable,
                    uint64_t *reserved) {
  *reserved = type.minimum;
  if (type.minimum > LargestMemory)
    return nullptr;
  uint64_t reach = backend->reach(&type);
  uint64_t least = larger(roundToPage(larger(type.minimum, 1)), reach);
  uint64_t size =
      larger(least, roundToPage(smaller(type.maximum, LargestMemory)));
  // An importer's limits may be wider, and so is its reach.
  if (reach && is_shareable) {
    type.maximum = larger(type.maximum, 1ull << 32);
    size = larger(size, backend->reach(&type));
  }
  for (;;) {
    *reserved = size;
    if (void *start = port_reserve(prefix + size))
      return start;
    if (size <= least)
      return nullptr;
    // A smaller one only limits growth, or who may import it.
    size = reach ? least : larger(least, roundToPage(size / 2));
  }
}

static void *reserveMemory(Builder &b, uint64_t prefix, uint32_t index,
                           uint64_t *reserved) {
  return reserveMemory(b.module->backend, prefix, b.module->memories[index],
                       isExported(b.module, index), reserved);
}

static wm_status layOut(Builder &b) {
  const wm_module *module = b.module;
  uint64_t table_bytes = 0;
  for (uint32_t i = module->num_imported_tables; i < module->num_tables; ++i)
    if (isInline(module->tables[i]))
      table_bytes += tableCapacity(module->tables[i]) * sizeof(void *);
  bool has_memory = definesMemory0(module);
  uint64_t end =
      has_memory ? module->memory_offset : roundToPage(module->instance_size);
  uint64_t behind = (module->instance_size + 15) & ~15ull;
  bool fits = behind <= end && table_bytes <= end - behind;
  uint64_t prefix = fits ? 0 : roundToPage(table_bytes);
  uint64_t own = prefix + end;
  uint8_t *start = static_cast<uint8_t *>(
      has_memory ? reserveMemory(b, own, 0, &b.memory_reserved)
                 : port_reserve(own));
  if (!start)
    return noAddressSpace(b.error, module->backend, own + b.memory_reserved);
  if (!port_commit(start, own)) {
    port_release(start, own + b.memory_reserved);
    return refuse(b, WM_NO_MEMORY, "out of memory");
  }
  b.instance = reinterpret_cast<wm_instance *>(start + prefix);
  b.tables = reinterpret_cast<void **>(fits ? start + behind : start);
  b.instance->module = module;
  b.instance->reservation = start;
  b.instance->reservation_size = own + b.memory_reserved;
  return WM_OK;
}

static wm_status makeMemories(Builder &b) {
  const wm_module *module = b.module;
  wm_memory **memories = at<wm_memory *>(b.instance, module->memories_offset);
  wm_memory *defined =
      at<wm_memory>(b.instance, module->defined_memories_offset);
  for (uint32_t i = module->num_imported_memories; i < module->num_memories;
       ++i) {
    const wm_memory_type &type = module->memories[i];
    wm_memory *memory = defined++;
    memories[i] = memory;
    memory->maximum = type.maximum;
    memory->page_log2 = type.page_log2;
    memory->strategy = module->strategy;
    memory->backend = module->backend;
    memory->is_shared = type.is_shared;
    memory->has_maximum = type.has_maximum;
    memory->is_64 = type.is_64;
    if (i == 0) {
      memory->base = at<uint8_t>(b.instance, module->memory_offset);
      memory->reserved = b.memory_reserved;
    } else {
      memory->base =
          static_cast<uint8_t *>(reserveMemory(b, 0, i, &memory->reserved));
      if (!memory->base)
        return noAddressSpace(b.error, module->backend, memory->reserved);
      memory->is_owned = 1;
    }
    uint64_t limit = memory->reserved;
    if (memory->maximum > limit)
      memory->maximum = limit >> type.page_log2 << type.page_log2;
    if (memory->maximum < type.minimum)
      return noAddressSpace(b.error, module->backend, type.minimum);
    if (b.options && b.options->maximum_memory &&
        memory->maximum > b.options->maximum_memory)
      memory->maximum = b.options->maximum_memory >> type.page_log2
                                                         << type.page_log2;
    if (memory->maximum < type.minimum)
      return refuse(b, WM_REFUSED, "the memory is larger than maximum_memory");
    if (!module->backend->commit(memory, 0, type.minimum))
      return refuse(b, WM_NO_MEMORY, "out of memory for the initial memory");
    memory->size = type.minimum;
  }
  return WM_OK;
}

static wm_status makeTables(Builder &b) {
  const wm_module *module = b.module;
  wm_table **tables = at<wm_table *>(b.instance, module->tables_offset);
  wm_table *defined = at<wm_table>(b.instance, module->defined_tables_offset);
  void **next = b.tables;
  for (uint32_t i = module->num_imported_tables; i < module->num_tables; ++i) {
    const wm_table_type &type = module->tables[i];
    wm_table *table = defined++;
    tables[i] = table;
    table->maximum = type.maximum;
    table->has_maximum = type.has_maximum;
    table->kind = type.kind;
    table->element = refType(b.instance, type.element);
    table->is_64 = type.is_64;
    table->store = b.instance->store;
    table->capacity = tableCapacity(type);
    if (type.minimum > LargestMemory / sizeof(void *))
      return refuse(b, WM_NO_MEMORY, "cannot reserve a table");
    if (isInline(type)) {
      table->elements = next;
      next += table->capacity;
      table->size = type.minimum;
      continue;
    }
    uint64_t bytes = roundToPage(table->capacity * sizeof(void *));
    void *start = port_reserve(bytes);
    if (!start && table->capacity > type.minimum) {
      table->capacity = type.minimum;
      bytes = roundToPage(table->capacity * sizeof(void *));
      start = port_reserve(bytes);
    }
    if (!start)
      return refuse(b, WM_NO_MEMORY, "cannot reserve a table");
    table->elements = static_cast<void **>(start);
    table->is_owned = 1;
    uint64_t used = roundToPage(type.minimum * sizeof(void *));
    if (used && !port_commit(start, used))
      return refuse(b, WM_NO_MEMORY, "out of memory for the initial table");
    table->size = type.minimum;
  }
  return WM_OK;
}

//===-- Binding -----------------------------------------------------------===//

static wm_status internTypes(Builder &b) {
  const void **types = at<const void *>(b.instance, b.module->types_offset);
  for (uint32_t i = 0; i < b.module->num_types; ++i) {
    types[i] = wm_type_provide(b.module->types[i], b.module);
    if (!types[i])
      return refuse(b, WM_NO_MEMORY, "out of memory for types");
  }
  return WM_OK;
}

static wm_status makeTags(Builder &b) {
  const wm_module *module = b.module;
  const wm_tag **tags = at<const wm_tag *>(b.instance, module->tags_offset);
  const void **types = at<const void *>(b.instance, module->types_offset);
  for (uint32_t i = module->num_imported_tags; i < module->num_tags; ++i) {
    tags[i] = makeTag(b.instance->store, types[module->tag_types[i]]);
    if (!tags[i])
      return refuse(b, WM_NO_MEMORY, "out of memory for tags");
  }
  return WM_OK;
}

static void fillIndexSpaces(Builder &b) {
  const wm_module *module = b.module;
  wm_function *functions =
      at<wm_function>(b.instance, module->functions_offset) +
      module->num_imported_functions;
  for (uint32_t i = 0; i < module->num_references; ++i)
    functions[i] = functionAt(b.instance, module->references[i]);
  void **globals = at<void *>(b.instance, module->globals_offset);
  for (uint32_t i = module->num_imported_globals; i < module->num_globals; ++i)
    globals[i] = at<void>(b.instance, module->globals[i].offset);
  if (module->num_data)
    __builtin_memcpy(at<void>(b.instance, module->data_offset), module->data,
                     module->num_data * sizeof(wm_data_segment));
}

static wm_store *makeStore(const wm_options *options, uint64_t stack_size) {
  wm_store *store =
      wm_store_create(options ? options->stack : nullptr, stack_size);
  if (store && options && options->fuel)
    setFuel(store, options->fuel);
  return store;
}

static wm_status build(Builder &b, wm_store *store, uint64_t stack_size) {
  if (wm_status status = checkModule(b))
    return status;
  if (!port_init())
    return refuse(b, WM_REFUSED, "cannot install signal handlers");
  if (wm_status status = layOut(b)) {
    port_finish();
    return status;
  }
  if (store)
    storeRetain(store);
  else
    store = makeStore(b.options, stack_size);
  if (!store) {
    bool is_callers = b.options && b.options->stack;
    return refuse(b, is_callers ? WM_REFUSED : WM_NO_MEMORY,
                  is_callers ? "the caller's stack is too small"
                             : "cannot reserve the guest's stack");
  }
  b.instance->store = store;
  b.instance->next = store->instances;
  store->instances = b.instance;
  // Imports and own definitions come before anything that may trap.
  if (wm_status status = internTypes(b))
    return status;
  if (wm_status status = bindImports(b))
    return status;
  if (wm_status status = makeMemories(b))
    return status;
  if (wm_status status = makeTables(b))
    return status;
  if (wm_status status = makeTags(b))
    return status;
  fillIndexSpaces(b);
  return WM_OK;
}

/// Nothing outside of it refers to this instance: no code of it ran.
static void discard(wm_instance *instance) {
  wm_store *store = instance->store;
  if (store) {
    wm_instance **link = &store->instances;
    while (*link != instance)
      link = &(*link)->next;
    *link = instance->next;
  }
  releaseImports(instance);
  releaseInstance(instance);
  if (store)
    wm_store_release(store);
}

static wm_status make(Builder &b, wm_store *store, uint64_t stack_size,
                      wm_instance **out) {
  *out = nullptr;
  b.error->status = WM_OK;
  b.error->message[0] = 0;
  wm_status status = build(b, store, stack_size);
  if (status == WM_OK)
    *out = b.instance;
  else if (b.instance)
    discard(b.instance);
  return status;
}

wm_status makeInstance(const wm_module *module, const wm_external *imports,
                       wm_store *store, uint64_t stack_size, wm_instance **out,
                       wm_error *error) {
  Builder b = {module, imports, nullptr, error};
  return make(b, store, stack_size, out);
}

void releaseImports(wm_instance *instance) {
  const wm_module *module = instance->module;
  wm_memory **memories = at<wm_memory *>(instance, module->memories_offset);
  for (uint32_t i = 0; i < module->num_imported_memories && memories[i]; ++i)
    wm_memory_release(memories[i]);
}

void releaseInstance(wm_instance *instance) {
  const wm_module *module = instance->module;
  const void **types = at<const void *>(instance, module->types_offset);
  for (uint32_t i = 0; i < module->num_types && types[i]; ++i)
    wm_type_withdraw(types[i], module);
  wm_memory *memories =
      at<wm_memory>(instance, module->defined_memories_offset);
  for (uint32_t i = module->num_imported_memories; i < module->num_memories;
       ++i, ++memories)
    if (memories->is_owned)
      port_release(memories->base, memories->reserved);
  wm_table *tables = at<wm_table>(instance, module->defined_tables_offset);
  for (uint32_t i = module->num_imported_tables; i < module->num_tables;
       ++i, ++tables)
    if (tables->is_owned)
      port_release(tables->elements,
                   roundToPage(tables->capacity * sizeof(void *)));
  port_release(instance->reservation, instance->reservation_size);
  port_finish();
}

//===-- The interface -----------------------------------------------------===//

/// A reactor's constructors, by WASI's convention.
static wm_status runInitialize(wm_instance *instance, wm_error *error) {
  static constexpr char name[] = "_initialize";
  wm_external external;
  if (!findExport(instance, name, sizeof(name) - 1, &external) ||
      external.kind != WM_FUNCTION)
    return WM_OK;
  const wm_type *type = typeOf(external.function);
  if (type->num_params || type->num_results)
    return WM_OK;
  return callFunction(external.function, nullptr, nullptr, error);
}

static wm_status startUp(wm_instance *instance, const wm_options &options,
                         wm_error *error) {
  instance->user_data = options.user_data;
  const wm_module *module = instance->module;
  wm_wasi_config nothing = {};
  nothing.has_no_streams = true;
  if (module->wasi_init &&
      !module->wasi_init(instance, options.wasi ? options.wasi : &nothing,
                         error->message, sizeof(error->message)))
    return error->status = WM_REFUSED;
  if (wm_status status = startInstance(instance, error))
    return status;
  return runInitialize(instance, error);
}

/// What the caller's version of the structure has, and zeros for the rest.
static bool readOptions(const wm_options *given, wm_options &options) {
  options = {};
  if (!given)
    return true;
  if (given->size < offsetof(wm_options, user_data))
    return false;
  uint64_t known = smaller(given->size, sizeof(options));
  __builtin_memcpy(&options, given, known);
  for (uint64_t i = known; i < given->size; ++i)
    if (reinterpret_cast<const char *>(given)[i])
      return false; // something that this version does not know
  return true;
}

wm_status prepareInstance(const wm_module *module, const wm_options &options,
                          wm_instance **out, wm_error *error) {
  Builder b = {module, nullptr, &options, error};
  return make(b, storeOfImports(module, &options), options.stack_size, out);
}

extern "C" {

WM_API wm_status wm_instance_create(const wm_module *module,
                                    const wm_options *given, wm_instance **out,
                                    wm_error *error) {
  wm_error unwanted;
  if (!error)
    error = &unwanted;
  *out = nullptr;
  wm_options options;
  if (!readOptions(given, options))
    return refuse(error, WM_REFUSED,
                  "options.size is none that this runtime knows");
  wm_instance *instance;
  if (wm_status status = prepareInstance(module, options, &instance, error))
    return status;
  if (wm_status status = startUp(instance, options, error)) {
    wm_instance_destroy(instance);
    return status;
  }
  *out = instance;
  return WM_OK;
}

WM_API void wm_instance_destroy(wm_instance *instance) {
  if (!instance)
    return;
  if (instance->module->wasi_destroy)
    instance->module->wasi_destroy(instance);
  // With others in the store, they may refer to it: the store releases it.
  wm_store_release(instance->store);
}
}
