// The one file that knows CLI11, which reports errors by exceptions. None
// leaves parseOptions.
#include "compiler/options.h"
#include "compiler/option_values.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/raw_ostream.h"

#include <CLI/CLI.hpp>

using namespace wasmetal;
using namespace llvm;

static constexpr const char *Version = "0.1.0";

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

static std::string featureHelp() {
  return "Switch proposals of WebAssembly off, or on again: +NAME, -NAME, or "
         "mvp for all off, separated by commas. NAME: " +
         join(featureNames(), " ");
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
