// Canonical types: one node for each 32-byte hash in the process, so that
// compiled code compares pointers. The hash is SHA-256 over the canonical
// recursion group: guests choose their types, a short hash would let them
// collide. The sandbox rests on this file.
#include "runtime/instance.h"
#include "runtime/lock.h"
#include "runtime/port.h"
#include "runtime/process.h"

extern "C" {
WM_API wm_process_state wm_process = {};
}

static void *allocate(uint64_t size) {
  constexpr uint64_t Chunk = 256 << 10;
  size = (size + 15) & ~15ull;
  if (!wm_process.arena) {
    wm_process.arena = wm_process.first_arena;
    wm_process.arena_left = sizeof(wm_process.first_arena);
  }
  if (size > wm_process.arena_left) {
    uint64_t bytes = size > Chunk ? (size + Chunk - 1) / Chunk * Chunk : Chunk;
    void *chunk = port_reserve(bytes);
    if (!chunk)
      return nullptr;
    if (!port_commit(chunk, bytes)) {
      port_release(chunk, bytes);
      return nullptr;
    }
    wm_process.arena = static_cast<uint8_t *>(chunk);
    wm_process.arena_left = bytes;
  }
  void *result = wm_process.arena;
  wm_process.arena += size;
  wm_process.arena_left -= size;
  return result;
}

/// Recurses as deep as types declare supertypes, which validation limits.
static wm_type_node *intern(const wm_type *type) {
  wm_type_node **bucket = &wm_process.types[type->hash[0] % 64];
  for (wm_type_node *node = *bucket; node; node = node->next)
    if (__builtin_memcmp(node->type.hash, type->hash, sizeof(type->hash)) == 0)
      return node;
  wm_type_node *supertype = nullptr;
  if (type->supertype && !(supertype = intern(type->supertype)))
    return nullptr;
  // Copied, because the object that brought it may be unloaded.
  uint64_t num_kinds = uint64_t(type->num_params) + type->num_results;
  void *memory = allocate(sizeof(wm_type_node) + num_kinds);
  if (!memory)
    return nullptr;
  wm_type_node *node = static_cast<wm_type_node *>(memory);
  uint8_t *kinds = reinterpret_cast<uint8_t *>(node + 1);
  __builtin_memcpy(kinds, type->kinds, num_kinds);
  node->type = *type;
  node->type.kinds = kinds;
  node->type.enter = nullptr;
  node->type.supertype = supertype ? &supertype->type : nullptr;
  node->type.leave = nullptr;
  node->providers = nullptr;
  node->next = *bucket;
  *bucket = node;
  return node;
}

const void *internType(const wm_type *type) {
  Lock lock(wm_process.lock);
  return intern(type);
}

static bool isHeapSubtype(const wm_ref_type *actual,
                          const wm_ref_type *expected) {
  if (expected->heap == WM_HEAP_TOP || actual->heap == WM_HEAP_BOTTOM)
    return true;
  if (expected->heap == WM_HEAP_DEFINED)
    return actual->heap == WM_HEAP_DEFINED &&
           wm_type_matches(actual->type, expected->type);
  uint8_t heap = actual->heap;
  if (heap == WM_HEAP_DEFINED) {
    uint8_t composite = static_cast<const wm_type *>(actual->type)->composite;
    heap = composite == WM_STRUCT  ? WM_HEAP_STRUCT
           : composite == WM_ARRAY ? WM_HEAP_ARRAY
                                   : WM_HEAP_TOP;
  }
  if (expected->heap == WM_HEAP_EQ)
    return heap >= WM_HEAP_EQ;
  return heap == expected->heap;
}

bool isRefSubtype(const wm_ref_type *actual, const wm_ref_type *expected) {
  return expected->is_non_null <= actual->is_non_null &&
         isHeapSubtype(actual, expected);
}

extern "C" {

int32_t wm_type_matches(const void *actual, const void *expected) {
  const wm_type *type = static_cast<const wm_type *>(actual);
  while (type && type != expected)
    type = type->supertype;
  return type != nullptr;
}

WM_API const void *wm_type_provide(const wm_type *type,
                                   const wm_module *module) {
  Lock lock(wm_process.lock);
  wm_type_node *node = intern(type);
  if (!node)
    return nullptr;
  wm_type_provider *unused = nullptr;
  for (wm_type_provider *p = node->providers; p; p = p->next) {
    if (!p->instances) {
      unused = p;
    } else if (p->module == module) {
      ++p->instances;
      return node;
    }
  }
  if (unused) {
    unused->instances = 1;
    unused->type = type;
    __atomic_store_n(&unused->module, module, __ATOMIC_RELEASE);
    return node;
  }
  void *memory = allocate(sizeof(wm_type_provider));
  if (!memory)
    return nullptr;
  wm_type_provider *provider = static_cast<wm_type_provider *>(memory);
  *provider = {module, type, 1, node->providers};
  __atomic_store_n(&node->providers, provider, __ATOMIC_RELEASE);
  return node;
}

WM_API void wm_type_withdraw(const void *canonical, const wm_module *module) {
  Lock lock(wm_process.lock);
  const wm_type_node *node = static_cast<const wm_type_node *>(canonical);
  for (wm_type_provider *p = node->providers; p; p = p->next)
    if (p->module == module && p->instances && --p->instances == 0)
      __atomic_store_n(&p->module, nullptr, __ATOMIC_RELAXED);
}

WM_API const wm_type *wm_type_provided(const void *canonical,
                                       const wm_module *module) {
  const wm_type_node *node = static_cast<const wm_type_node *>(canonical);
  // Without the lock: the caller's instance keeps its module's entry as it is.
  for (wm_type_provider *p =
           __atomic_load_n(&node->providers, __ATOMIC_ACQUIRE);
       p; p = p->next)
    if (module && __atomic_load_n(&p->module, __ATOMIC_ACQUIRE) == module)
      return p->type;
  Lock lock(wm_process.lock);
  for (wm_type_provider *p = node->providers; p; p = p->next)
    if (p->instances && p->type->enter)
      return p->type;
  return nullptr;
}
}
