// What all objects of a process share: the table of types. One copy wins,
// although each compiled object carries one: weak symbols of default
// visibility, which the dynamic linker binds to the first.
#pragma once

#include "runtime/abi.h"

/// Marks process state and the functions that a host calls.
#define WM_API __attribute__((weak, visibility("default")))

/// Which module offers to enter and leave functions of a type: its code may be
/// unloaded once its instances are gone, while the type stays. Stays with its
/// type, so that a reader needs no lock to find its own module.
struct wm_type_provider {
  const wm_module *module;
  const wm_type *type; // the module's
  uint64_t instances;
  wm_type_provider *next;
};

/// A canonical type. `type` comes first: references point here.
struct wm_type_node {
  wm_type type;
  wm_type_node *next;
  wm_type_provider *providers;
};

struct wm_process_state {
  uint8_t lock;
  wm_type_node *types[64]; // by the first byte of the hash
  uint8_t *arena;          // never given back
  uint64_t arena_left;
  alignas(16) uint8_t first_arena[8192];
};

/// Whether a reference of one type may stand for the other, of the same
/// wm_kind.
bool isRefSubtype(const wm_ref_type *actual, const wm_ref_type *expected);

extern "C" {
int32_t wm_type_matches(const void *actual, const void *expected);

extern wm_process_state wm_process;

/// Interns a type for an instance of `module`, whose code may be used until
/// wm_type_withdraw. Null when memory is short.
const void *wm_type_provide(const wm_type *type, const wm_module *module);
void wm_type_withdraw(const void *canonical, const wm_module *module);
/// The type as a module describes it, with its code: as `module` does if it can
/// be, else any that is loaded; null when none is.
const wm_type *wm_type_provided(const void *canonical, const wm_module *module);
}
