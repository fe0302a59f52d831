// Memories, tables and globals as a host sees them: made, read and written
// from outside, always within their bounds. The sandbox rests on this file.
#include "memory_backends/backend.h"
#include "runtime/builder.h"
#include "runtime/port.h"
#include "runtime/process.h"
#include "runtime/shared.h"

/// Elements that a table of the host's may grow to.
static constexpr uint64_t TableLimit = 10'000'000;

static uint64_t min(uint64_t a, uint64_t b) { return a < b ? a : b; }

static wm_status outOfMemory(wm_error *error) {
  return refuse(error, WM_NO_MEMORY, "out of memory");
}

/// Where an error goes that the caller does not want.
static wm_error *errorOf(wm_store *store, wm_error *error) {
  return error ? error : &store->error;
}

static bool isWithin(const wm_memory *memory, uint64_t address, uint64_t size) {
  uint64_t limit = wm_memory_size(memory);
  return address <= limit && size <= limit - address;
}

/// A memory as a host describes it; false for one that cannot be.
static bool memoryType(const wm_extern_type &wanted, wm_memory_type &type) {
  constexpr uint32_t UsualPage = 64 << 10;
  uint64_t page = wanted.page_size ? wanted.page_size : UsualPage;
  if (page & (page - 1) || page > UsualPage)
    return false;
  uint8_t log2 = static_cast<uint8_t>(__builtin_ctzll(page));
  // 64-bit memories stay below what a process can address.
  uint64_t most = (wanted.is_64 ? 1ull << 47 : 1ull << 32) >> log2;
  uint64_t maximum = wanted.has_maximum ? min(wanted.maximum, most) : most;
  if (wanted.minimum > maximum)
    return false;
  type = {wanted.minimum << log2, maximum << log2, wanted.has_maximum, log2,
          wanted.is_shared,       wanted.is_64};
  return true;
}

/// Of a memory that no store owns, its description stands before it.
static uint64_t headSize() { return roundToPage(sizeof(wm_memory)); }

static void describe(wm_memory &memory, const wm_memory_type &type,
                     uint8_t *base, uint64_t reserved,
                     const wm_backend *backend) {
  memory.base = base;
  memory.maximum =
      min(type.maximum, reserved >> type.page_log2 << type.page_log2);
  memory.reserved = reserved;
  memory.page_log2 = type.page_log2;
  memory.strategy = backend->strategy;
  memory.is_shared = type.is_shared;
  memory.is_64 = type.is_64;
  memory.has_maximum = type.has_maximum;
  memory.backend = backend;
}

void retainMemory(wm_memory *memory) {
  if (isOfNoStore(memory))
    __atomic_add_fetch(&memory->references, 1, __ATOMIC_RELAXED);
}

extern "C" {

//===-- Memories ----------------------------------------------------------===//

WM_API wm_status wm_memory_create(wm_store *store, const wm_module *module,
                                  const wm_extern_type *wanted,
                                  wm_external *out, wm_error *error) {
  wm_error unwanted;
  error = store ? errorOf(store, error) : error ? error : &unwanted;
  wm_memory_type type;
  if (module->abi_version != WM_ABI_VERSION)
    return refuse(error, WM_REFUSED, "compiled for another ABI version");
  if (!memoryType(*wanted, type))
    return refuse(error, WM_REFUSED, "no such memory: wrong limits or pages");
  if (!store && !type.is_shared)
    return refuse(error, WM_REFUSED, "a memory of no store has to be shared");
  if (type.is_shared && !type.has_maximum)
    return refuse(error, WM_REFUSED, "a shared memory has to have a maximum");
  const wm_backend *backend = module->backend;
  uint64_t reserved;
  uint64_t head = store ? 0 : headSize();
  uint8_t *start = static_cast<uint8_t *>(
      reserveMemory(backend, head, type, /*is_shareable=*/true, &reserved));
  if (!start)
    return noAddressSpace(error, backend, reserved);
  void *place = nullptr;
  if (!store)
    place = port_commit(start, head) ? start : nullptr;
  else if (storeAdopt(store, start, reserved))
    place = storeAllocate(store, sizeof(wm_memory));
  else
    port_release(start, reserved);
  wm_memory *memory = static_cast<wm_memory *>(place);
  if (memory)
    describe(*memory, type, start + head, reserved, backend);
  if (!memory || memory->maximum < type.minimum ||
      !backend->commit(memory, 0, type.minimum)) {
    if (!store)
      port_release(start, head + reserved);
    return outOfMemory(error);
  }
  memory->references = store ? 0 : 1;
  memory->size = type.minimum;
  *out = {};
  out->kind = WM_MEMORY;
  out->store = store;
  out->memory = memory;
  return WM_OK;
}

WM_API void wm_memory_release(wm_memory *memory) {
  if (isOfNoStore(memory) &&
      __atomic_sub_fetch(&memory->references, 1, __ATOMIC_ACQ_REL) == 0)
    port_release(memory->base - headSize(), headSize() + memory->reserved);
}

WM_API uint64_t wm_memory_size(const wm_memory *memory) {
  return sizeOf(memory);
}

WM_API uint8_t *wm_memory_data(const wm_memory *memory) { return memory->base; }

WM_API wm_status wm_memory_extend(wm_memory *memory, uint64_t pages) {
  return growMemory(memory, memory->backend, pages) < 0 ? WM_NO_MEMORY : WM_OK;
}

WM_API wm_status wm_memory_read(const wm_memory *memory, uint64_t address,
                                void *to, uint64_t size) {
  if (!isWithin(memory, address, size))
    return WM_OUT_OF_RANGE;
  if (size)
    __builtin_memcpy(to, memory->base + address, size);
  return WM_OK;
}

WM_API wm_status wm_memory_write(wm_memory *memory, uint64_t address,
                                 const void *from, uint64_t size) {
  if (!isWithin(memory, address, size))
    return WM_OUT_OF_RANGE;
  if (size)
    __builtin_memcpy(memory->base + address, from, size);
  return WM_OK;
}

WM_API wm_status wm_memory_string(const wm_memory *memory, uint64_t address,
                                  char *to, uint64_t capacity) {
  uint64_t size = wm_memory_size(memory);
  for (uint64_t i = 0; address < size && i < size - address; ++i) {
    // Read once: what is copied is what was looked at.
    char c = static_cast<char>(
        __atomic_load_n(&memory->base[address + i], __ATOMIC_RELAXED));
    if (i < capacity)
      to[i] = c;
    if (!c)
      return i < capacity ? WM_OK : WM_NO_MEMORY;
    if (i + 1 == capacity)
      to[i] = 0;
  }
  return WM_OUT_OF_RANGE;
}

//===-- Tables ------------------------------------------------------------===//

WM_API wm_status wm_table_create(wm_store *store, const wm_extern_type *type,
                                 wm_external *out, wm_error *error) {
  error = errorOf(store, error);
  if (type->value != WM_FUNCREF && type->value != WM_EXTERNREF)
    return refuse(error, WM_REFUSED, "tables hold references");
  uint64_t maximum = type->has_maximum ? type->maximum
                     : type->is_64     ? UINT64_MAX
                                       : UINT32_MAX;
  if (type->minimum > maximum || type->minimum > TableLimit)
    return refuse(error, WM_REFUSED, "no such table: wrong limits");
  uint64_t capacity = min(maximum, TableLimit);
  uint64_t bytes = roundToPage(capacity * sizeof(void *) + 1);
  void *elements = port_reserve(bytes);
  if (!elements)
    return outOfMemory(error);
  void *place = nullptr;
  if (storeAdopt(store, elements, bytes))
    place = storeAllocate(store, sizeof(wm_table));
  else
    port_release(elements, bytes);
  uint64_t used = roundToPage(type->minimum * sizeof(void *));
  if (!place || (used && !port_commit(elements, used)))
    return outOfMemory(error);
  wm_table *table = static_cast<wm_table *>(place);
  table->elements = static_cast<void **>(elements);
  table->size = type->minimum;
  table->maximum = maximum;
  table->capacity = capacity;
  table->kind = type->value;
  table->has_maximum = type->has_maximum;
  table->is_owned = true;
  table->is_64 = type->is_64;
  table->store = store;
  *out = {};
  out->kind = WM_TABLE;
  out->store = store;
  out->table = table;
  return WM_OK;
}

WM_API uint64_t wm_table_size(const wm_table *table) { return table->size; }

WM_API wm_status wm_table_extend(wm_table *table, uint64_t count) {
  return wm_table_grow(nullptr, table, count, nullptr) < 0 ? WM_NO_MEMORY
                                                           : WM_OK;
}

WM_API wm_status wm_table_get(const wm_table *table, uint64_t index,
                              void **out) {
  if (index >= table->size)
    return WM_OUT_OF_RANGE;
  *out = table->elements[index];
  return WM_OK;
}

WM_API wm_status wm_table_set(wm_table *table, uint64_t index,
                              void *reference) {
  if (index >= table->size)
    return WM_OUT_OF_RANGE;
  if (!reference && table->element.is_non_null)
    return WM_REFUSED;
  if (table->kind == WM_FUNCREF && reference) {
    const wm_function *function = static_cast<const wm_function *>(reference);
    wm_ref_type type = {function->type, WM_HEAP_DEFINED, true};
    if (function->instance->store != table->store ||
        !isRefSubtype(&type, &table->element))
      return WM_REFUSED;
  }
  table->elements[index] = reference;
  return WM_OK;
}

//===-- Globals -----------------------------------------------------------===//

WM_API wm_status wm_global_create(wm_store *store, wm_kind kind,
                                  bool is_mutable, wm_value value,
                                  wm_external *out, wm_error *error) {
  error = errorOf(store, error);
  if (kind > WM_EXTERNREF)
    return refuse(error, WM_REFUSED, "unknown kind of value");
  void *place = storeAllocate(store, sizeof(wm_value));
  if (!place)
    return outOfMemory(error);
  *static_cast<wm_value *>(place) = value;
  *out = {};
  out->kind = WM_GLOBAL;
  out->store = store;
  out->global = {place, kind, is_mutable, {}};
  return WM_OK;
}

WM_API wm_value wm_global_get(wm_global global) {
  wm_value value = {};
  switch (global.kind) {
  case WM_I32:
  case WM_F32:
    __builtin_memcpy(&value, global.address, 4);
    break;
  case WM_V128:
    __builtin_memcpy(&value, global.address, 16);
    break;
  default:
    __builtin_memcpy(&value, global.address, 8);
  }
  return value;
}

WM_API wm_status wm_global_set(wm_global global, wm_value value) {
  // A host's references are of no type that the library could compare.
  if (!global.is_mutable || global.reference.heap != WM_HEAP_TOP ||
      (global.reference.is_non_null && !value.ref))
    return WM_REFUSED;
  __builtin_memcpy(global.address, &value, global.kind == WM_V128 ? 16 : 8);
  return WM_OK;
}
}
