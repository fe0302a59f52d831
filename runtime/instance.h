// Making and entering instances, beneath the public API: what the runtime's
// files and the ports' programs share.
#pragma once

#include "runtime/abi.h"
#include "runtime/trap.h"

/// What module->imports name, in their order; an entry of kind WM_FUNCTION
/// without a function takes the import's binding. Fills no segments and runs no
/// code: startInstance does. `store` may be null: a new one. On failure *out is
/// null.
wm_status makeInstance(const wm_module *module, const wm_external *imports,
                       wm_store *store, uint64_t stack_size, wm_instance **out,
                       wm_error *error);
/// The first part of wm_instance_create: the same without WASI's state and
/// without running code.
wm_status prepareInstance(const wm_module *module, const wm_options &options,
                          wm_instance **out, wm_error *error);
/// Runs module->initialize and the start function. The instance lives on when
/// it traps: tables of others may refer to its functions.
wm_status startInstance(wm_instance *instance, wm_error *error);

bool findExport(wm_instance *instance, const char *name, uint64_t name_size,
                wm_external *out);
/// The reference to function `index` of the instance's index space; null for
/// a defined function that nothing refers to.
wm_function *functionReference(wm_instance *instance, uint32_t index);

/// The canonical pointer of a type: equal hashes give equal pointers, whoever
/// asks. What wm_function::type holds. Null when memory is short.
const void *internType(const wm_type *type);
static inline const wm_type *typeOf(const wm_function *function) {
  return static_cast<const wm_type *>(function->type);
}

/// Calls a function with as many values as its type has; `error` is filled in
/// on failure.
wm_status callFunction(const wm_function *function, const wm_value *args,
                       wm_value *results, wm_error *error);

/// A function of the host, in `instance`'s store; null when memory is short.
wm_function *makeHostFunction(wm_instance *instance, const void *type,
                              wm_callback callback, void *context);

/// Memory that lives as long as the store, zero; null when memory is short.
void *storeAllocate(wm_store *store, uint64_t size);
/// Makes a reservation go with the store; false when memory is short.
bool storeAdopt(wm_store *store, void *address, uint64_t size);
/// Lets metered code use so much; what is more than INT64_MAX does not count.
static inline void setFuel(wm_store *store, uint64_t fuel) {
  store->fuel = fuel > INT64_MAX ? INT64_MAX : static_cast<int64_t>(fuel);
}
/// Starts a use of the store; wm_store_release ends it.
static inline void storeRetain(wm_store *store) { ++store->references; }

extern "C" {
void wm_fail_host(wm_instance *instance, wm_status status, uint32_t failures);
int64_t wm_table_grow(wm_instance *, wm_table *table, uint64_t delta,
                      void *value);
}

/// An instance begins to use a memory; only those of no store care.
void retainMemory(wm_memory *memory);
/// Ends the use of imported memories. Comes first: what an instance imports
/// from another may go with that one.
void releaseImports(wm_instance *instance);
/// Gives back what an instance has, when nothing may refer to it any more.
void releaseInstance(wm_instance *instance);
