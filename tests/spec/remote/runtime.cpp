// The runtime's functions that the harness calls, for modules of another
// processor: each asks an agent that an emulator runs. Its pointers stand for
// themselves here; what the harness looks into has a copy.
#include "runtime/instance.h"
#include "tests/spec/library.h"
#include "tests/spec/remote/wire.h"

#include <csignal>
#include <deque>
#include <map>
#include <memory>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

using namespace spec;

namespace {

/// A function as the harness sees it: its type is read here.
struct Function : wm_function {
  wm_type signature = {};
  std::vector<uint8_t> kinds;
};

struct Global {
  wm_value value; // first: what the harness takes for the global's place
  void *address;  // in the agent
};

struct Import {
  std::string module, name;
};

struct Module : wm_module {
  const wm_module *remote = nullptr;
  std::vector<wm_import_row> rows;
  std::deque<Import> names;
};

} // namespace

/// An agent for each script's process, gone with it.
static Wire &agent() {
  static Wire *wire;
  if (wire)
    return *wire;
  int to[2], from[2];
  if (pipe(to) != 0 || pipe(from) != 0)
    _Exit(3);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(to[0], STDIN_FILENO);
    dup2(from[1], STDOUT_FILENO);
    close(to[1]);
    close(from[0]);
    execlp(WASMETAL_SPEC_EMULATOR, WASMETAL_SPEC_EMULATOR, "-L",
           WASMETAL_SPEC_SYSROOT, WASMETAL_SPEC_AGENT, nullptr);
    perror(WASMETAL_SPEC_EMULATOR);
    _Exit(3);
  }
  close(to[0]);
  close(from[1]);
  wire = new Wire(from[0], to[1]);
  return *wire;
}

static wm_status answer(wm_error *error) {
  Wire &wire = agent();
  wire.flush();
  wm_status status = wire.get<wm_status>();
  *error = wire.get<wm_error>();
  return status;
}

/// As the agent knows it.
static wm_external toRemote(wm_external external) {
  if (external.kind == WM_FUNCTION && external.function)
    external.function = static_cast<wm_function *>(external.function->code);
  if (external.kind == WM_GLOBAL && external.global.address)
    external.global.address =
        static_cast<Global *>(external.global.address)->address;
  return external;
}

static wm_external fromRemote(wm_external external) {
  static std::deque<Function> functions;
  static std::deque<Global> globals;
  Wire &wire = agent();
  if (external.kind == WM_FUNCTION && external.function) {
    Function &function = functions.emplace_back();
    function.signature.num_params = wire.get<uint32_t>();
    function.signature.num_results = wire.get<uint32_t>();
    function.kinds.resize(function.signature.num_params +
                          function.signature.num_results);
    wire.getBytes(function.kinds.data(), function.kinds.size());
    function.signature.kinds = function.kinds.data();
    function.type = &function.signature;
    function.code = external.function;
    external.function = &function;
  }
  if (external.kind == WM_GLOBAL && external.global.address) {
    globals.push_back({wire.get<wm_value>(), external.global.address});
    external.global.address = &globals.back();
  }
  return external;
}

const wm_module *spec::loadLibrary(const std::string &path,
                                   const std::string &symbol,
                                   std::string &message) {
  static std::deque<Module> modules;
  Wire &wire = agent();
  wire.put(Request::Open);
  wire.putText(path.data(), static_cast<uint32_t>(path.size()));
  wire.putText(symbol.data(), static_cast<uint32_t>(symbol.size()));
  wire.flush();
  auto getText = [&] {
    uint32_t size;
    std::unique_ptr<char, decltype(&free)> text(wire.getText(size), free);
    return std::string(text.get(), size);
  };
  const wm_module *remote = wire.get<const wm_module *>();
  if (!remote) {
    message = getText();
    return nullptr;
  }
  Module &module = modules.emplace_back();
  module.remote = remote;
  module.num_imports = wire.get<uint32_t>();
  for (uint32_t i = 0; i < module.num_imports; ++i) {
    wm_import_row row = {};
    row.kind = wire.get<uint8_t>();
    Import &names = module.names.emplace_back();
    names.module = getText();
    names.name = getText();
    row.module = names.module.data();
    row.module_size = static_cast<uint32_t>(names.module.size());
    row.name = names.name.data();
    row.name_size = static_cast<uint32_t>(names.name.size());
    module.rows.push_back(row);
  }
  module.imports = module.rows.data();
  return &module;
}

wm_status makeInstance(const wm_module *module, const wm_external *imports,
                       wm_store *store, uint64_t, wm_instance **out,
                       wm_error *error) {
  Wire &wire = agent();
  wire.put(Request::Make);
  wire.put(static_cast<const Module *>(module)->remote);
  wire.put(store);
  for (uint32_t i = 0; i < module->num_imports; ++i)
    wire.put(toRemote(imports[i]));
  wm_status status = answer(error);
  *out = wire.get<wm_instance *>();
  return status;
}

wm_status startInstance(wm_instance *instance, wm_error *error) {
  Wire &wire = agent();
  wire.put(Request::Start);
  wire.put(instance);
  return answer(error);
}

bool findExport(wm_instance *instance, const char *name, uint64_t name_size,
                wm_external *out) {
  Wire &wire = agent();
  wire.put(Request::Find);
  wire.put(instance);
  wire.putText(name, static_cast<uint32_t>(name_size));
  wire.flush();
  bool found = wire.get<bool>();
  wm_external external = wire.get<wm_external>();
  *out = fromRemote(external);
  return found;
}

wm_status callFunction(const wm_function *function, const wm_value *args,
                       wm_value *results, wm_error *error) {
  Wire &wire = agent();
  const wm_type *type = typeOf(function);
  uint32_t count = type->num_params > type->num_results ? type->num_params
                                                        : type->num_results;
  wire.put(Request::Call);
  wire.put(function->code);
  wire.put(count);
  wire.putBytes(args, count * sizeof(wm_value));
  wm_status status = answer(error);
  wire.getBytes(results, count * sizeof(wm_value));
  return status;
}

extern "C" {

wm_store *wm_store_create(void *, size_t) {
  Wire &wire = agent();
  wire.put(Request::Store);
  wire.flush();
  return wire.get<wm_store *>();
}

void wm_store_release(wm_store *store) {
  Wire &wire = agent();
  wire.put(Request::Release);
  wire.put(store);
  wire.flush();
}

void wm_instance_destroy(wm_instance *instance) {
  Wire &wire = agent();
  wire.put(Request::Destroy);
  wire.put(instance);
  wire.flush();
}

const char *wm_trap_message(wm_trap_code code) {
  static const char *const messages[] = {
      "",
#define WM_TRAP(name, message) message,
#include "runtime/include/wasmetal/traps.def"
  };
  return messages[code];
}
}
