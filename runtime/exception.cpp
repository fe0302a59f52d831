// Exceptions in the memory of their store: one goes back to a list of its size
// when it has been caught and no reference was made to it; all others live as
// long as the store. How much they may take is limited, since a guest decides.
// The sandbox rests on this file.
#include "runtime/builder.h"
#include "runtime/port.h"
#include "runtime/process.h"

/// Bytes of exceptions in one store.
static constexpr uint64_t MostBytes = 64 << 20;

/// Room for 1, 2, 4, ... values.
static uint8_t sizeClass(uint32_t num_values) {
  uint8_t result = 0;
  while (num_values > 1u << result)
    ++result;
  return result;
}

wm_tag *makeTag(wm_store *store, const void *type) {
  wm_tag *tag = static_cast<wm_tag *>(storeAllocate(store, sizeof(wm_tag)));
  if (tag)
    tag->type = type;
  return tag;
}

/// Null when memory is short.
static wm_exception *makeException(wm_store *store, const wm_tag *tag) {
  uint32_t num_values = static_cast<const wm_type *>(tag->type)->num_params;
  uint8_t size_class = sizeClass(num_values);
  wm_exception *&unused = store->unused_exceptions[size_class];
  wm_exception *exception = unused;
  if (exception) {
    unused = exception->next;
  } else {
    uint64_t size = sizeof(wm_exception) + (sizeof(wm_value) << size_class);
    store->exception_bytes += size;
    if (store->exception_bytes <= MostBytes)
      exception = static_cast<wm_exception *>(storeAllocate(store, size));
    if (!exception)
      return nullptr;
  }
  exception->tag = tag;
  exception->next = nullptr;
  exception->num_values = num_values;
  exception->is_referenced = 0;
  exception->size_class = size_class;
  return exception;
}

extern "C" {

__attribute__((noinline)) wm_exception *wm_exception_new(wm_instance *instance,
                                                         const wm_tag *tag) {
  wm_exception *exception = makeException(instance->store, tag);
  if (!exception)
    port_trap(WM_TRAP_exception_memory, WM_CALL_SITE());
  return exception;
}

void wm_exception_drop(wm_instance *instance, wm_exception *exception) {
  if (exception->is_referenced)
    return;
  wm_exception *&unused =
      instance->store->unused_exceptions[exception->size_class];
  exception->next = unused;
  unused = exception;
}

WM_API wm_status wm_throw(wm_instance *instance, const wm_tag *tag,
                          const wm_value *values, uint32_t count) {
  if (static_cast<const wm_type *>(tag->type)->num_params != count)
    return wm_fail(instance, "thrown with another number of values than the "
                             "tag has parameters");
  wm_store *store = instance->store;
  wm_exception *exception = makeException(store, tag);
  if (!exception)
    return wm_fail(instance, wm_trap_message(WM_TRAP_exception_memory));
  for (uint32_t i = 0; i < count; ++i)
    exception->values[i] = values[i];
  return keepException(store, exception);
}

WM_API const wm_tag *wm_exception_tag(const wm_exception *exception) {
  return exception->tag;
}

WM_API const wm_value *wm_exception_values(const wm_exception *exception,
                                           uint32_t *count) {
  *count = exception->num_values;
  return exception->values;
}
}
