// An instance while it is made: what instance.cpp and imports.cpp fill in,
// step by step.
#pragma once

#include "runtime/instance.h"
#include "runtime/message.h"

struct Builder {
  const wm_module *module;
  const wm_external *imports; // in the module's order, or null
  const wm_options *options;  // null: none
  wm_error *error;
  wm_instance *instance = nullptr;
  void **tables = nullptr;      // where those of limited size stand
  uint64_t memory_reserved = 0; // behind it
};

inline wm_status refuse(wm_error *error, wm_status status, const char *text) {
  error->status = status;
  Message(error->message).text(text);
  return status;
}

inline wm_status refuse(Builder &b, wm_status status, const char *text) {
  return refuse(b.error, status, text);
}

/// Reserves `prefix` bytes and a memory behind them, with room for importers of
/// wider limits where `is_shareable`. Null when the system refuses; *reserved
/// then tells how much the memory would take.
void *reserveMemory(const wm_backend *backend, uint64_t prefix,
                    wm_memory_type type, bool is_shareable, uint64_t *reserved);
/// "cannot reserve ..."
wm_status noAddressSpace(wm_error *error, const wm_backend *backend,
                         uint64_t bytes);

/// Finds what each import is, from the options or the bindings, and leaves it
/// in the instance.
/// Null when memory is short.
wm_tag *makeTag(wm_store *store, const void *type);
/// Makes it the store's last error: WM_THROWN.
wm_status keepException(wm_store *store, const wm_exception *exception);

wm_status bindImports(Builder &b);
/// The store that the options or an imported value name, or null.
wm_store *storeOfImports(const wm_module *module, const wm_options *options);
