// What the compiler leaves in an executable for the port's main.
#pragma once

#include "runtime/abi.h"

struct wm_program_directory {
  const char *host;
  const char *guest;
};

struct wm_program {
  uint64_t stack_size; // of the guest, in bytes; 0: the default
  uint64_t fuel;       // 0: no limit
  // Grants it was compiled with. WASMETAL_DIRS and WASMETAL_ENV add to them.
  const wm_program_directory *directories;
  uint32_t num_directories;
  uint32_t num_environment;
  const char *const *environment; // "NAME=value"
  bool takes_arguments;           // it imports WASI's functions for them
  /// Null, or wm_invoke_main: the program calls one export with its arguments
  /// as values and prints the results. A pointer, so that other programs need
  /// not carry that function.
  int (*invoke)(wm_instance *, const char *name, int argc, char **argv);
  /// The export that `invoke` calls; null: the first argument names it.
  const char *invoke_name;
  /// Null, or wm_supply_threads; a pointer for the same reason.
  wm_status (*supply_threads)(const wm_module *module, wm_options *options,
                              wm_error *error);
};

extern "C" {
extern const wm_module *const wm_main_module;
extern const wm_program wm_main_options;

/// Calls an export with `argc` arguments, given as text, and prints each result
/// on a line. Returns the exit code: 0, 2 for arguments that do not fit, or
/// 134.
int wm_invoke_main(wm_instance *instance, const char *name, int argc,
                   char **argv);
/// Adds what a module with threads imports: its shared memory, and the function
/// that starts a thread.
wm_status wm_supply_threads(const wm_module *module, wm_options *options,
                            wm_error *error);
}
