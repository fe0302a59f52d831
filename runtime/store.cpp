// Stores: what linked instances share, above all the stack that guest code
// runs on. Its guard page range is what catches runaway recursion: no frame of
// compiled code can step over it (they probe), so it only has to be large
// enough for the frames of the runtime and the host.
#include "runtime/instance.h"
#include "runtime/port.h"
#include "runtime/process.h"

static constexpr uint64_t DefaultStack = 8 << 20;
static constexpr uint64_t SmallestStack = 64 << 10;
static constexpr uint64_t Guard = 1 << 20;

extern "C" {

WM_API wm_store *wm_store_create(uint64_t stack_size) {
  uint64_t page = port_page_size();
  uint64_t size = stack_size ? stack_size : DefaultStack;
  if (size > 1ull << 40)
    return nullptr;
  if (size < SmallestStack)
    size = SmallestStack;
  size = (size + page - 1) / page * page;
  uint8_t *low = port_map_stack(size, Guard);
  if (!low)
    return nullptr;
  // The store stands on top of its own stack: one page is touched for both.
  uint64_t space = (sizeof(wm_store) + 63) & ~63ull;
  wm_store *store = reinterpret_cast<wm_store *>(low + size - space);
  store->stack_low = low;
  store->stack_high = reinterpret_cast<uint8_t *>(store);
  store->stack_guard = Guard;
  store->references = 1;
  return store;
}

WM_API void wm_store_release(wm_store *store) {
  if (--store->references)
    return;
  uint64_t page = port_page_size();
  uint8_t *begin = store->stack_low - store->stack_guard;
  uint8_t *end = reinterpret_cast<uint8_t *>(
      (reinterpret_cast<uintptr_t>(store + 1) + page - 1) / page * page);
  port_release(begin, static_cast<uint64_t>(end - begin));
}
}
