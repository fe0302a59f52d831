// Runs modules for the harness on their own processor: loads them as shared
// libraries and does with the runtime what the harness asks for.
#include "runtime/instance.h"
#include "tests/spec/remote/wire.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

using namespace spec;

static void open(Wire &wire) {
  uint32_t size;
  char *path = wire.getText(size);
  char *symbol = wire.getText(size);
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  const wm_module *module = nullptr;
  if (library)
    module = static_cast<const wm_module *>(dlsym(library, symbol));
  wire.put(module);
  if (module) {
    wire.put(module->num_imports);
    for (uint32_t i = 0; i < module->num_imports; ++i) {
      const wm_import_row &row = module->imports[i];
      wire.put(row.kind);
      wire.putText(row.module, row.module_size);
      wire.putText(row.name, row.name_size);
    }
  } else {
    const char *message = dlerror();
    wire.putText(message, static_cast<uint32_t>(strlen(message)));
  }
  free(path);
  free(symbol);
}

static void make(Wire &wire) {
  const wm_module *module = wire.get<const wm_module *>();
  wm_store *store = wire.get<wm_store *>();
  uint64_t bytes = module->num_imports * sizeof(wm_external);
  wm_external *imports = static_cast<wm_external *>(malloc(bytes + 1));
  wire.getBytes(imports, bytes);
  wm_instance *instance = nullptr;
  wm_error error = {};
  wire.put(makeInstance(module, imports, store, 0, &instance, &error));
  wire.put(error);
  wire.put(instance);
  free(imports);
}

static void start(Wire &wire) {
  wm_error error = {};
  wire.put(startInstance(wire.get<wm_instance *>(), &error));
  wire.put(error);
}

static void find(Wire &wire) {
  wm_instance *instance = wire.get<wm_instance *>();
  uint32_t size;
  char *name = wire.getText(size);
  wm_external external = {};
  bool found = findExport(instance, name, size, &external);
  free(name);
  wire.put(found);
  wire.put(external);
  if (external.kind == WM_FUNCTION && external.function) {
    const wm_type *type = typeOf(external.function);
    wire.put(type->num_params);
    wire.put(type->num_results);
    wire.putBytes(type->kinds, type->num_params + type->num_results);
  }
  if (external.kind == WM_GLOBAL && external.global.address) {
    wm_kind kind = external.global.kind;
    wm_value value = {};
    memcpy(&value, external.global.address,
           kind == WM_I32 || kind == WM_F32 ? 4
           : kind == WM_V128                ? 16
                                            : 8);
    wire.put(value);
  }
}

static void call(Wire &wire) {
  const wm_function *function = wire.get<const wm_function *>();
  uint32_t count = wire.get<uint32_t>();
  wm_value *values =
      static_cast<wm_value *>(malloc((count + 1) * sizeof(wm_value)));
  wire.getBytes(values, count * sizeof(wm_value));
  wm_error error = {};
  wire.put(callFunction(function, values, values, &error));
  wire.put(error);
  wire.putBytes(values, count * sizeof(wm_value));
  free(values);
}

int main() {
  Wire wire(STDIN_FILENO, STDOUT_FILENO);
  for (;;) {
    switch (wire.get<Request>()) {
    case Request::Open:
      open(wire);
      break;
    case Request::Store:
      wire.put(wm_store_create(nullptr, 0));
      break;
    case Request::Release:
      wm_store_release(wire.get<wm_store *>());
      break;
    case Request::Make:
      make(wire);
      break;
    case Request::Start:
      start(wire);
      break;
    case Request::Find:
      find(wire);
      break;
    case Request::Call:
      call(wire);
      break;
    case Request::Destroy:
      wm_instance_destroy(wire.get<wm_instance *>());
      break;
    }
    wire.flush();
  }
}
