// Stores: what linked instances share, above all the stack that guest code
// runs on. Its guard page range is what catches runaway recursion: no frame of
// compiled code can step over it (they probe), so it only has to be large
// enough for the frames of the runtime. Small things that live as long as the
// store come from the same reservation, then from others.
#include "runtime/instance.h"
#include "runtime/port.h"
#include "runtime/process.h"

static constexpr uint64_t DefaultStack = 8 << 20;
static constexpr uint64_t SmallestStack = 64 << 10;
static constexpr uint64_t Guard = 1 << 20;
static constexpr uint64_t CallersGuard = 64 << 10;
static constexpr uint64_t SmallestCallersStack = 256 << 10;
/// For the first small things: a page holds them, the store and the stack's
/// first frames.
static constexpr uint64_t FirstArena = 1024;
static constexpr uint64_t Chunk = 16 << 10;

static wm_store *placeStore(uint8_t *low, uint8_t *end, uint64_t guard) {
  // The store stands on top of its own stack: one page is touched for both.
  uint64_t space = (sizeof(wm_store) + FirstArena + 63) & ~63ull;
  wm_store *store = reinterpret_cast<wm_store *>(end - space);
  store->stack_low = low;
  store->stack_high = reinterpret_cast<uint8_t *>(store);
  store->stack_guard = guard;
  store->references = 1;
  store->fuel = INT64_MAX;
  store->arena = reinterpret_cast<uint8_t *>(store + 1);
  store->arena_left = FirstArena;
  return store;
}

/// A store on memory of the caller's, whose lowest part becomes the guard.
static wm_store *useStack(void *stack, uint64_t size) {
  uint64_t page = port_page_size();
  uintptr_t begin = (reinterpret_cast<uintptr_t>(stack) + page - 1) & -page;
  uintptr_t end = (reinterpret_cast<uintptr_t>(stack) + size) & -page;
  if (size < SmallestCallersStack || end - begin < SmallestCallersStack - page)
    return nullptr;
  uint8_t *low = reinterpret_cast<uint8_t *>(begin);
  if (!port_protect(low, CallersGuard))
    return nullptr;
  uint8_t *high = reinterpret_cast<uint8_t *>(end);
  uint64_t space = (sizeof(wm_store) + FirstArena + 63) & ~63ull;
  __builtin_memset(high - space, 0, space);
  wm_store *store = placeStore(low + CallersGuard, high, CallersGuard);
  store->is_callers_stack = 1;
  return store;
}

void *storeAllocate(wm_store *store, uint64_t size) {
  size = (size + 15) & ~15ull;
  if (size > store->arena_left) {
    uint64_t least = roundToPage(size + sizeof(wm_reservation));
    uint64_t bytes = least < Chunk ? Chunk : least;
    void *chunk = port_reserve(bytes);
    if (!chunk) // where there is little, what is asked for has to do
      chunk = port_reserve(bytes = least);
    if (!chunk)
      return nullptr;
    if (!port_commit(chunk, bytes)) {
      port_release(chunk, bytes);
      return nullptr;
    }
    wm_reservation *own = static_cast<wm_reservation *>(chunk);
    *own = {store->reservations, chunk, bytes};
    store->reservations = own;
    uint64_t head = (sizeof(wm_reservation) + 15) & ~15ull;
    store->arena = static_cast<uint8_t *>(chunk) + head;
    store->arena_left = bytes - head;
  }
  void *result = store->arena;
  store->arena += size;
  store->arena_left -= size;
  return result;
}

bool storeAdopt(wm_store *store, void *address, uint64_t size) {
  void *memory = storeAllocate(store, sizeof(wm_reservation));
  if (!memory)
    return false;
  wm_reservation *reservation = static_cast<wm_reservation *>(memory);
  *reservation = {store->reservations, address, size};
  store->reservations = reservation;
  return true;
}

extern "C" {

WM_API wm_store *wm_store_create(void *stack, uint64_t stack_size) {
  if (stack)
    return useStack(stack, stack_size);
  uint64_t size = stack_size ? stack_size : DefaultStack;
  if (size > 1ull << 40)
    return nullptr;
  size = roundToPage(size < SmallestStack ? SmallestStack : size);
  uint8_t *low = port_map_stack(size, Guard);
  if (!low)
    return nullptr;
  return placeStore(low, low + size, Guard);
}

WM_API void wm_store_release(wm_store *store) {
  if (--store->references)
    return;
  for (wm_instance *i = store->instances; i; i = i->next)
    releaseImports(i);
  while (wm_instance *instance = store->instances) {
    store->instances = instance->next;
    releaseInstance(instance);
  }
  // A record may stand in a reservation that follows it in the list: never in
  // one before it.
  while (wm_reservation *reservation = store->reservations) {
    store->reservations = reservation->next;
    port_release(reservation->address, reservation->size);
  }
  uint8_t *begin = store->stack_low - store->stack_guard;
  if (store->is_callers_stack) {
    port_commit(begin, store->stack_guard);
    return;
  }
  // Up to the end of the store's page: pages are counted from the reservation's
  // beginning, as they may be larger than the system's.
  uint8_t *end = reinterpret_cast<uint8_t *>(store + 1);
  port_release(begin, roundToPage(static_cast<uint64_t>(end - begin)));
}
}

extern "C" {

WM_API void wm_set_fuel(wm_instance *instance, uint64_t fuel) {
  setFuel(instance->store, fuel);
}

WM_API uint64_t wm_fuel(const wm_instance *instance) {
  int64_t fuel = instance->store->fuel;
  return fuel < 0 ? 0 : static_cast<uint64_t>(fuel);
}
}
