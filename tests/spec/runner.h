// Runs the commands of one script in one mode.
// https://github.com/WebAssembly/spec/tree/main/interpreter#scripts
#pragma once

#include "tests/spec/program.h"
#include "tests/spec/report.h"
#include "tests/spec/skips.h"

#include "runtime/instance.h"

#include "llvm/Support/JSON.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace spec {

struct Options {
  std::string scripts;   // the folder that convert.mjs wrote
  std::string mode;      // a strategy's name, or "front-end"
  std::string temporary; // folder for compiled modules
  bool isFrontEnd = false;
  wasmetal::CompileOptions compile;
};

class Runner {
public:
  Runner(const Options &options, const SkipList &skips, std::string script,
         Report &report)
      : options(options), skips(skips), script(std::move(script)),
        report(report) {}
  ~Runner();

  void run();

private:
  /// What a name of the script stands for.
  struct Slot {
    enum { Missing, Skipped, Failed, Ready } state = Missing;
    int skip = -1;                   // for Skipped: the entry
    Program *program = nullptr;      // for Ready
    wm_instance *instance = nullptr; // for Ready, null for a definition
  };

  bool counts(llvm::StringRef type) const;
  bool runCommand(const llvm::json::Object &command);
  bool loadSpectest();

  // The front end's commands.
  void checkValid(const llvm::json::Object &command);
  void checkRejected(const llvm::json::Object &command);

  // The others.
  void defineModule(const llvm::json::Object &command);
  void instantiateDefinition(const llvm::json::Object &command);
  void instantiate(const llvm::json::Object &command, const Slot &definition);
  void registerModule(const llvm::json::Object &command);
  void expectUnlinkable(const llvm::json::Object &command);
  void expectUninstantiable(const llvm::json::Object &command);
  void runAction(const llvm::json::Object &command, llvm::StringRef type);
  void getGlobal(const llvm::json::Object &command,
                 const llvm::json::Object &action, wm_instance *instance);
  void checkResults(const llvm::json::Object &command,
                    llvm::ArrayRef<uint8_t> kinds, const wm_value *values);

  /// Compiles the command's module, or says why not in the slot (and has
  /// reported it).
  Slot load(const llvm::json::Object &command);
  Slot loadFile(llvm::StringRef filename, bool isText,
                std::optional<Failure> &failure);
  Slot create(const Slot &definition, wm_status &status, wm_error &error);
  /// The instance of an action, after reporting that there is none.
  const Slot *find(const llvm::json::Object &object, llvm::StringRef key);
  void reportUnusable(const Slot &slot);
  void setCurrent(const llvm::json::Object &command, const Slot &slot);
  int refusalEntry(const Failure &failure) const;

  const Options &options;
  const SkipList &skips;
  std::string script;
  Report &report;
  wm_store *store = nullptr;
  std::map<std::vector<uint8_t>, std::unique_ptr<Program>> programs;
  std::vector<wm_instance *> instances;
  Slot current;
  std::map<std::string, Slot> named;
  std::map<std::string, Slot> registered;
};

} // namespace spec
