// Growth and bulk operations of linear memories. Bounds are exact under every
// strategy and checked before the first byte is written, so that a trap leaves
// memory as it was. The sandbox rests on this file.
// https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions
#include "memory_backends/backend.h"
#include "runtime/bulk.h"
#include "runtime/bytes.h"
#include "runtime/instance.h"
#include "runtime/layout.h"
#include "runtime/shared.h"

static wm_data_segment *dataSegment(wm_instance *instance, uint32_t segment) {
  return at<wm_data_segment>(instance, instance->module->data_offset) + segment;
}

static int64_t grow(wm_memory *memory, const wm_backend *backend,
                    uint64_t pages) {
  uint64_t old_size = memory->size;
  if (pages > (memory->maximum - old_size) >> memory->page_log2)
    return -1;
  uint64_t new_size = old_size + (pages << memory->page_log2);
  if (pages && !backend->commit(memory, old_size, new_size))
    return -1;
  __atomic_store_n(&memory->size, new_size, __ATOMIC_SEQ_CST);
  return static_cast<int64_t>(old_size >> memory->page_log2);
}

int64_t growMemory(wm_memory *memory, const wm_backend *backend,
                   uint64_t pages) {
  if (!memory->is_shared)
    return grow(memory, backend, pages);
  Lock lock(memory->lock);
  return grow(memory, backend, pages);
}

namespace {
struct Growth {
  wm_memory *memory;
  const wm_backend *backend;
  uint64_t pages;
  int64_t result;
};
} // namespace

static void runGrowth(void *argument) {
  Growth *growth = static_cast<Growth *>(argument);
  growth->result = growMemory(growth->memory, growth->backend, growth->pages);
}

extern "C" {

ENTRY int64_t wm_memory_grow(wm_instance *instance, wm_memory *memory,
                             uint64_t pages) {
  const wm_backend *backend = instance->module->backend;
  if (!memory->is_shared)
    return growMemory(memory, backend, pages);
  Growth growth = {memory, backend, pages, -1};
  port_leave(instance->store, runGrowth, &growth);
  return growth.result;
}

ENTRY void wm_memory_fill(wm_instance *, wm_memory *memory,
                          uint64_t destination, uint32_t value,
                          uint64_t length) {
  if (!isWithin(destination, length, sizeOf(memory)))
    TRAP_AT_CALLER(WM_TRAP_memory_bounds);
  fillBytes(memory->base + destination, static_cast<uint8_t>(value), length);
}

ENTRY void wm_memory_copy(wm_instance *, wm_memory *to, wm_memory *from,
                          uint64_t destination, uint64_t source,
                          uint64_t length) {
  if (!isWithin(destination, length, sizeOf(to)) ||
      !isWithin(source, length, sizeOf(from)))
    TRAP_AT_CALLER(WM_TRAP_memory_bounds);
  moveBytes(to->base + destination, from->base + source, length);
}

ENTRY void wm_memory_init(wm_instance *instance, wm_memory *memory,
                          uint32_t segment, uint64_t destination,
                          uint64_t source, uint64_t length) {
  const wm_data_segment *data = dataSegment(instance, segment);
  if (!isWithin(destination, length, sizeOf(memory)) ||
      !isWithin(source, length, data->size))
    TRAP_AT_CALLER(WM_TRAP_memory_bounds);
  moveBytes(memory->base + destination, data->bytes + source, length);
}

void wm_data_drop(wm_instance *instance, uint32_t segment) {
  dataSegment(instance, segment)->size = 0;
}
}
