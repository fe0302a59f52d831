// Mutates modules and compiles each that the front end accepts, under every
// strategy, with LLVM's verifier on.
//
//   mutate_compile [--count N] [--first N] [--seed S] (file|folder)...
//
// The same arguments give the same mutations. Fails where a compilation fails,
// crashes, takes too long or too much memory; what was compiled then is kept
// as failure-N.wasm. To be built with sanitizers.
#include "compiler/compile.h"
#include "compiler/diagnostic.h"
#include "tests/front_end/check_module.h"
#include "tests/front_end/mutations.h"

#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <cstdlib>
#include <new>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace wasmetal;

namespace {

struct Arguments {
  uint64_t first = 0;
  uint64_t count = 100;
  uint64_t seed = 1;
  std::vector<std::string> paths;
};

/// Shared with the process that compiles.
struct Progress {
  uint64_t current = 0;
  uint64_t rejected = 0; // by the front end
  uint64_t compiled = 0;
  uint64_t unsupported = 0;
  uint64_t failed = 0;
};

} // namespace

static constexpr unsigned SecondsLimit = 60;               // of processor time
static constexpr uint64_t MemoryLimit = uint64_t(3) << 30; // ASan's included

/// A quarter of them is optimised; one in eight becomes an object.
static CompileOptions optionsFor(uint64_t number) {
  std::vector<std::string> strategies = hostTarget().strategyNames();
  CompileOptions options;
  options.output =
      number % 8 == 5 ? OutputKind::Object : OutputKind::SharedLibrary;
  options.optLevel = number % 4 == 0 ? 2 : 0;
  options.emit.spectre = number % 5 == 0;
  options.emit.strategy =
      *findStrategy(strategies[number / 4 % strategies.size()]);
  options.emit.debug = number % 3 == 0 ? DebugLevel::Full : DebugLevel::Traps;
  options.jobs = 1;
  options.verify = true;
  options.resourceDir = WASMETAL_RESOURCES;
  return options;
}

static void limitTime(unsigned seconds) {
  itimerval timer = {};
  timer.it_value.tv_sec = seconds;
  setitimer(ITIMER_PROF, &timer, nullptr); // its signal ends the process
}

static bool usesTooMuchMemory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024 > MemoryLimit;
}

static void compileOne(const Bytes &bytes, Progress &progress) {
  if (Error error = checkModule(bytes)) {
    consumeError(std::move(error));
    ++progress.rejected;
    return;
  }
  limitTime(SecondsLimit);
  Error error = compile(bytes, optionsFor(progress.current), "/dev/null");
  limitTime(0);
  if (!error) {
    ++progress.compiled;
    return;
  }
  handleAllErrors(std::move(error), [&](const Diagnostic &found) {
    if (found.kind == DiagnosticKind::Unsupported) {
      ++progress.unsupported;
      return;
    }
    outs() << "mutation " << progress.current << ": " << found.message << "\n";
    outs().flush();
    _exit(EXIT_FAILURE);
  });
}

[[noreturn]] static void compileAll(const std::vector<Bytes> &corpus,
                                    const Arguments &arguments,
                                    Progress &progress) {
  uint64_t end = arguments.first + arguments.count;
  for (; progress.current < end; ++progress.current) {
    compileOne(mutation(corpus, arguments.seed, progress.current), progress);
    if (!usesTooMuchMemory())
      continue;
    outs() << "mutation " << progress.current << ": too much memory\n";
    outs().flush();
    _exit(EXIT_FAILURE);
  }
  _exit(EXIT_SUCCESS);
}

static void keepForInspection(const Bytes &bytes, uint64_t number) {
  std::error_code error;
  std::string name = "failure-" + std::to_string(number) + ".wasm";
  raw_fd_ostream file(name, error);
  if (!error)
    file.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

/// A process compiles until one of them ends it; the next one goes on behind.
static void runAll(const std::vector<Bytes> &corpus, const Arguments &arguments,
                   Progress &progress) {
  for (;;) {
    outs().flush();
    pid_t child = fork();
    if (child == 0)
      compileAll(corpus, arguments, progress);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
      std::abort();
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
      return;
    ++progress.failed;
    outs() << "mutation " << progress.current << ": ";
    if (WIFSIGNALED(status))
      outs() << "signal " << WTERMSIG(status) << "\n";
    else
      outs() << "exit code " << WEXITSTATUS(status) << "\n";
    keepForInspection(mutation(corpus, arguments.seed, progress.current),
                      progress.current);
    ++progress.current;
  }
}

static Arguments readArguments(int argc, char **argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    uint64_t *number = argument == "--count"   ? &arguments.count
                       : argument == "--first" ? &arguments.first
                       : argument == "--seed"  ? &arguments.seed
                                               : nullptr;
    if (number && i + 1 < argc)
      *number = std::strtoull(argv[++i], nullptr, 10);
    else
      arguments.paths.push_back(argument.str());
  }
  return arguments;
}

int main(int argc, char **argv) {
  Arguments arguments = readArguments(argc, argv);
  std::vector<Bytes> corpus = readCorpus(arguments.paths);
  void *shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (corpus.empty() || shared == MAP_FAILED) {
    errs() << "mutate_compile: no modules to mutate\n";
    return 2;
  }
  Progress &progress = *new (shared) Progress;
  progress.current = arguments.first;
  runAll(corpus, arguments, progress);
  outs() << arguments.count << " mutations of " << corpus.size()
         << " modules: " << progress.compiled << " compiled, "
         << progress.unsupported << " unsupported, " << progress.rejected
         << " rejected, " << progress.failed << " failed\n";
  // A corpus that is refused would test nothing.
  return progress.failed == 0 && progress.compiled > 0 ? 0 : 1;
}
