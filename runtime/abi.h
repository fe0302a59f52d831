// What compiled code, the runtime and the host agree on: the layout of an
// instance and of a module's descriptor, and the calling convention.
// The sandbox rests on this file. The compiler computes the same offsets in
// compiler/emit/instance_layout.cpp and a test compares them.
//
// Calling convention of WebAssembly functions ("tailcc" in LLVM): the
// instance, then, if there are three or more results, a pointer to a buffer of
// one 16-byte wm_value for each, then the parameters. No result: void; one: its
// type; two: a structure of both. References are pointers, null is zero.
// A function that may throw leaves its exception in store->exception and its
// caller tests that after the call.
#pragma once

// What is public is declared there, and only there.
#include "runtime/include/wasmetal/wasmetal.h"

#define WM_ABI_VERSION 1

/// wm_ref_type::heap: within the hierarchy that a wm_kind names.
enum wm_heap : uint8_t {
  WM_HEAP_TOP,
  WM_HEAP_DEFINED, // `type` says which, by its canonical pointer
  WM_HEAP_BOTTOM,
  WM_HEAP_EQ, // these of WM_ANYREF
  WM_HEAP_I31,
  WM_HEAP_STRUCT,
  WM_HEAP_ARRAY
};

/// wm_ref_type in a module's descriptor, where `type` is an index.
struct wm_ref_row {
  uint32_t type;
  uint8_t heap; // wm_heap
  uint8_t is_non_null;
};

enum wm_composite : uint8_t { WM_FUNC, WM_STRUCT, WM_ARRAY };

/// A defined type; of functions, in full. `hash` is its identity over all
/// objects and processes.
struct wm_type {
  uint8_t hash[32];
  uint32_t num_params;
  uint32_t num_results;
  const uint8_t *kinds; // wm_kind: parameters, then results
  /// Calls `code` with the arguments in `args`, and leaves the results in
  /// `results`, which may be the same place.
  void (*enter)(wm_instance *, void *code, const wm_value *args,
                wm_value *results);
  /// Code of this type whose instance is a wm_host_function: calls the host.
  void *leave;
  const wm_type *supertype = nullptr; // declared, or null
  uint8_t composite = WM_FUNC;        // wm_composite
};

/// What a funcref points to. Lives as long as its store. The `instance` of a
/// host's function is the header of its wm_host_function.
struct wm_function {
  void *code;
  wm_instance *instance; // the first argument of `code`
  const void *type;      // canonical: wm_intern_type
};

/// A linear memory. `base` never changes while it lives; `size` only grows. Of
/// a shared one, several threads use `size` and what `lock` guards.
struct wm_memory {
  uint8_t *base;
  uint64_t size;     // bytes that the guest may access
  uint64_t maximum;  // bytes: the limit of growth
  uint64_t reserved; // bytes of address space behind base
  uint8_t page_log2; // of a WebAssembly page
  uint8_t strategy;  // wm_strategy
  uint8_t is_shared;
  uint8_t is_owned;
  uint8_t has_maximum; // whether its type declares one
  uint8_t is_64;       // whether addresses have 64 bits
  uint8_t lock;        // for growth, and for `waiters` (runtime/shared.h)
  const struct wm_backend *backend;
  struct wm_waiter *waiters; // threads that wait at an address, longest first
  uint64_t references; // of a memory that no store owns: who uses it; else 0
};

/// A table of references (wm_function * or the host's pointers).
struct wm_table {
  void **elements;
  uint64_t size;
  uint64_t maximum;
  uint64_t capacity;
  uint8_t kind;        // wm_kind of the elements
  uint8_t has_maximum; // whether its type declares one
  uint8_t is_owned;    // in a reservation of its own, committed as it grows
  uint8_t is_64;       // whether indices have 64 bits
  wm_store *store;
  wm_ref_type element;
};

/// What a fixed table's constant has in place of a function type.
enum wm_entry : uint32_t {
  WM_NO_ENTRY = ~0u,      // for an index beyond the table
  WM_NULL_ENTRY = ~0u - 1 // a null reference
};

/// Traps that somebody asks for, as a set. Each ends with the trap it raises
/// unless it says otherwise.
enum wm_request : uint32_t {
  WM_REQUEST_INTERRUPT = 1, // by wm_interrupt
  WM_REQUEST_TIME = 8,      // a time limit is exceeded; ends with the limit
  WM_REQUEST_HOST = 2,      // a function of the host failed
  WM_REQUEST_EXIT = 4,      // it ended the program
};

/// The identity of a tag is its address. Lives as long as its store.
struct wm_tag {
  const void *type; // canonical
};

struct wm_exception {
  const wm_tag *tag;
  wm_exception *next; // of those that are unused
  uint32_t num_values;
  uint8_t is_referenced; // or may be: it stays as long as its store
  uint8_t size_class;    // room for 1 << size_class values
  uint64_t reserved;
  wm_value values[];
};

struct wm_activation; // port.h: an entry from the host
struct wm_thread;     // the port's

/// A reservation that goes with its store: of a memory or table of the host's,
/// or for small things (store.cpp).
struct wm_reservation {
  wm_reservation *next;
  void *address;
  uint64_t size;
};

/// What instances that call each other share. One thread uses it at a time.
struct wm_store {
  wm_activation *activation; // innermost entry, or null outside of any
  wm_exception *exception;   // thrown, and not caught yet
  uint32_t interrupt;        // wm_request: traps that guest code has to raise
  uint32_t num_failures;     // so that one can tell whether `error` is new
  int64_t fuel;              // what metered code may use; negative: too much
  wm_thread *owner;          // who entered last, or null
  uint8_t *stack_low;        // guest stack: lowest usable byte, above its guard
  uint8_t *stack_high;       // first byte past it; null: the caller's stack
  uint64_t stack_guard;      // bytes without access below stack_low
  wm_instance *instances;    // all that live, linked by `next`
  uint64_t references;       // instances, and wm_store_create's caller
  wm_reservation *reservations;
  uint8_t *arena; // for small things that live as long as the store
  uint64_t arena_left;
  wm_exception *unused_exceptions[11]; // by size_class
  uint64_t exception_bytes;
  uint8_t is_callers_stack;
  wm_error error; // the last failure
};

/// Fixed header of an instance; the module's own part follows it at the
/// offsets that wm_module gives. Linear memory 0, when the module defines it,
/// starts at instance + module->memory_offset.
struct wm_instance {
  const wm_module *module;
  wm_store *store;
  void *user_data;
  void *reservation; // what wm_instance_destroy gives back
  uint64_t reservation_size;
  void *wasi;        // libc_backing's state, or null
  wm_instance *next; // in the store
  uint64_t reserved;
};

/// A function of the host. Guest code gets it as if it were an instance: its
/// header has the store, and a module without anything.
struct wm_host_function {
  wm_instance header;
  wm_callback callback;
  void *context;
  wm_instance *instance; // what `callback` is given
  wm_function function;
};

/// What guest code leaves for wm_run_callback.
struct wm_callback_frame {
  wm_host_function *function;
  const wm_value *params;
  wm_value *results;
};

struct wm_import_row {
  const char *module; // with its length: names may hold any byte
  const char *name;
  uint32_t module_size;
  uint32_t name_size;
  uint8_t kind;       // wm_extern_kind
  uint8_t value_kind; // of a global (wm_kind), or of a table's elements
  uint8_t is_mutable; // of a global
  uint8_t is_shared;  // of a memory
  uint8_t has_maximum;
  uint8_t is_64;        // of a memory or table
  uint32_t type;        // of a function: index in module->types
  uint64_t minimum;     // pages or elements
  uint64_t maximum;     // valid with has_maximum
  wm_ref_row reference; // of a global, or of a table's elements
  void *binding; // code for a function that is bound when linking, or null
};

struct wm_export_row {
  const char *name;
  uint32_t name_size;
  uint8_t kind;   // wm_extern_kind
  uint32_t index; // in the index space of its kind
};

struct wm_memory_type {
  uint64_t minimum; // bytes
  uint64_t maximum; // bytes; the address space's limit where undeclared
  uint8_t has_maximum;
  uint8_t page_log2;
  uint8_t is_shared;
  uint8_t is_64;
};

struct wm_table_type {
  uint64_t minimum;
  uint64_t maximum;
  uint8_t has_maximum;
  uint8_t kind; // wm_kind
  uint8_t is_64;
  wm_ref_row element = {};
};

struct wm_global_type {
  uint8_t kind; // wm_kind
  uint8_t is_mutable;
  uint32_t offset; // of its value in the instance; 0 for imported ones
  wm_ref_row reference = {};
};

struct wm_data_segment {
  const uint8_t *bytes;
  uint64_t size;
};

/// A data segment whose place in a static instance's memory is known.
struct wm_placed_data {
  uint8_t *to;
  const uint8_t *bytes;
  uint32_t size;
};

/// An element segment. `functions` are function indices, ~0u is null; where it
/// is null, the segment has expressions and `evaluate` fills `out`.
struct wm_element_segment {
  const uint32_t *functions;
  uint32_t size;
  void (*evaluate)(wm_instance *, void **out);
};

/// The processor that code was generated for.
struct wm_cpu {
  uint64_t features; // that it needs: a bit for each row in cpu_features
  const char *name;
};

/// What the compiler says of a module. Constant; one for each compiled object.
struct wm_module {
  uint32_t abi_version;
  uint8_t strategy; // wm_strategy
  uint8_t exact_traps;
  const char *name;
  const wm_cpu *cpu;
  uint64_t instance_size; // header and the module's part, in bytes
  uint64_t memory_offset; // from instance to memory 0; 0 if it defines none

  const wm_type *const *types;
  uint32_t num_types;
  uint32_t types_offset; // in the instance: const void *[num_types], canonical

  const wm_import_row *imports;
  uint32_t num_imports;
  const wm_export_row *exports;
  uint32_t num_exports;

  // Index spaces, imported first. In the instance, at each *_offset, stands
  // an array of pointers, one for each index.
  const uint32_t *function_types; // index in types, for each function
  const int32_t *function_code;   // for defined functions: code - &this entry
  uint32_t num_functions;
  uint32_t num_imported_functions;
  /// wm_function[num_imported_functions], filled from the imports, then
  /// wm_function[num_references], for the defined functions that something
  /// may refer to.
  uint32_t functions_offset;
  const uint32_t *references; // function indices, ascending
  uint32_t num_references;

  const wm_memory_type *memories; // all, imported first
  uint32_t num_memories;
  uint32_t num_imported_memories;
  uint32_t memories_offset;         // wm_memory *[num_memories]
  uint32_t defined_memories_offset; // wm_memory[defined]

  const wm_table_type *tables;
  uint32_t num_tables;
  uint32_t num_imported_tables;
  uint32_t tables_offset;         // wm_table *[num_tables]
  uint32_t defined_tables_offset; // wm_table[defined]

  const wm_global_type *globals;
  uint32_t num_globals;
  uint32_t num_imported_globals;
  uint32_t globals_offset; // void *[num_globals]

  const uint32_t *tag_types; // index in types, for each tag
  uint32_t num_tags;
  uint32_t num_imported_tags;
  uint32_t tags_offset; // const wm_tag *[num_tags]

  const wm_data_segment *data;
  uint32_t num_data;
  const wm_element_segment *elements;
  uint32_t num_elements;
  /// wm_data_segment[num_data]: what is left of each; dropped ones are empty.
  uint32_t data_offset;
  /// wm_element_state[num_elements].
  uint32_t elements_offset;

  /// Compiled code: initialises globals, tables with initialisers and active
  /// segments in the order of the specification. Runs as guest code: may trap.
  void (*initialize)(wm_instance *);
  /// The start function: index, or ~0u.
  uint32_t start;
  /// The strategy's operations, so that a generic host can create instances.
  const struct wm_backend *backend;
  /// Makes and ends what WASI keeps for an instance; null in modules that do
  /// not use it (libc_backing/wasi.h).
  bool (*wasi_init)(wm_instance *, const wm_wasi_config *, char *message,
                    size_t message_size);
  void (*wasi_destroy)(wm_instance *);
  /// The module's compiled code: faults there may be traps.
  const void *code_begin;
  const void *code_end;
  /// The only instance, if it is an object of the image; else null.
  wm_instance *instance;
  /// Its first data segments, which `initialize` leaves to who runs it.
  const wm_placed_data *placed_data;
  uint32_t num_placed_data;
};

struct wm_element_state {
  uint8_t is_dropped;
};
