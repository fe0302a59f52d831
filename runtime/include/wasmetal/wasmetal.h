// The C API of wasmetal: sandboxed WebAssembly modules inside of a C or C++
// program, or of any program that can call C.
//
// `wasmetal app.wasm -o app.o --header app.h` compiles a module to an object
// with a descriptor, `app_module`, and a typed function for each exported one.
// Every object and shared library brings the functions below along (once for a
// program, however many it links): there is no library to link with.
//
//   wm_instance *instance;
//   wm_error error;
//   if (wm_instance_create(&app_module, NULL, &instance, &error) != WM_OK)
//     return fail(error.message);
//   int32_t sum;
//   if (app_add(instance, 5, 37, &sum) != WM_OK)
//     return fail(wm_last_error(instance)->message);
//   wm_instance_destroy(instance);
//
// Ownership. An instance lives in a store, alone or with those that it is
// linked with. What an instance or a store hands out (functions, memories,
// tables, globals) belongs to the store and is valid until the store ends:
// after wm_instance_destroy of an instance that was alone, or when the last
// instance and the creator of a store (wm_store_release) have let go of it.
// Descriptors must outlive their instances: so must a library with one in it.
//
// Threads. Descriptors may be shared. A store, and all that is in it, is used
// by one thread at a time; different stores are independent, but for the shared
// memories that their instances import: functions on memories may be called for
// these from any thread. A call into a store that another thread is in gives
// WM_BUSY; everything else is up to the host.
//
// Errors are values: functions that can fail return a wm_status. Those that
// take a wm_error fill it in unless it is null; wm_last_error keeps the last
// failure of an instance's store. A trap or a wrong argument never ends the
// process. Pointers must be valid, as everywhere in C, and not null except
// where it says so.
//
// Units. Sizes and addresses are bytes, unless they say pages (of 64 KiB, if
// the module does not say otherwise) or elements (of a table). Text ends with a
// zero byte.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

//===-- Values and errors -------------------------------------------------===//

typedef struct wm_module wm_module;     // a compiled module: its descriptor
typedef struct wm_instance wm_instance; // one sandbox
typedef struct wm_store wm_store;       // what linked instances share
typedef struct wm_function wm_function; // a reference to a function
typedef struct wm_memory wm_memory;     // a linear memory
typedef struct wm_table wm_table;       // a table of references

/// What a value is.
typedef uint8_t wm_kind;
enum {
  WM_I32,
  WM_I64,
  WM_F32,
  WM_F64,
  WM_V128,
  WM_FUNCREF,   // wm_function *, or null
  WM_EXTERNREF, // any pointer of the host's; the guest cannot look into it
  WM_ANYREF,    // garbage collection's references: null, so far
  WM_EXNREF     // a wm_exception *, or null
};

/// What a wm_kind leaves open of a reference's type: the library's own. Zero is
/// a nullable reference to anything of the kind. Where a module asks for more,
/// a host must pass such references only.
typedef struct wm_ref_type {
  const void *type;
  uint8_t heap;
  uint8_t is_non_null;
} wm_ref_type;

/// A vector of 128 bits, little endian.
typedef struct wm_v128 {
  uint8_t bytes[16];
} wm_v128;

/// A value that crosses between host and guest.
typedef union wm_value {
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  void *ref; // funcref: a wm_function * of the same store; externref
  uint8_t v128[16];
} wm_value;

typedef enum wm_status {
  WM_OK,
  WM_TRAPPED,      // the guest stopped: see wm_error's trap
  WM_EXITED,       // the guest ended itself by WASI's proc_exit
  WM_UNLINKABLE,   // an import is missing or of another type
  WM_REFUSED,      // what was asked for does not fit; the message tells what
  WM_NO_MEMORY,    // memory, address space or a limit is exhausted
  WM_BUSY,         // another thread is in the store
  WM_NOT_FOUND,    // there is no export or function of this name or type
  WM_THROWN,       // no handler took an exception: see wm_error's exception
  WM_OUT_OF_RANGE, // an address or an index is beyond the end
  /// None: compilers for microcontrollers would take a smaller type.
  WM_STATUS_IS_INT = 0x7fffffff
} wm_status;

typedef enum wm_trap_code {
  WM_TRAP_none,
#define WM_TRAP(name, message) WM_TRAP_##name,
#include "traps.def"
  WM_TRAP_CODE_IS_INT = 0x7fffffff
} wm_trap_code;

typedef struct wm_error {
  wm_status status;
  wm_trap_code trap;   // with WM_TRAPPED
  int32_t exit_code;   // with WM_EXITED
  const void *trap_pc; // with WM_TRAPPED: the instruction, where one is known
  char message[256];   // one line; empty for WM_OK
  /// With WM_THROWN. Lives as long as its store, or until guest code catches it
  /// after all.
  const struct wm_exception *exception;
} wm_error;

typedef struct wm_tag wm_tag;
typedef struct wm_exception wm_exception;

/// The tag of an exception: the same for the same exported tag.
const wm_tag *wm_exception_tag(const wm_exception *exception);
/// Its payload: one value for each parameter of the tag.
const wm_value *wm_exception_values(const wm_exception *exception,
                                    uint32_t *count);

/// The specification's words for a trap; "" for none.
const char *wm_trap_message(wm_trap_code trap);

//===-- Types -------------------------------------------------------------===//

/// What an import or export is.
typedef uint8_t wm_extern_kind;
enum { WM_FUNCTION, WM_TABLE, WM_MEMORY, WM_GLOBAL, WM_TAG };

/// An import or an export with its type. Belongs to the module.
typedef struct wm_extern_type {
  const char *module; // of an import; null for exports
  const char *name;   // both may hold zero bytes before their end
  uint32_t module_size;
  uint32_t name_size;
  wm_extern_kind kind;
  wm_kind value;      // of a global, or of a table's elements
  bool is_mutable;    // of a global
  bool is_shared;     // of a memory
  bool is_64;         // of a memory or table: whether it has 64-bit addresses
  bool has_maximum;   // of a memory or table
  uint32_t page_size; // of a memory, in bytes; 0: 64 KiB
  uint64_t minimum;   // of a memory in pages, of a table in elements
  uint64_t maximum;
  const wm_kind *params; // of a function
  const wm_kind *results;
  uint32_t num_params;
  uint32_t num_results;
} wm_extern_type;

const char *wm_module_name(const wm_module *module);
uint32_t wm_module_num_imports(const wm_module *module);
uint32_t wm_module_num_exports(const wm_module *module);
/// Import or export number `index`, in the module's order; false when there is
/// none. Reads the descriptor alone.
bool wm_module_import(const wm_module *module, uint32_t index,
                      wm_extern_type *out);
bool wm_module_export(const wm_module *module, uint32_t index,
                      wm_extern_type *out);

//===-- Imports -----------------------------------------------------------===//

/// A global: where its value stands, and what may be done with it.
typedef struct wm_global {
  void *address;
  wm_kind kind;
  bool is_mutable;
  wm_ref_type reference;
} wm_global;

/// Something that can be imported or was exported.
typedef struct wm_external {
  wm_extern_kind kind;
  wm_store *store; // where it lives: its importer joins that store
  union {
    wm_function *function;
    wm_table *table;
    wm_memory *memory;
    wm_global global;
    const wm_tag *tag;
  };
} wm_external;

/// A function of the host that guests call. `context` and `instance` are what
/// it was made with: of an import, the instance that imports it. Reads one
/// value for each parameter and writes one for each result. WM_THROWN passes an
/// exception on to the guest: that of wm_throw, or the one that a call ended
/// with. Anything else but WM_OK ends the guest's call with a trap, whose
/// message wm_fail may set. It may call into the same instance again, but must
/// not destroy it, and must return: no longjmp, no exception of C++ may pass
/// through guest code.
typedef wm_status (*wm_callback)(void *context, wm_instance *instance,
                                 const wm_value *params, wm_value *results);

/// What an instance gets for an import.
typedef struct wm_import {
  const char *module;
  const char *name;
  wm_callback callback; // a function of the host; null: `value`
  void *context;
  wm_external value;
} wm_import;

/// Says why a function of the host fails: `return wm_fail(instance, "...");`.
wm_status wm_fail(wm_instance *instance, const char *message);
/// Throws an exception out of a function of the host, to be caught by the guest
/// or by who called it: `return wm_throw(instance, tag, values, count);`. The
/// tag is one that an instance of the same store exports, with as many
/// parameters as there are values. Gives WM_THROWN, or what wm_fail gives if
/// that is not so or memory is short. `instance` is what the function was
/// given.
wm_status wm_throw(wm_instance *instance, const wm_tag *tag,
                   const wm_value *values, uint32_t count);

//===-- Grants ------------------------------------------------------------===//

/// A directory of the host and the name under which the guest finds it.
typedef struct wm_wasi_preopen {
  const char *host;
  const char *guest;
} wm_wasi_preopen;

/// What WASI gives to an instance. Strings and arrays must outlive it.
typedef struct wm_wasi_config {
  int argc;
  const char *const *argv;
  const char *const *env; // "NAME=value"
  uint32_t env_count;
  const wm_wasi_preopen *preopens;
  uint32_t preopen_count;
  bool has_no_streams; // descriptors 0 to 2 are closed, not the host's
  bool is_process;     // signals that the guest raises are the process's
} wm_wasi_config;

//===-- Instances ---------------------------------------------------------===//

/// How an instance is made. Begin with `wm_options options = {0};` and set
/// `size`: zeros are the defaults, and what a later version adds is zero too.
typedef struct wm_options {
  size_t size; // sizeof(wm_options)
  /// The imports, in any order; those beyond what the module needs are left
  /// alone. Functions that the object was linked with need none.
  const wm_import *imports;
  uint32_t num_imports;
  /// The store to live in, with others. Null: that of an imported value, or a
  /// new one.
  wm_store *store;
  void *user_data;
  /// Stack of a new store: bytes (0: 8 MiB), in memory of the caller's that
  /// outlives the store or, if null, in a new reservation. The lowest 64 KiB
  /// of caller's memory lose their access rights meanwhile.
  void *stack;
  uint64_t stack_size;
  /// Limit of each memory that the module defines, in bytes; 0: its own.
  uint64_t maximum_memory;
  /// What WASI gives to the guest. Null: clocks and random numbers, but no
  /// files, streams, arguments or variables.
  const wm_wasi_config *wasi;
  /// Fuel of a new store, for code that was compiled with --fuel; 0: no limit.
  uint64_t fuel;
} wm_options;

/// Makes an instance: checks that the descriptor fits to this runtime and
/// processor, binds imports, fills memory and tables, runs the start function
/// and, if the module exports one, `_initialize`. `options` may be null. On
/// failure *out is null.
wm_status wm_instance_create(const wm_module *module, const wm_options *options,
                             wm_instance **out, wm_error *error);

/// Ends an instance: files that it opened are closed. Must not be called from
/// a function that it calls. In a store of its own it is gone; in a shared
/// store, others may go on using its functions and memories. Null is ignored.
void wm_instance_destroy(wm_instance *instance);

const wm_module *wm_instance_module(const wm_instance *instance);
wm_store *wm_instance_store(const wm_instance *instance);
void *wm_instance_user_data(const wm_instance *instance);
void wm_instance_set_user_data(wm_instance *instance, void *user_data);

/// The last failure of a call into this instance's store.
const wm_error *wm_last_error(const wm_instance *instance);

/// Finds an export by its name; false when there is none.
bool wm_instance_export(wm_instance *instance, const char *name,
                        wm_external *out);
/// Memory number `index` of the module, imported ones first, exported or not;
/// null when there is none. Most modules have the one memory 0.
wm_memory *wm_instance_memory(wm_instance *instance, uint32_t index);

/// A store for instances that are linked with each other: with a stack for
/// their code as wm_options describes it. Null when memory is short or the
/// caller's stack too small (256 KiB). It goes with its last instance after
/// wm_store_release.
wm_store *wm_store_create(void *stack, uint64_t stack_size);
void wm_store_release(wm_store *store);

//===-- Calls -------------------------------------------------------------===//

/// Calls an exported function by its name. The arguments must be as many as
/// its parameters, and there must be room for `num_results`, exactly its
/// number of results. `results` may be `args`. `error` may be null.
wm_status wm_call(wm_instance *instance, const char *name, const wm_value *args,
                  uint32_t num_args, wm_value *results, uint32_t num_results,
                  wm_error *error);
/// Calls a reference: an exported function, an entry of a table, or any other.
wm_status wm_function_call(const wm_function *function, const wm_value *args,
                           uint32_t num_args, wm_value *results,
                           uint32_t num_results, wm_error *error);
/// The kinds of a function's parameters and results.
void wm_function_kinds(const wm_function *function, const wm_kind **params,
                       uint32_t *num_params, const wm_kind **results,
                       uint32_t *num_results);
/// Makes a function of the host that can stand in tables of the instance's
/// store, as a callback for example. The instance's module must have a function
/// type of these parameters and results; `callback` is called with `context`
/// and `instance`. It lives as long as the store.
wm_status wm_function_create(wm_instance *instance, const wm_kind *params,
                             uint32_t num_params, const wm_kind *results,
                             uint32_t num_results, wm_callback callback,
                             void *context, wm_function **out, wm_error *error);

//===-- Interruption and signals ------------------------------------------===//

/// Asks the guest code of the instance's store to stop: the innermost call into
/// it ends with WM_TRAP_interrupted, at once if it is in guest code, else when
/// the function of the host that it is in returns. The request ends with that
/// trap. If no guest code is left to be stopped, the request remains, and stops
/// the next call before its first instruction. For any thread, and for signal
/// handlers; the instance must live meanwhile.
void wm_interrupt(wm_instance *instance);
/// Takes a request back that has not stopped anything. Whether there was one.
bool wm_interrupt_clear(wm_instance *instance);

/// A limit for the time that guest code may take: by the clock, with all that
/// happens in it. Guest code of the instance's store that is running
/// `nanoseconds` after wm_limit_begin, or is called later, ends with
/// WM_TRAP_time_limit, until wm_limit_end. Counts for calls of the thread that
/// begins it, which has to end it. Limits nest, in any store; a store in which
/// a function of the host enters needs its own. WM_NO_MEMORY if the system has
/// no timer left; wm_limit_end is not needed then.
typedef struct wm_time_limit {
  wm_store *store;
  uint64_t deadline;
  struct wm_time_limit *outer;
} wm_time_limit;
wm_status wm_limit_begin(wm_time_limit *limit, wm_instance *instance,
                         uint64_t nanoseconds);
void wm_limit_end(wm_time_limit *limit);

/// Fuel: what code that was compiled with --fuel uses one unit of for each
/// instruction, the same on each run. When it is used up, calls end with
/// WM_TRAP_out_of_fuel. A store has fuel without end, unless wm_options or this
/// gives it less.
void wm_set_fuel(wm_instance *instance, uint64_t fuel);
/// What is left.
uint64_t wm_fuel(const wm_instance *instance);

/// For hosts that handle all signals themselves: called by a handler for
/// SIGSEGV, SIGBUS and the interrupt signal with what it was given. True if the
/// signal is dealt with; the handler then has to return at once. False: it is
/// somebody else's. The handler needs SA_SIGINFO, SA_ONSTACK, SA_RESTART and an
/// alternate stack.
bool wm_handle_signal(int signal, void *info, void *context);
/// Whether the host handles signals, and no handlers are installed; and which
/// real-time signal serves wm_interrupt (50 unless this is called). False when
/// there are instances already, or for another kind of signal.
bool wm_set_signals(bool host_handles, int interrupt_signal);

//===-- Memories ----------------------------------------------------------===//

/// Makes a memory of the host's for instances of `module` in `store` to import,
/// with that module's strategy. Of `type`, what describes a memory counts: that
/// of the import (wm_module_import), or one of your own.
/// With null for `store`, the memory belongs to none, and has to be shared:
/// instances of any store may import it, and use it at the same time. It lives
/// until wm_memory_release and until the last of their stores has ended; the
/// library that `module` is in has to outlive it.
wm_status wm_memory_create(wm_store *store, const wm_module *module,
                           const wm_extern_type *type, wm_external *out,
                           wm_error *error);
/// Lets go of a memory that was made without a store. Others stay.
void wm_memory_release(wm_memory *memory);
/// Bytes that the guest can access. Only ever grows.
uint64_t wm_memory_size(const wm_memory *memory);
/// Where address 0 stands. Constant; valid for wm_memory_size bytes. What is
/// there, the guest may change at any time that it runs.
uint8_t *wm_memory_data(const wm_memory *memory);
/// Grows by `pages`. WM_NO_MEMORY when its maximum or the system forbids.
wm_status wm_memory_extend(wm_memory *memory, uint64_t pages);
/// Copy from and to the guest's memory. WM_OUT_OF_RANGE, and nothing is
/// copied, unless all of it is within the memory.
wm_status wm_memory_read(const wm_memory *memory, uint64_t address, void *to,
                         uint64_t size);
wm_status wm_memory_write(wm_memory *memory, uint64_t address, const void *from,
                          uint64_t size);
/// Copies text that ends with a zero byte. WM_OUT_OF_RANGE when the memory ends
/// before the text does; WM_NO_MEMORY when it is longer than `capacity` bytes
/// with its end, `to` then holds its beginning.
wm_status wm_memory_string(const wm_memory *memory, uint64_t address, char *to,
                           uint64_t capacity);

//===-- Tables and globals ------------------------------------------------===//

/// Makes a table of the host's, all null. Of `type`, what describes a table
/// counts; `value` is WM_FUNCREF or WM_EXTERNREF.
wm_status wm_table_create(wm_store *store, const wm_extern_type *type,
                          wm_external *out, wm_error *error);
uint64_t wm_table_size(const wm_table *table);
/// Grows by `count` elements of null. WM_NO_MEMORY when it cannot.
wm_status wm_table_extend(wm_table *table, uint64_t count);
/// An element: a wm_function * or a pointer of the host's, or null.
wm_status wm_table_get(const wm_table *table, uint64_t index, void **out);
/// Sets one. WM_REFUSED for a function of another store.
wm_status wm_table_set(wm_table *table, uint64_t index, void *reference);

/// Makes a global of the host's.
wm_status wm_global_create(wm_store *store, wm_kind kind, bool is_mutable,
                           wm_value value, wm_external *out, wm_error *error);
wm_value wm_global_get(wm_global global);
/// WM_REFUSED for a constant.
wm_status wm_global_set(wm_global global, wm_value value);

#ifdef __cplusplus
} // extern "C"
#endif
