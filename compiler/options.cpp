// The one file that knows CLI11, which reports errors by exceptions: it alone
// is compiled with them, and none leaves parseOptions.
#include "compiler/options.h"
#include "compiler/codegen/target.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"

#include <CLI/CLI.hpp>

#include <limits>

using namespace wasmetal;
using namespace llvm;

static constexpr const char *Version = "0.1.0";

namespace {

/// Wrong usage found after CLI11 has done its part.
struct UsageError {
  std::string message;
};

/// Options whose text still has to be understood.
struct RawOptions {
  std::string level = "2";
  std::string target = hostTarget().name.str();
  std::string cpu;    // empty: the target's default
  std::string memory; // likewise
  std::string traps = "exact";
  std::string relaxedSimd = "native";
  std::string features;
  std::string emit;
  std::string header;
  std::string imports;
  std::string maxMemory;
  std::string memorySize;
  std::string stackSize;
  std::string name;
  std::string resourceDir;
  std::vector<std::string> directories;
  std::vector<std::string> environment;
  bool debug = false;
  bool strip = false;
};

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

static std::vector<std::string> strategyNames() {
  std::vector<std::string> names;
  for (const StrategyInfo &strategy : allStrategies())
    names.push_back(strategy.name.str());
  return names;
}

static std::vector<std::string> targetNames() {
  std::vector<std::string> names;
  for (const TargetInfo &target : allTargets())
    names.push_back(target.name.str());
  return names;
}

static std::string strategyHelp() {
  std::string help = "How memory is protected (default " +
                     hostTarget().strategyNames().front() + "):";
  for (const StrategyInfo &strategy : allStrategies())
    help += ("\n  " + strategy.name + ": " + strategy.summary).str();
  return help;
}

static std::vector<std::string> outputNames() {
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
  options.features = join(features, ",");
}

static void resolveCpu(StringRef cpu, CompileOptions &options) {
  if (cpu == "native") {
    resolveNative(options);
    return;
  }
  const TargetInfo &target = *options.emit.target;
  options.cpu = cpu.empty() ? target.cpu.str() : cpu.str();
  options.features = target.features.str();
  if (!isProcessor(target, options.cpu))
    throw UsageError{("--cpu: unknown processor '" + cpu + "' of " +
                      target.name + " (native, " + target.cpu +
                      " or another name that LLVM knows)")
                         .str()};
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

static std::string featureHelp() {
  return "Switch proposals of WebAssembly off, or on again: +NAME, -NAME, or "
         "mvp for all off, separated by commas. NAME: " +
         join(featureNames(), " ");
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

static void understand(const RawOptions &raw, const char *argv0,
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
  compile.output = outputKindFor(raw.emit, options.output);
  checkFirmwareOutput(compile);
  if (options.run) {
    compile.output = OutputKind::Executable;
    return;
  }
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

static void addCommonOptions(CLI::App &app, RawOptions &raw, Options &options) {
  app.set_version_flag("--version", std::string("wasmetal ") + Version +
                                        " (LLVM " LLVM_VERSION_STRING ")");
  app.set_help_flag("-h,--help", "Print this help");
  app.option_defaults()->take_last();
  app.add_option("-O", raw.level, "Optimise: 0, 1, 2 (default), 3, s or z")
      ->check(CLI::IsMember({"0", "1", "2", "3", "s", "z"}))
      ->type_name("LEVEL");
  app.add_option("--cpu", raw.cpu,
                 "Processor to compile for (default " + hostTarget().cpu.str() +
                     "); native: this one")
      ->type_name("NAME");
  app.add_option("--memory", raw.memory, strategyHelp())
      ->check(CLI::IsMember(strategyNames()))
      ->type_name("STRATEGY");
  app.add_option("--traps", raw.traps,
                 "exact (default), or relaxed: an access whose value nothing "
                 "needs may vanish with its trap")
      ->check(CLI::IsMember({"exact", "relaxed"}))
      ->type_name("KIND");
  app.add_flag("--spectre", options.compile.emit.spectre,
               "Mask more than table indices against speculative execution");
  app.add_option("--relaxed-simd", raw.relaxedSimd,
                 "Relaxed vector instructions: native (default): what the "
                 "processor does at once; deterministic: the same results on "
                 "each")
      ->check(CLI::IsMember({"native", "deterministic"}))
      ->type_name("KIND");
  app.add_option("--features", raw.features, featureHelp())->type_name("LIST");
  app.add_option("--max-memory", raw.maxMemory,
                 "Upper limit of each memory, such as 64MiB")
      ->type_name("SIZE");
  app.add_option("--memory-size", raw.memorySize,
                 "Firmware: what memories have, whatever the module declares; "
                 "need not be whole pages")
      ->type_name("SIZE");
  app.add_option("--board", options.compile.board,
                 "Firmware: what the image is for: a name, or the path of a "
                 ".board file")
      ->type_name("BOARD");
  app.add_option("--stack-size", raw.stackSize,
                 "Stack of the guest (default 8MiB, of firmware 4KiB)")
      ->type_name("SIZE");
  app.add_option("--fuel", options.compile.fuel,
                 "Trap when N instructions were executed, the same on each "
                 "run; hosts set their own N by wm_set_fuel")
      ->check(CLI::Range(uint64_t(1), uint64_t(INT64_MAX)))
      ->type_name("N");
  app.add_flag("-g", raw.debug, "Line tables for every instruction");
  app.add_flag("--strip", raw.strip, "No line tables at all");
  app.add_option("-j", options.compile.jobs,
                 "Threads (default: one for each core)")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app.add_option("--name", raw.name,
                 "Prefix of symbols (default: from the input's name)")
      ->type_name("IDENTIFIER");
  app.add_option("--dir", raw.directories,
                 "Grant the program a directory; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("HOST[::GUEST]");
  app.add_option("--env", raw.environment,
                 "Give the program a variable; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  app.add_flag("--profile-generate", options.compile.profileGenerate,
               "Count what is executed, for --profile-use");
  app.add_option("--profile-use", options.compile.profileUse,
                 "Optimise for these counts, which llvm-profdata has merged")
      ->type_name("FILE");
  app.add_flag("--remarks", options.compile.remarks,
               "Report which loops got a copy without checks, and why not");
  app.add_flag("--time-passes", options.compile.timePasses,
               "Report where the compiler's time goes");
  app.add_flag("--verify", options.compile.verify,
               "Check the compiler's own output after each stage");
  app.add_option("--resource-dir", raw.resourceDir,
                 "Folder of the runtime (default: ../lib/wasmetal)")
      ->type_name("FOLDER");
}

static void parseCompile(int argc, char **argv, Options &options) {
  CLI::App app("Compiles a WebAssembly module to native code.\n"
               "`wasmetal run --help` tells how to compile and run at "
               "once,\n`wasmetal inspect --help` how to look into a module, "
               "`wasmetal size --help` into a\nfirmware image.",
               "wasmetal");
  RawOptions raw;
  app.add_option("file", options.input,
                 "The module: .wasm, .wat, or - for standard input");
  app.add_option("-o", options.output,
                 "Output; .o .so .bc .ll .s tell its kind, else an executable")
      ->take_last()
      ->type_name("FILE");
  app.add_option("--target", raw.target,
                 "What to compile for (default " + raw.target + ")")
      ->take_last()
      ->check(CLI::IsMember(targetNames()))
      ->type_name("NAME");
  addCommonOptions(app, raw, options);
  app.add_option("--header", raw.header,
                 "Write a C header that declares what the output offers")
      ->take_last()
      ->type_name("FILE");
  app.add_option("--imports", raw.imports,
                 "Where imported functions come from: symbol (the linker; "
                 "default, not for .so) or table (the host, at run time)")
      ->check(CLI::IsMember({"symbol", "table"}))
      ->type_name("HOW");
  app.add_option("--emit", raw.emit, "Kind of output, whatever its name")
      ->check(CLI::IsMember(outputNames()))
      ->type_name("KIND");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    outs() << app.help();
    throw;
  }
  understand(raw, argv[0], options);
}

static void parseRun(int argc, char **argv, Options &options) {
  CLI::App app("Compiles a WebAssembly module into a cache and runs it.\n"
               "What follows the file is the program's own.",
               "wasmetal run");
  RawOptions raw;
  options.run = true;
  addCommonOptions(app, raw, options);
  CLI::Option *invoke =
      app.add_option("--invoke", options.invoke,
                     "Call this export with the arguments and print each "
                     "result on a line")
          ->type_name("NAME");
  app.add_option("--argv0", options.argv0,
                 "The program's own name (default: the file's)")
      ->type_name("NAME");
  // Options after the file belong to the guest.
  app.prefix_command();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    std::string help = app.help();
    StringRef usage = "[OPTIONS]\n";
    if (size_t at = help.find(usage); at != std::string::npos)
      help.insert(at + usage.size() - 1, " file [arguments...]");
    outs() << help;
    throw;
  }
  options.hasInvoke = invoke->count() != 0;
  std::vector<std::string> rest = app.remaining();
  if (!rest.empty() && rest[0] == "--")
    rest.erase(rest.begin());
  if (!rest.empty()) {
    options.input = rest[0];
    options.arguments.assign(rest.begin() + 1, rest.end());
  }
  if (options.input.size() > 1 && options.input[0] == '-')
    throw UsageError{"unknown option '" + options.input + "'"};
  understand(raw, argv[0], options);
}

/// `inspect` and `size`, which look at a file and take no options.
static void parseLook(int argc, char **argv, Options &options) {
  bool isSize = StringRef(argv[0]) == "size";
  CLI::App app(isSize ? "Prints what a firmware image takes of flash and RAM."
                      : "Prints what a WebAssembly module is made of, uses and "
                        "needs.",
               isSize ? "wasmetal size" : "wasmetal inspect");
  options.size = isSize;
  options.inspect = !isSize;
  app.set_help_flag("-h,--help", "Print this help");
  app.add_option("file", options.input,
                 isSize ? "The image, or - for standard input"
                        : "The module: .wasm, .wat, or - for standard input");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    outs() << app.help();
    throw;
  }
  if (options.input.empty())
    throw UsageError{"no input file"};
}

static int reportUsage(StringRef message) {
  errs() << "wasmetal: " << message << "\n";
  return ExitUsage;
}

std::optional<int> wasmetal::parseOptions(int argc, char **argv,
                                          Options &options) {
  try {
    if (argc > 1 && StringRef(argv[1]) == "run")
      parseRun(argc - 1, argv + 1, options);
    else if (argc > 1 &&
             (StringRef(argv[1]) == "inspect" || StringRef(argv[1]) == "size"))
      parseLook(argc - 1, argv + 1, options);
    else
      parseCompile(argc, argv, options);
  } catch (const CLI::CallForHelp &) {
    return ExitSuccess;
  } catch (const CLI::CallForVersion &version) {
    outs() << version.what() << "\n";
    return ExitSuccess;
  } catch (const CLI::ParseError &error) {
    // CLI11 capitalises, and lists what it did not expect on several lines.
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    if (message.size() > 1 && isLower(message[1]))
      message[0] = toLower(message[0]);
    return reportUsage(StringRef(message).rtrim());
  } catch (const UsageError &error) {
    return reportUsage(error.message);
  }
  return std::nullopt;
}
