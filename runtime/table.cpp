// Growth and bulk operations of tables. As for memories, bounds are exact and
// checked before the first element is written. The sandbox rests on this file.
// https://webassembly.github.io/spec/core/exec/instructions.html#table-instructions
#include "runtime/bulk.h"
#include "runtime/instance.h"
#include "runtime/layout.h"

static wm_element_state *elementState(wm_instance *instance, uint32_t segment) {
  return at<wm_element_state>(instance, instance->module->elements_offset) +
         segment;
}

/// Makes the first `size` elements of the reservation accessible.
static bool commitElements(wm_table *table, uint64_t size) {
  bool isBesideInstance = !table->is_owned;
  return isBesideInstance ||
         port_commit_growth(table->elements, table->size * sizeof(void *),
                            size * sizeof(void *));
}

extern "C" {

ENTRY int64_t wm_table_grow(wm_instance *, wm_table *table, uint64_t delta,
                            void *value) {
  uint64_t old_size = table->size;
  uint64_t limit =
      table->maximum < table->capacity ? table->maximum : table->capacity;
  if (delta > limit - old_size)
    return -1;
  if (delta && !commitElements(table, old_size + delta))
    return -1;
  for (uint64_t i = 0; i < delta; ++i)
    table->elements[old_size + i] = value;
  table->size = old_size + delta;
  return static_cast<int64_t>(old_size);
}

ENTRY void wm_table_fill(wm_instance *, wm_table *table, uint64_t destination,
                         void *value, uint64_t length) {
  if (!isWithin(destination, length, table->size))
    TRAP_AT_CALLER(WM_TRAP_table_bounds);
  for (uint64_t i = 0; i < length; ++i)
    table->elements[destination + i] = value;
}

ENTRY void wm_table_copy(wm_instance *, wm_table *to, wm_table *from,
                         uint64_t destination, uint64_t source,
                         uint64_t length) {
  if (!isWithin(destination, length, to->size) ||
      !isWithin(source, length, from->size))
    TRAP_AT_CALLER(WM_TRAP_table_bounds);
  if (length)
    __builtin_memmove(to->elements + destination, from->elements + source,
                      length * sizeof(void *));
}

ENTRY void wm_table_init(wm_instance *instance, wm_table *table,
                         uint32_t segment, uint64_t destination,
                         uint64_t source, uint64_t length) {
  const wm_element_segment *elements = &instance->module->elements[segment];
  uint64_t size =
      elementState(instance, segment)->is_dropped ? 0 : elements->size;
  if (!isWithin(destination, length, table->size) ||
      !isWithin(source, length, size))
    TRAP_AT_CALLER(WM_TRAP_table_bounds);
  void **out = table->elements + destination;
  if (length == 0)
    return;
  if (elements->functions) {
    for (uint64_t i = 0; i < length; ++i) {
      uint32_t index = elements->functions[source + i];
      out[i] = index == ~0u ? nullptr : functionReference(instance, index);
    }
    return;
  }
  if (length == size) {
    elements->evaluate(instance, out);
    return;
  }
  // A part of the segment: expressions are evaluated as a whole.
  uint64_t bytes = roundToPage(size * sizeof(void *));
  void *all = port_reserve(bytes);
  if (!all || !port_commit(all, bytes))
    TRAP_AT_CALLER(WM_TRAP_table_bounds);
  elements->evaluate(instance, static_cast<void **>(all));
  __builtin_memcpy(out, static_cast<void **>(all) + source,
                   length * sizeof(void *));
  port_release(all, bytes);
}

void wm_elem_drop(wm_instance *instance, uint32_t segment) {
  elementState(instance, segment)->is_dropped = 1;
}
}
