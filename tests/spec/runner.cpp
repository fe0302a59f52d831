// All modules of a script are compiled alike, spectest too, and live in one
// store. Instances whose start failed stay: tables may refer to them.
#include "tests/spec/runner.h"

#include "tests/spec/proposals.h"
#include "tests/spec/value.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstring>

using namespace wasmetal;
using llvm::json::Object;

namespace spec {

static llvm::StringRef text(const Object &object, llvm::StringRef key) {
  return object.getString(key).value_or("");
}

static llvm::StringRef kindName(DiagnosticKind kind) {
  switch (kind) {
  case DiagnosticKind::Malformed:
    return "malformed";
  case DiagnosticKind::Invalid:
    return "invalid";
  case DiagnosticKind::Unsupported:
    return "unsupported";
  case DiagnosticKind::Io:
    return "input or output";
  case DiagnosticKind::Internal:
    return "internal";
  }
  return "";
}

static llvm::StringRef statusName(wm_status status) {
  switch (status) {
  case WM_OK:
    return "success";
  case WM_TRAPPED:
    return "a trap";
  case WM_THROWN:
    return "an exception";
  case WM_UNLINKABLE:
    return "unlinkable";
  case WM_REFUSED:
    return "refused";
  case WM_NO_MEMORY:
    return "no memory";
  case WM_EXITED:
    return "an exit";
  case WM_NOT_FOUND:
    return "not found";
  case WM_OUT_OF_RANGE:
    return "out of range";
  case WM_BUSY:
    return "busy";
  case WM_STATUS_IS_INT:
    break;
  }
  return "";
}

/// Whether the trap is the one that the script names: the specification wants
/// the script's words to begin the message. Some scripts add the index.
static bool isTrap(llvm::StringRef expected, wm_trap_code trap) {
  llvm::StringRef words = expected.rtrim("0123456789").rtrim();
  return !words.empty() &&
         llvm::StringRef(wm_trap_message(trap)).starts_with(words);
}

Runner::~Runner() {
  while (!instances.empty()) {
    wm_instance_destroy(instances.back());
    instances.pop_back();
  }
  if (store)
    wm_store_release(store);
}

/// Whether a command belongs to this mode: the front end alone rejects modules,
/// whatever the strategy.
bool Runner::counts(llvm::StringRef type) const {
  bool isRejection = type.starts_with("assert_invalid") ||
                     type.starts_with("assert_malformed");
  if (options.isFrontEnd)
    return isRejection || type == "module" || type == "module_definition" ||
           type == "assert_unlinkable" || type == "assert_uninstantiable";
  return !isRejection;
}

void Runner::run() {
  auto buffer = llvm::MemoryBuffer::getFile(options.scripts + "/" + script +
                                            ".wast/commands.json");
  if (!buffer) {
    report.fail("commands.json: " + buffer.getError().message());
    return;
  }
  llvm::Expected<llvm::json::Value> json =
      llvm::json::parse((*buffer)->getBuffer());
  if (!json) {
    report.fail("commands.json: " + llvm::toString(json.takeError()));
    return;
  }
  const llvm::json::Array &commands =
      *json->getAsObject()->getArray("commands");
  for (const llvm::json::Value &command : commands)
    report.progress.total += counts(text(*command.getAsObject(), "type"));

  int entry = skips.find(SkipKind::Script, options.mode, script);
  if (entry < 0 && !options.isFrontEnd && !loadSpectest())
    return;
  for (const llvm::json::Value &value : commands) {
    const Object &command = *value.getAsObject();
    uint32_t line = static_cast<uint32_t>(*command.getInteger("line"));
    report.begin(line);
    int own = entry;
    if (own < 0)
      own = skips.find(SkipKind::Command, options.mode, script, line);
    if (!counts(text(command, "type"))) {
      if (own >= 0)
        report.use(own);
      continue;
    }
    if (own < 0) {
      if (!runCommand(command))
        report.fail("unknown command " + text(command, "type"));
      continue;
    }
    report.skip(own);
    llvm::StringRef type = text(command, "type");
    if (type.starts_with("module"))
      setCurrent(command, {Slot::Skipped, own, nullptr, nullptr});
  }
}

bool Runner::runCommand(const Object &command) {
  llvm::StringRef type = text(command, "type");
  // What is wrong in a custom section leaves a binary valid. Annotations, which
  // make such sections, are refused in text, whatever they say.
  bool isWrongAnnotation =
      type.ends_with("_custom") && text(command, "module_type") == "text";
  if (type == "assert_invalid" || type == "assert_malformed" ||
      isWrongAnnotation)
    checkRejected(command);
  else if (options.isFrontEnd)
    checkValid(command);
  else if (type == "module" || type == "module_definition")
    defineModule(command);
  else if (type == "module_instance")
    instantiateDefinition(command);
  else if (type == "register")
    registerModule(command);
  else if (type == "assert_unlinkable")
    expectUnlinkable(command);
  else if (type == "assert_uninstantiable")
    expectUninstantiable(command);
  else if (type == "action" || type == "assert_return" ||
           type == "assert_trap" || type == "assert_exhaustion" ||
           type == "assert_exception")
    runAction(command, type);
  else
    return false;
  return true;
}

int Runner::refusalEntry(const Failure &failure) const {
  if (failure.kind != DiagnosticKind::Unsupported)
    return -1;
  return skips.find(SkipKind::Refuse, options.mode, script, 0, failure.message);
}

static std::string modulePath(const Options &options, llvm::StringRef script,
                              const Object &command) {
  return options.scripts + "/" + script.str() + ".wast/" +
         text(command, "filename").str();
}

//===--- The front end ----------------------------------------------------===//

void Runner::checkValid(const Object &command) {
  bool isText = text(command, "module_type") == "text";
  std::optional<Failure> failure;
  std::unique_ptr<Program> program =
      Program::read(modulePath(options, script, command), isText, failure);
  if (program)
    failure = program->validate(featuresOf(script));
  if (!failure) {
    report.pass();
    return;
  }
  int entry = refusalEntry(*failure);
  if (entry >= 0)
    report.skip(entry, ": " + failure->message);
  else
    report.fail("a valid module is " + kindName(failure->kind) + ": " +
                failure->message);
}

void Runner::checkRejected(const Object &command) {
  bool isText = text(command, "module_type") == "text";
  std::optional<Failure> failure;
  std::unique_ptr<Program> program =
      Program::read(modulePath(options, script, command), isText, failure);
  if (program && isText && text(command, "type") == "assert_malformed") {
    report.fail("malformed text is accepted, expected: " +
                text(command, "text"));
    return;
  }
  if (program)
    failure = program->validate(featuresOf(script));
  if (!failure) {
    report.fail("the module is accepted, expected: " + text(command, "text"));
    return;
  }
  if (failure->kind == DiagnosticKind::Malformed ||
      failure->kind == DiagnosticKind::Invalid) {
    report.pass();
    return;
  }
  int entry = refusalEntry(*failure);
  if (entry >= 0)
    report.skip(entry, ": " + failure->message);
  else
    report.fail("the module is " + kindName(failure->kind) + ": " +
                failure->message + ", expected: " + text(command, "text"));
}

//===--- Modules ----------------------------------------------------------===//

bool Runner::loadSpectest() {
  store = wm_store_create(nullptr, 0);
  if (!store) {
    report.fail("no store");
    return false;
  }
  std::optional<Failure> failure;
  std::unique_ptr<Program> program = Program::read(
      options.scripts + "/spectest.wasm", /*isText=*/false, failure);
  if (program)
    failure = program->compile(options.compile, options.temporary);
  if (failure) {
    report.fail("spectest: " + failure->message);
    return false;
  }
  Slot slot{Slot::Ready, -1, program.get(), nullptr};
  programs[program->contents()] = std::move(program);
  wm_status status;
  wm_error error = {};
  slot = create(slot, status, error);
  if (slot.state == Slot::Ready)
    status = startInstance(slot.instance, &error);
  if (status != WM_OK) {
    report.fail("spectest: " + statusName(status) + ": " + error.message);
    return false;
  }
  registered["spectest"] = slot;
  return true;
}

void Runner::setCurrent(const Object &command, const Slot &slot) {
  llvm::StringRef name = text(command, "name");
  if (!name.empty())
    named[name.str()] = slot;
  current = slot;
}

Runner::Slot Runner::loadFile(llvm::StringRef filename, bool isText,
                              std::optional<Failure> &failure) {
  std::string path = options.scripts + "/" + script + ".wast/" + filename.str();
  std::unique_ptr<Program> program = Program::read(path, isText, failure);
  if (program) {
    auto known = programs.find(program->contents());
    if (known != programs.end())
      return {Slot::Ready, -1, known->second.get(), nullptr};
    failure = program->compile(options.compile, options.temporary);
  }
  if (failure)
    return {Slot::Failed, -1, nullptr, nullptr};
  Slot slot{Slot::Ready, -1, program.get(), nullptr};
  programs[program->contents()] = std::move(program);
  return slot;
}

Runner::Slot Runner::load(const Object &command) {
  std::optional<Failure> failure;
  Slot slot = loadFile(text(command, "filename"),
                       text(command, "module_type") == "text", failure);
  if (!failure)
    return slot;
  slot.skip = refusalEntry(*failure);
  if (slot.skip >= 0) {
    report.skip(slot.skip, ": " + failure->message);
    slot.state = Slot::Skipped;
    return slot;
  }
  report.fail("the module is " + kindName(failure->kind) + ": " +
              failure->message);
  return slot;
}

/// Links and creates. Where an import comes from a module that is not there
/// the slot says so, and nothing was created. An import that nobody exports is
/// left empty: it is for the runtime to refuse it.
Runner::Slot Runner::create(const Slot &definition, wm_status &status,
                            wm_error &error) {
  const wm_module *module = definition.program->descriptor;
  std::vector<wm_external> imports(module->num_imports);
  for (uint32_t i = 0; i < module->num_imports; ++i) {
    const wm_import_row &import = module->imports[i];
    memset(&imports[i], 0, sizeof imports[i]);
    imports[i].kind = import.kind;
    auto from = registered.find(std::string(import.module, import.module_size));
    if (from == registered.end())
      continue;
    if (from->second.state != Slot::Ready)
      return from->second;
    if (!findExport(from->second.instance, import.name, import.name_size,
                    &imports[i])) {
      memset(&imports[i], 0, sizeof imports[i]);
      imports[i].kind = import.kind;
    }
  }
  Slot slot = definition;
  status =
      makeInstance(module, imports.data(), store, 0, &slot.instance, &error);
  if (status == WM_OK)
    instances.push_back(slot.instance);
  else
    slot.state = Slot::Failed;
  return slot;
}

void Runner::reportUnusable(const Slot &slot) {
  if (slot.state == Slot::Skipped)
    report.skip(slot.skip, ": depends on a module that is skipped");
  else
    report.fail("depends on a module that is not there");
}

void Runner::defineModule(const Object &command) {
  Slot definition = load(command);
  if (definition.state != Slot::Ready ||
      text(command, "type") == "module_definition") {
    if (definition.state == Slot::Ready)
      report.pass();
    setCurrent(command, definition);
    return;
  }
  instantiate(command, definition);
}

void Runner::instantiateDefinition(const Object &command) {
  auto found = named.find(text(command, "module").str());
  instantiate(command, found == named.end() ? Slot() : found->second);
}

void Runner::instantiate(const Object &command, const Slot &definition) {
  wm_status status = WM_OK;
  wm_error error = {};
  Slot slot = definition;
  if (slot.state == Slot::Ready)
    slot = create(definition, status, error);
  if (status == WM_OK && slot.state != Slot::Ready) {
    reportUnusable(slot);
    setCurrent(command, slot);
    return;
  }
  if (status == WM_OK)
    status = startInstance(slot.instance, &error);
  if (status == WM_OK) {
    report.pass();
  } else {
    report.fail("instantiation gave " + statusName(status) + ": " +
                error.message);
    slot.state = Slot::Failed;
  }
  setCurrent(command, slot);
}

const Runner::Slot *Runner::find(const Object &object, llvm::StringRef key) {
  llvm::StringRef name = text(object, key);
  const Slot *slot = &current;
  if (!name.empty()) {
    auto found = named.find(name.str());
    slot = found == named.end() ? nullptr : &found->second;
  }
  if (slot && slot->state == Slot::Ready && slot->instance)
    return slot;
  reportUnusable(slot ? *slot : Slot());
  return nullptr;
}

void Runner::registerModule(const Object &command) {
  llvm::StringRef name = text(command, "name");
  auto found = named.find(name.str());
  Slot slot = name.empty()           ? current
              : found == named.end() ? Slot()
                                     : found->second;
  registered[text(command, "as").str()] = slot;
  if (slot.state == Slot::Ready && slot.instance)
    report.pass();
  else
    reportUnusable(slot);
}

void Runner::expectUnlinkable(const Object &command) {
  Slot definition = load(command);
  if (definition.state != Slot::Ready)
    return;
  wm_status status = WM_OK;
  wm_error error = {};
  Slot slot = create(definition, status, error);
  if (status == WM_OK && slot.state != Slot::Ready)
    reportUnusable(slot);
  else if (status == WM_UNLINKABLE)
    report.pass();
  else
    report.fail("instantiation gave " + statusName(status) +
                ", expected unlinkable: " + text(command, "text"));
}

void Runner::expectUninstantiable(const Object &command) {
  Slot definition = load(command);
  if (definition.state != Slot::Ready)
    return;
  wm_status status = WM_OK;
  wm_error error = {};
  Slot slot = create(definition, status, error);
  if (status == WM_OK && slot.state != Slot::Ready) {
    reportUnusable(slot);
    return;
  }
  if (status == WM_OK)
    status = startInstance(slot.instance, &error);
  if (status != WM_TRAPPED)
    report.fail("instantiation gave " + statusName(status) + ": " +
                error.message + ", expected a trap: " + text(command, "text"));
  else if (!isTrap(text(command, "text"), error.trap))
    report.fail(llvm::Twine("trapped with \"") + wm_trap_message(error.trap) +
                "\", expected \"" + text(command, "text") + "\"");
  else
    report.pass();
}

//===--- Actions ----------------------------------------------------------===//

void Runner::checkResults(const Object &command, llvm::ArrayRef<uint8_t> kinds,
                          const wm_value *values) {
  const llvm::json::Array *expected = command.getArray("expected");
  if (!expected) { // a plain action
    report.pass();
    return;
  }
  if (expected->size() != kinds.size()) {
    report.fail("there are " + llvm::Twine(kinds.size()) +
                " results, expected " + llvm::Twine(expected->size()));
    return;
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    const Object &pattern = *(*expected)[i].getAsObject();
    if (matches(pattern, kinds[i], values[i]))
      continue;
    report.fail("result " + llvm::Twine(i) + " is " +
                print(kinds[i], values[i]) + ", expected " + print(pattern));
    return;
  }
  report.pass();
}

void Runner::getGlobal(const Object &command, const Object &action,
                       wm_instance *instance) {
  llvm::StringRef field = text(action, "field");
  wm_external external;
  memset(&external, 0, sizeof external);
  if (!findExport(instance, field.data(), field.size(), &external) ||
      external.kind != WM_GLOBAL) {
    report.fail("there is no global \"" + field + "\"");
    return;
  }
  uint8_t kind = external.global.kind;
  wm_value value;
  memset(&value, 0, sizeof value);
  size_t size = kind == WM_I32 || kind == WM_F32 ? 4 : kind == WM_V128 ? 16 : 8;
  memcpy(&value, external.global.address, size);
  checkResults(command, kind, &value);
}

void Runner::runAction(const Object &command, llvm::StringRef type) {
  const Object &action = *command.getObject("action");
  const Slot *slot = find(action, "module");
  if (!slot)
    return;
  if (text(action, "type") == "get") {
    getGlobal(command, action, slot->instance);
    return;
  }

  llvm::StringRef field = text(action, "field");
  wm_external external;
  memset(&external, 0, sizeof external);
  if (!findExport(slot->instance, field.data(), field.size(), &external) ||
      external.kind != WM_FUNCTION) {
    report.fail("there is no function \"" + field + "\"");
    return;
  }
  const wm_type *signature = typeOf(external.function);
  const llvm::json::Array &arguments = *action.getArray("args");
  if (arguments.size() != signature->num_params) {
    report.fail("\"" + field + "\" has " + llvm::Twine(signature->num_params) +
                " parameters");
    return;
  }
  std::vector<wm_value> values(
      std::max<size_t>({signature->num_params, signature->num_results, 1}));
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Object &argument = *arguments[i].getAsObject();
    if (!parseArgument(argument, signature->kinds[i], values[i])) {
      report.fail("argument " + llvm::Twine(i) + " of \"" + field +
                  "\" cannot be " + print(argument));
      return;
    }
  }

  bool expectsTrap = type == "assert_trap" || type == "assert_exhaustion";
  if (expectsTrap && isTrap(text(command, "text"), WM_TRAP_memory_bounds)) {
    int entry = skips.find(SkipKind::MemoryTrap, options.mode, script);
    if (entry >= 0 && slot->program->touchesMemory(field)) {
      report.skip(entry);
      return;
    }
  }

  wm_error error = {};
  wm_status status =
      callFunction(external.function, values.data(), values.data(), &error);
  if (expectsTrap) {
    if (status != WM_TRAPPED)
      report.fail("\"" + field + "\" gave " + statusName(status) +
                  ", expected a trap: " + text(command, "text"));
    else if (!isTrap(text(command, "text"), error.trap))
      report.fail("\"" + field + "\" trapped with \"" +
                  wm_trap_message(error.trap) + "\", expected \"" +
                  text(command, "text") + "\"");
    else
      report.pass();
    return;
  }
  if (type == "assert_exception" && status == WM_THROWN) {
    report.pass();
    return;
  }
  if (status != WM_OK || type == "assert_exception") {
    report.fail("\"" + field + "\" gave " + statusName(status) + ": " +
                error.message);
    return;
  }
  checkResults(
      command,
      {signature->kinds + signature->num_params, signature->num_results},
      values.data());
}

} // namespace spec
