// With exceptions, as options.cpp, which calls it: usage errors are thrown.
#include "compiler/option_values.h"
#include "compiler/codegen/target.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"

#include <limits>

using namespace wasmetal;
using namespace llvm;

namespace {

struct OutputName {
  const char *name; // of --emit, and the file name's suffix
  OutputKind kind;
};

} // namespace

static constexpr OutputName OutputNames[] = {
    {"exe", OutputKind::Executable},   {"o", OutputKind::Object},
    {"so", OutputKind::SharedLibrary}, {"bc", OutputKind::Bitcode},
    {"ll", OutputKind::IrText},        {"s", OutputKind::Assembly},
};

std::vector<std::string> wasmetal::outputNames() {
  std::vector<std::string> names;
  for (const OutputName &output : OutputNames)
    names.push_back(output.name);
  return names;
}

static uint64_t parseSize(StringRef option, StringRef text) {
  struct Unit {
    StringRef suffix;
    unsigned shift;
  };
  static constexpr Unit Units[] = {
      {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"K", 10}, {"M", 20}, {"G", 30},
  };
  StringRef number = text;
  unsigned shift = 0;
  for (const Unit &unit : Units) {
    if (!number.consume_back(unit.suffix))
      continue;
    shift = unit.shift;
    break;
  }
  uint64_t value = 0;
  if (number.empty() || !all_of(number, isDigit) ||
      number.getAsInteger(10, value) ||
      value > (std::numeric_limits<uint64_t>::max() >> shift) || value == 0)
    throw UsageError{
        (option + ": expected a size such as 64MiB, found '" + text + "'")
            .str()};
  return value << shift;
}

/// The processor of this machine by name, and its features on top: the name
/// alone would claim those that a hypervisor hides.
static void resolveNative(CompileOptions &options) {
  const TargetInfo &target = *options.emit.target;
  if (&target != &hostTarget())
    throw UsageError{"--cpu: native is no processor of " + target.name.str()};
  options.cpu = sys::getHostCPUName().str();
  if (options.cpu == "generic")
    options.cpu = target.cpu.str();
  std::vector<std::string> features;
  StringMap<bool> host = sys::getHostCPUFeatures();
  for (const StringMapEntry<bool> &feature : host)
    features.push_back((feature.second ? "+" : "-") + feature.first().str());
  // The map's order is no property of the machine.
  llvm::sort(features);
  options.features = withCheckable(target, options.cpu, join(features, ","));
}

static void resolveCpu(StringRef cpu, CompileOptions &options) {
  if (cpu == "native") {
    resolveNative(options);
    return;
  }
  const TargetInfo &target = *options.emit.target;
  options.cpu = cpu.empty() ? target.cpu.str() : cpu.str();
  if (!isProcessor(target, options.cpu))
    throw UsageError{("--cpu: unknown processor '" + cpu + "' of " +
                      target.name + " (native, " + target.cpu +
                      " or another name that LLVM knows)")
                         .str()};
  options.features = withCheckable(target, options.cpu, target.features);
}

static Strategy strategyFor(StringRef name, const TargetInfo &target) {
  std::vector<std::string> there = target.strategyNames();
  if (name.empty())
    name = there.front();
  if (!is_contained(there, name))
    throw UsageError{("--memory: " + target.name + " has no strategy '" + name +
                      "' (" + join(there, ", ") + ")")
                         .str()};
  return *findStrategy(name);
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && !isDigit(name[0]) &&
         all_of(name, [](char c) { return isAlnum(c) || c == '_'; });
}

/// The prefix of symbols from a file's name: `my-app.wasm` gives `my_app`.
static std::string identifierFor(StringRef path) {
  StringRef stem = sys::path::stem(path);
  if (path == "-" || stem.empty())
    return "app";
  std::string name;
  if (isDigit(stem[0]))
    name = "_";
  for (char c : stem)
    name += isAlnum(c) ? c : '_';
  return name;
}

static Grants::Directory parseDirectory(StringRef text) {
  std::pair<StringRef, StringRef> parts = text.split("::");
  Grants::Directory directory;
  directory.host = parts.first.str();
  directory.guest = text.contains("::") ? parts.second.str() : directory.host;
  if (directory.host.empty() || directory.guest.empty())
    throw UsageError{
        ("--dir: expected HOST or HOST::GUEST, found '" + text + "'").str()};
  return directory;
}

static OutputKind outputKindFor(StringRef emit, StringRef path) {
  StringRef name = emit;
  if (name.empty()) {
    name = sys::path::extension(path);
    name.consume_front(".");
  }
  for (const OutputName &output : OutputNames)
    if (name == output.name)
      return output.kind;
  return OutputKind::Executable;
}

/// All are there at first; each part changes what the parts before it left.
static FeatureSet parseFeatures(StringRef text) {
  FeatureSet features;
  features.set();
  for (StringRef part : split(text, ',')) {
    if (part == "mvp") {
      features.reset();
      continue;
    }
    StringRef name = part;
    bool isOff = name.consume_front("-");
    if (!isOff)
      name.consume_front("+");
    const auto *found = find(featureNames(), name);
    if (found == featureNames().end())
      throw UsageError{("--features: unknown feature '" + part +
                        "' (mvp or, behind + or -, " +
                        join(featureNames(), ", ") + ")")
                           .str()};
    features.set(static_cast<size_t>(found - featureNames().begin()), !isOff);
  }
  return features;
}

static void setLevel(StringRef level, CompileOptions &options) {
  options.optLevel = 2;
  options.sizeLevel = level == "s" ? 1 : level == "z" ? 2 : 0;
  if (isDigit(level[0]))
    options.optLevel = level[0] - '0';
}

/// Resources lie beside the program: <prefix>/bin/wasmetal and
/// <prefix>/lib/wasmetal.
static std::string defaultResourceDir(const char *argv0) {
  static int anchor;
  std::string program = sys::fs::getMainExecutable(argv0, &anchor);
  SmallString<256> path(sys::path::parent_path(program));
  sys::path::append(path, "..", "lib", "wasmetal");
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return path.str().str();
}

/// What an image without an operating system is by default, and cannot be.
static void understandFirmware(const TargetInfo &target, Options &options) {
  CompileOptions &compile = options.compile;
  if (!target.isFirmware()) {
    if (!compile.board.empty())
      throw UsageError{"--board: " + target.name.str() + " has no boards"};
    if (compile.emit.memorySize)
      throw UsageError{"--memory-size: " + target.name.str() +
                       " has pages, and takes --max-memory"};
    return;
  }
  constexpr uint64_t FirmwareStack = 4 << 10;
  compile.emit.staticInstance = true;
  compile.stackSize = FirmwareStack;
}

static void checkFirmwareOutput(const CompileOptions &compile) {
  const TargetInfo &target = *compile.emit.target;
  if (!target.isFirmware())
    return;
  if (compile.output == OutputKind::SharedLibrary)
    throw UsageError{"--target: " + target.name.str() +
                     " has no shared libraries"};
  if (!compile.grants.directories.empty())
    throw UsageError{"--dir: " + target.name.str() + " has no files"};
}

void wasmetal::understand(const RawOptions &raw, const char *argv0,
                          Options &options) {
  CompileOptions &compile = options.compile;
  setLevel(raw.level, compile);
  const TargetInfo &target = *findTarget(raw.target);
  compile.emit.target = &target;
  compile.emit.strategy = strategyFor(raw.memory, target);
  resolveCpu(raw.cpu, compile);
  compile.emit.exactTraps = raw.traps == "exact";
  compile.emit.metered = compile.fuel != 0;
  compile.emit.deterministicRelaxed = raw.relaxedSimd == "deterministic";
  if (!raw.features.empty())
    compile.proposals = parseFeatures(raw.features);
  if (compile.profileGenerate && !compile.profileUse.empty())
    throw UsageError{
        "--profile-generate and --profile-use contradict each other"};
  if (raw.debug && raw.strip)
    throw UsageError{"-g and --strip contradict each other"};
  if (raw.debug)
    compile.emit.debug = DebugLevel::Full;
  if (raw.strip)
    compile.emit.debug = DebugLevel::None;
  if (!raw.maxMemory.empty())
    compile.emit.maxMemory = parseSize("--max-memory", raw.maxMemory);
  if (!raw.memorySize.empty())
    compile.emit.memorySize = parseSize("--memory-size", raw.memorySize);
  if (!raw.maxMemory.empty() && !raw.memorySize.empty())
    throw UsageError{"--max-memory and --memory-size contradict each other"};
  understandFirmware(target, options);
  if (!raw.stackSize.empty())
    compile.stackSize = parseSize("--stack-size", raw.stackSize);
  for (const std::string &text : raw.directories)
    compile.grants.directories.push_back(parseDirectory(text));
  for (const std::string &text : raw.environment) {
    if (StringRef(text).find('=') == StringRef::npos || text[0] == '=')
      throw UsageError{"--env: expected NAME=VALUE, found '" + text + "'"};
    compile.grants.environment.push_back(text);
  }
  compile.resourceDir =
      raw.resourceDir.empty() ? defaultResourceDir(argv0) : raw.resourceDir;

  if (options.input.empty())
    throw UsageError{"no input file"};
  compile.emit.sourceName = options.input == "-" ? "stdin" : options.input;
  compile.emit.name = identifierFor(options.input);
  if (!raw.name.empty()) {
    if (!isIdentifier(raw.name))
      throw UsageError{"--name: expected a C identifier, found '" + raw.name +
                       "'"};
    compile.emit.name = raw.name;
  }
  // Symbols of the runtime begin so.
  StringRef name = compile.emit.name;
  if (name == "wm" || name.starts_with("wm_")) {
    if (!raw.name.empty())
      throw UsageError{"--name: '" + raw.name + "' is reserved"};
    compile.emit.name = "_" + compile.emit.name;
  }
  compile.output = options.run ? OutputKind::Executable
                               : outputKindFor(raw.emit, options.output);
  compile.emit.isProgram = compile.output == OutputKind::Executable;
  checkFirmwareOutput(compile);
  if (options.run)
    return;
  if (options.output.empty())
    throw UsageError{"no output file: name it with -o"};
  bool same = false;
  if (options.input != "-" &&
      !sys::fs::equivalent(options.input, options.output, same) && same)
    throw UsageError{"input and output are the same file"};
  compile.emit.typedExports = target.isFirmware()
                                  ? compile.output == OutputKind::Object
                                  : compile.output != OutputKind::Executable;
  if (!raw.header.empty() && compile.output == OutputKind::Executable)
    throw UsageError{"--header needs an object or a library to describe"};
  compile.headerPath = raw.header;
  compile.emit.symbolImports =
      raw.imports.empty() ? compile.emit.typedExports &&
                                compile.output != OutputKind::SharedLibrary
                          : raw.imports == "symbol";
  // The counts go to a file by LLVM's runtime, which hosts link.
  bool hasFiles =
      compile.output == OutputKind::Executable && !target.isFirmware();
  bool isLinked = compile.output == OutputKind::SharedLibrary ||
                  compile.output == OutputKind::Executable;
  if (compile.profileGenerate && isLinked && !hasFiles)
    throw UsageError{
        "--profile-generate needs an executable that has files, or "
        "an object"};
  if (compile.output != OutputKind::Executable &&
      (!compile.grants.directories.empty() ||
       !compile.grants.environment.empty()))
    throw UsageError{"--dir and --env need an executable to carry them"};
}
