// A module written by hand: what the compiler would emit, for tests of the
// runtime alone. Its functions stand in wm_text, where faults are traps.
#pragma once

#include "memory_backends/backend.h"
#include "runtime/instance.h"
#include "runtime/layout.h"
#include "runtime/port.h"

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#define GUEST __attribute__((noinline, section("wm_text")))

extern "C" {
extern const char __start_wm_text[], __stop_wm_text[];
int64_t wm_memory_grow(wm_instance *, wm_memory *, uint64_t pages);
void wm_memory_fill(wm_instance *, wm_memory *, uint64_t destination,
                    uint32_t value, uint64_t length);
void wm_memory_copy(wm_instance *, wm_memory *to, wm_memory *from,
                    uint64_t destination, uint64_t source, uint64_t length);
void wm_memory_init(wm_instance *, wm_memory *, uint32_t segment,
                    uint64_t destination, uint64_t source, uint64_t length);
void wm_data_drop(wm_instance *, uint32_t segment);
int64_t wm_table_grow(wm_instance *, wm_table *, uint64_t delta, void *value);
void wm_table_fill(wm_instance *, wm_table *, uint64_t destination, void *value,
                   uint64_t length);
void wm_table_copy(wm_instance *, wm_table *to, wm_table *from,
                   uint64_t destination, uint64_t source, uint64_t length);
void wm_table_init(wm_instance *, wm_table *, uint32_t segment,
                   uint64_t destination, uint64_t source, uint64_t length);
void wm_elem_drop(wm_instance *, uint32_t segment);
}

using Code = int64_t (*)(wm_instance *, int64_t, int64_t);

/// A call of function 0, which is the host's.
struct HostCall {
  wm_function function;
  int64_t a, b, result;
  static void run(void *argument) {
    HostCall *call = static_cast<HostCall *>(argument);
    call->result = reinterpret_cast<Code>(call->function.code)(
        call->function.instance, call->a, call->b);
  }
};

// As compiled code does: on the host's stack, and a look at the request then.
GUEST inline int64_t callImport(wm_instance *instance, int64_t a, int64_t b) {
  HostCall call = {*functionReference(instance, 0), a, b, 0};
  port_leave(instance->store, HostCall::run, &call);
  if (instance->store->interrupt)
    wm_trap_requested(instance->store);
  return call.result + 1000;
}

/// All functions have the type (i64, i64) -> i64, unless declared otherwise.
GUEST inline void enterBinary(wm_instance *instance, void *code,
                              const wm_value *args, wm_value *results) {
  if (instance->store->interrupt)
    wm_trap_requested(instance->store);
  results[0].i64 =
      reinterpret_cast<Code>(code)(instance, args[0].i64, args[1].i64);
}

inline constexpr uint8_t BinaryKinds[] = {WM_I64, WM_I64, WM_I64};
inline constexpr wm_type Binary = {{1},         2,           1,
                                   BinaryKinds, enterBinary, nullptr};
inline constexpr wm_type Other = {{2}, 2, 1, BinaryKinds, enterBinary, nullptr};

/// The module's part of an instance, for a few of everything.
struct Part {
  wm_instance header;
  const void *types[2];
  wm_function functions[16];
  wm_memory *memories[3];
  wm_memory defined_memories[3];
  wm_table *tables[3];
  wm_table defined_tables[3];
  void *globals[3];
  wm_value global_values[3];
  wm_data_segment data[3];
  wm_element_state elements[3];
};

class TestModule {
public:
  TestModule() {
    std::memset(&module, 0, sizeof(module));
    module.abi_version = WM_ABI_VERSION;
    module.backend = &wm_backend_ops;
    module.strategy = wm_backend_ops.strategy;
    module.name = "test";
    module.start = ~0u;
    module.code_begin = __start_wm_text;
    module.code_end = __stop_wm_text;
  }

  /// Adds a function and returns its index. Imports have to come first.
  uint32_t addFunction(Code function) {
    code.push_back(function);
    function_types.push_back(0);
    return static_cast<uint32_t>(num_imported + code.size() - 1);
  }

  wm_import_row &addImport(wm_extern_kind kind, const char *name) {
    wm_import_row import = {};
    import.module = "host";
    import.module_size = 4;
    import.name = name;
    import.name_size = static_cast<uint32_t>(std::strlen(name));
    import.kind = kind;
    imports.push_back(import);
    if (kind == WM_FUNCTION) {
      ++num_imported;
      function_types.push_back(0);
    }
    return imports.back();
  }

  void addMemory(uint64_t minimum, uint64_t maximum) {
    memories.push_back({minimum << 16, maximum << 16, true, 16, false, false});
  }

  void addTable(uint64_t minimum, uint64_t maximum) {
    tables.push_back({minimum, maximum, true, WM_FUNCREF, false});
  }

  void addExport(wm_extern_kind kind, const char *name, uint32_t index) {
    exports.push_back(
        {name, static_cast<uint32_t>(std::strlen(name)), kind, index});
  }

  void addGlobal(wm_kind kind, bool is_mutable) {
    uint32_t offset = static_cast<uint32_t>(offsetof(Part, global_values) +
                                            globals.size() * sizeof(wm_value));
    globals.push_back({kind, is_mutable, offset});
  }

  /// The descriptor; the module must outlive its instances.
  const wm_module *finish() {
    types[0] = &Binary;
    types[1] = &Other;
    module.types = types;
    module.num_types = 2;
    module.types_offset = offsetof(Part, types);
    code_offsets.resize(code.size());
    references.clear();
    for (size_t i = 0; i < code.size(); ++i) {
      code_offsets[i] =
          static_cast<int32_t>(reinterpret_cast<char *>(code[i]) -
                               reinterpret_cast<char *>(&code_offsets[i]));
      references.push_back(static_cast<uint32_t>(num_imported + i));
    }
    // Relative to a heap that may be far away: measured, not assumed.
    for (size_t i = 0; i < code.size(); ++i)
      if (reinterpret_cast<char *>(&code_offsets[i]) + code_offsets[i] !=
          reinterpret_cast<char *>(code[i]))
        __builtin_trap();
    module.function_types = function_types.data();
    module.function_code = code_offsets.data();
    module.num_functions = static_cast<uint32_t>(num_imported + code.size());
    module.num_imported_functions = num_imported;
    module.functions_offset = offsetof(Part, functions);
    module.references = references.data();
    module.num_references = static_cast<uint32_t>(references.size());
    module.imports = imports.data();
    module.num_imports = static_cast<uint32_t>(imports.size());
    module.exports = exports.data();
    module.num_exports = static_cast<uint32_t>(exports.size());
    module.memories = memories.data();
    module.num_memories = static_cast<uint32_t>(memories.size());
    module.memories_offset = offsetof(Part, memories);
    module.defined_memories_offset = offsetof(Part, defined_memories);
    module.tables = tables.data();
    module.num_tables = static_cast<uint32_t>(tables.size());
    module.tables_offset = offsetof(Part, tables);
    module.defined_tables_offset = offsetof(Part, defined_tables);
    module.globals = globals.data();
    module.num_globals = static_cast<uint32_t>(globals.size());
    module.globals_offset = offsetof(Part, globals);
    module.data = data.data();
    module.num_data = static_cast<uint32_t>(data.size());
    module.data_offset = offsetof(Part, data);
    module.elements = elements.data();
    module.num_elements = static_cast<uint32_t>(elements.size());
    module.elements_offset = offsetof(Part, elements);
    module.instance_size = sizeof(Part);
    if (module.num_memories > module.num_imported_memories &&
        module.num_imported_memories == 0)
      module.memory_offset = (sizeof(Part) + 4095) / 4096 * 4096;
    return &module;
  }

  wm_module module;
  std::vector<wm_import_row> imports;
  std::vector<wm_export_row> exports;
  std::vector<wm_memory_type> memories;
  std::vector<wm_table_type> tables;
  std::vector<wm_global_type> globals;
  std::vector<wm_data_segment> data;
  std::vector<wm_element_segment> elements;
  uint32_t num_imported = 0;

private:
  // Offsets have 32 bits: in the image, beside the code.
  struct Offsets {
    int32_t values[16];
    size_t count = 0;
    void resize(size_t n) { count = n; }
    int32_t &operator[](size_t i) { return values[i]; }
    int32_t *data() { return values; }
  };
  static Offsets &nextOffsets() {
    static Offsets pool[256];
    static size_t used;
    if (used == 256)
      __builtin_trap();
    return pool[used++];
  }

  const wm_type *types[2];
  std::vector<Code> code;
  std::vector<uint32_t> function_types;
  std::vector<uint32_t> references;
  Offsets &code_offsets = nextOffsets();
};

/// An instance that ends with its scope.
class Instance {
public:
  explicit Instance(const wm_module *module,
                    const wm_external *imports = nullptr,
                    wm_store *store = nullptr, uint64_t stack = 0) {
    status = makeInstance(module, imports, store, stack, &instance, &error);
  }
  ~Instance() {
    if (instance)
      wm_instance_destroy(instance);
  }
  Instance(const Instance &) = delete;
  Instance &operator=(const Instance &) = delete;

  /// Calls the function at an index; the result is in `result`.
  wm_status call(uint32_t index, int64_t a = 0, int64_t b = 0) {
    wm_value values[2] = {};
    values[0].i64 = a;
    values[1].i64 = b;
    status = callFunction(functionReference(instance, index), values, values,
                          &error);
    result = values[0].i64;
    return status;
  }

  wm_memory *memory(uint32_t index = 0) { return memoryAt(instance, index); }
  wm_table *table(uint32_t index = 0) {
    return reinterpret_cast<wm_table **>(reinterpret_cast<char *>(instance) +
                                         offsetof(Part, tables))[index];
  }

  wm_instance *instance = nullptr;
  wm_status status;
  wm_error error = {};
  int64_t result = 0;
};
