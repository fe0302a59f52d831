// Modules go the way of the product: compile() to a shared library, then
// dlopen. Libraries are not unloaded, as the runtime keeps types of theirs; the
// process ends before they are many.
#include "tests/exact/machine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

#include <csignal>
#include <cstring>
#include <dlfcn.h>
#include <unistd.h>

using namespace wasmetal;

namespace exact {

bool areEqual(const Outcome &a, const Outcome &b) {
  if (a.hasFaulted != b.hasFaulted)
    return false;
  if (!a.isKnown || !b.isKnown)
    return a.isKnown == b.isKnown;
  bool sameTrap = a.traps == b.traps || (a.traps & b.traps);
  bool sameResult = a.traps || a.result == b.result;
  return sameTrap && sameResult && a.pages == b.pages && a.hash == b.hash;
}

std::string print(const Outcome &outcome) {
  if (!outcome.isKnown)
    return "could not be run";
  std::string text;
  for (uint32_t trap = 1; trap < 32; ++trap)
    if (outcome.traps & 1u << trap)
      text += (text.empty() ? "trap: " : " or ") +
              std::string(wm_trap_message(static_cast<wm_trap_code>(trap)));
  if (outcome.hasFaulted)
    text += " by a fault";
  if (text.empty())
    text = "result 0x" + llvm::utohexstr(outcome.result, true);
  return text + ", " + std::to_string(outcome.pages) + " pages, hash 0x" +
         llvm::utohexstr(outcome.hash, true);
}

/// The same as in oracle.mjs.
uint64_t hashOf(const Image &image) {
  uint32_t a = 0x811c9dc5, b = 1;
  for (size_t i = 0; i + 4 <= image.size(); i += 4) {
    uint32_t word;
    memcpy(&word, &image[i], 4);
    a = (a ^ word) * 0x01000193;
    a ^= a >> 15;
    b = (b + word) * 0x85ebca6b;
    b ^= b >> 13;
  }
  return uint64_t(a) << 32 | b;
}

static volatile sig_atomic_t numFaults = 0;

/// An access outside the sandbox may meet nothing that is mapped, and so pass
/// for a trap. Where no fault is one, they are counted.
static void onFault(int signal, siginfo_t *info, void *context) {
  numFaults = numFaults + 1;
  if (wm_handle_signal(signal, info, context))
    return;
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
}

/// Compiling may take the handlers away.
static void handleFaults() {
  constexpr int RealTime = 50;
  wm_set_signals(true, RealTime);
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(SIGSEGV, &action, nullptr);
  sigaction(SIGBUS, &action, nullptr);
}

namespace {

class Compiled : public Machine {
public:
  Compiled(const CompileOptions &options, const std::string &name,
           const std::string &folder)
      : folder(folder), options(options) {
    this->name = name;
    seesBounds = options.emit.strategy != Strategy::mask &&
                 options.emit.strategy != Strategy::none;
  }

  bool load(const std::vector<uint8_t> &bytes, std::string &error) override {
    auto hash = llvm::SHA256::hash(bytes);
    std::string symbol =
        "m" + llvm::toHex(llvm::ArrayRef(hash).take_front(10), true);
    // dlopen takes a library of the same path for the one that it has.
    symbol += "_" + std::to_string(unsigned(options.emit.strategy)) + "_O" +
              std::to_string(options.optLevel);
    std::string path = folder + "/" + symbol + ".so";
    options.emit.name = symbol;
    module = nullptr;
    if (llvm::Error failure = compile(bytes, options, path)) {
      error = llvm::toString(std::move(failure));
      return false;
    }
    void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    unlink(path.c_str());
    if (library)
      module = static_cast<const wm_module *>(
          dlsym(library, (symbol + "_module").c_str()));
    if (!module) {
      error = dlerror();
      return false;
    }
    handleFaults();
    wm_extern_type memory;
    faultsAreTraps = options.emit.strategy == Strategy::guard &&
                     wm_module_export(module, 0, &memory) && !memory.is_64;
    return true;
  }

  Outcome run(size_t place, const Input &input, Image *image) override;

private:
  std::string folder;
  CompileOptions options;
  const wm_module *module = nullptr;
  bool faultsAreTraps = false;
};

} // namespace

static void take(wm_instance *instance, const std::string &name, size_t size,
                 Image &image) {
  wm_external external;
  if (!wm_instance_export(instance, name.c_str(), &external))
    return;
  const uint8_t *bytes = static_cast<const uint8_t *>(external.global.address);
  image.insert(image.end(), bytes, bytes + size);
}

Outcome Compiled::run(size_t place, const Input &input, Image *image) {
  Outcome outcome;
  wm_options options = {};
  options.size = sizeof options;
  options.stack_size = 1 << 20;
  wm_instance *instance = nullptr;
  wm_error error = {};
  std::string number = std::to_string(place);
  if (wm_instance_create(module, &options, &instance, &error) != WM_OK)
    return outcome;
  wm_status status = wm_call(instance, "init", nullptr, 0, nullptr, 0, &error);
  if (status == WM_OK) {
    wm_value values[4];
    for (int i = 0; i < 4; ++i)
      memcpy(&values[i], &input[static_cast<size_t>(i)], 8);
    sig_atomic_t before = numFaults;
    status = wm_call(instance, ("run_" + number).c_str(), values, 4, values, 1,
                     &error);
    outcome.hasFaulted = !faultsAreTraps && numFaults != before;
    outcome.isKnown = status == WM_OK || status == WM_TRAPPED;
    if (status == WM_OK)
      memcpy(&outcome.result, &values[0], 8);
    else
      outcome.traps = 1u << error.trap;
  }
  wm_memory *memory = wm_instance_memory(instance, 0);
  uint64_t size = wm_memory_size(memory);
  outcome.pages = static_cast<uint32_t>(size >> 16);
  Image own(wm_memory_data(memory), wm_memory_data(memory) + size);
  take(instance, "g_" + number, 4, own);
  take(instance, "h_" + number, 8, own);
  outcome.hash = hashOf(own);
  if (image)
    *image = std::move(own);
  wm_instance_destroy(instance);
  return outcome;
}

std::unique_ptr<Machine> makeCompiled(const CompileOptions &options,
                                      const std::string &name,
                                      const std::string &folder) {
  return std::make_unique<Compiled>(options, name, folder);
}

} // namespace exact
