// Making, entering and finding the way around an instance: what a host and
// the ports' programs call. The C API for embedders is built on it.
#pragma once

#include "runtime/abi.h"
#include "runtime/trap.h"

extern "C" {

enum wm_status : int {
  WM_OK,
  WM_TRAPPED,    // error->trap and trap_pc tell which and where
  WM_UNLINKABLE, // an import is missing or of another type
  WM_REFUSED,    // ABI version, strategy, CPU or memory limits do not fit
  WM_NO_MEMORY,
  WM_BUSY, // another thread is in the store
};

struct wm_error {
  wm_trap_code trap;
  const void *trap_pc;
  char message[256]; // one line; empty for WM_OK
};

/// A store with a guest stack of `stack_size` bytes (0: 8 MiB), for instances
/// that are linked with each other; null when memory is short. It goes with the
/// last instance in it after wm_store_release.
wm_store *wm_store_create(uint64_t stack_size);
void wm_store_release(wm_store *store);

/// The canonical pointer of a type: equal hashes give equal pointers, whoever
/// asks. What wm_function::type holds. Null when memory is short.
const void *wm_intern_type(const wm_type *type);

/// Instance for `module`; `imports` holds module->num_imports values in their
/// order (null: all from their bindings; an entry whose `function` is null and
/// which has a binding takes it). Does not run the start function nor fill
/// segments: wm_instance_start does. `stack_size`: bytes of guest stack, 0 for
/// the default. `store`: of the instances it is linked with, or null for a new
/// one. On failure *out is null.
wm_status wm_instance_create(const wm_module *module,
                             const wm_external *imports, wm_store *store,
                             uint64_t stack_size, wm_instance **out,
                             wm_error *error);
/// Runs module->initialize and the start function. The instance lives on when
/// it traps: tables of others may refer to its functions.
wm_status wm_instance_start(wm_instance *instance, wm_error *error);
void wm_instance_destroy(wm_instance *instance);

/// Looks an export up by name; false when there is none.
bool wm_instance_export(wm_instance *instance, const char *name,
                        uint64_t name_size, wm_external *out);
/// The reference to function `index` of the instance's index space; null for
/// a defined function that nothing refers to.
wm_function *wm_instance_function(wm_instance *instance, uint32_t index);
/// The type of a function reference.
const wm_type *wm_function_type(const wm_function *function);

/// For hosts that handle all signals themselves: called by a handler for
/// SIGSEGV and SIGBUS with what it was given. True if the fault was a guest's
/// trap; the handler then has to return at once. False: it is somebody else's.
/// The handler needs SA_SIGINFO, SA_ONSTACK and an alternate stack.
bool wm_handle_signal(int signal, void *info, void *context);
/// Whether the host handles signals, and no handlers are installed. False when
/// there are instances already.
bool wm_set_signal_handling(bool host_handles_signals);

/// Calls a function reference. `values` holds the arguments and receives the
/// results.
wm_status wm_call(const wm_function *function, wm_value *values,
                  wm_error *error);
}

static inline wm_memory *wm_instance_memory(wm_instance *instance,
                                            uint32_t index) {
  wm_memory **memories =
      (wm_memory **)((char *)instance + instance->module->memories_offset);
  return memories[index];
}
