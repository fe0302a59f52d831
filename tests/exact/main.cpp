// Random programs, run by V8 and as each strategy and level compiles them:
// whether a run traps, which trap it is, its result and what memory holds then
// must not depend on any of that. --help lists the options.
#include "tests/exact/check.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace exact;

static const char usage[] =
    "usage: exact [option]...\n"
    "  --seed S             of all programs (1)\n"
    "  --start N --count N  numbers of the programs (0, 100)\n"
    "  --kind nests|mixed   only these (a third of all are nests)\n"
    "  --levels 0,2,3       optimisation levels\n"
    "  --strategies LIST    guard,check; mask and none run what stays in "
    "bounds\n"
    "  --cpu NAME           x86-64\n"
    "  --traps relaxed      which is not exact: differences are expected\n"
    "  --batch N            programs in a module, up to 64 (16)\n"
    "  --no-oracle          without V8\n"
    "  --reduce             drop what a difference does not need\n"
    "  --print              print the programs and their inputs only\n"
    "A program is the same for the same seed and number (and --kind).\n";

static std::vector<std::string> splitList(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ',', -1, false);
  return {parts.begin(), parts.end()};
}

static bool parse(int argc, char **argv, Settings &settings) {
  wasmetal::CompileOptions &compile = settings.compile;
  compile.resourceDir = WASMETAL_EXACT_RESOURCES;
  compile.output = wasmetal::OutputKind::SharedLibrary;
  compile.jobs = 1;
  compile.verify = true;
  compile.emit.debug = wasmetal::DebugLevel::None;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef name = argv[i];
    if (name == "--no-oracle") {
      settings.hasOracle = false;
      continue;
    }
    if (name == "--reduce") {
      settings.reduces = true;
      continue;
    }
    if (name == "--print") {
      settings.prints = true;
      continue;
    }
    if (i + 1 == argc)
      return false;
    llvm::StringRef value = argv[++i];
    bool isGood = true;
    if (name == "--seed")
      isGood = !value.getAsInteger(10, settings.seed);
    else if (name == "--start")
      isGood = !value.getAsInteger(10, settings.start);
    else if (name == "--count")
      isGood = !value.getAsInteger(10, settings.count);
    else if (name == "--batch")
      isGood = !value.getAsInteger(10, settings.batch) && settings.batch;
    else if (name == "--levels")
      settings.levels = splitList(value);
    else if (name == "--strategies")
      settings.strategies = splitList(value);
    else if (name == "--cpu")
      compile.cpu = value.str();
    else if (name == "--kind" && value == "nests")
      settings.kinds = 1u << unsigned(Kind::Nests);
    else if (name == "--kind" && value == "mixed")
      settings.kinds = 1u << unsigned(Kind::Mixed);
    else if (name == "--traps" && value == "relaxed")
      compile.emit.exactTraps = false;
    else
      isGood = false;
    if (!isGood)
      return false;
  }
  return true;
}

/// What a batch may take: processor time, so that a busy machine ends no run
/// early, and more than enough of the clock for one that waits for ever.
static void limitBatch() {
  constexpr itimerval ProcessorTime = {{}, {60, 0}};
  constexpr unsigned Seconds = 1800;
  setitimer(ITIMER_PROF, &ProcessorTime, nullptr);
  alarm(Seconds);
}

/// A process has a limit of batches, as it keeps each library that it loaded.
[[noreturn]] static void work(const Settings &settings,
                              const std::string &folder, Progress &progress) {
  constexpr int BatchesPerProcess = 200;
  Machines machines;
  if (!settings.prints) {
    machines = makeMachines(settings, folder);
    if (machines.empty())
      _exit(2);
  }
  uint64_t end = settings.start + settings.count;
  for (int i = 0; i < BatchesPerProcess && progress.current < end; ++i) {
    if (!settings.reduces)
      limitBatch();
    checkBatch(settings, machines, folder, progress);
    fflush(stdout);
  }
  machines.clear();
  _exit(0);
}

/// False when it cannot go on.
static bool runAll(const Settings &settings, const std::string &folder,
                   Progress &progress) {
  uint64_t end = settings.start + settings.count;
  while (progress.current < end) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
      work(settings, folder, progress);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
      perror("exact");
      return false;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
      return false;
    ++progress.different;
    printf("programs from %llu: %s: ",
           static_cast<unsigned long long>(progress.current), progress.stage);
    if (WIFSIGNALED(status))
      printf("signal %d\n", WTERMSIG(status));
    else
      printf("exit code %d\n", WEXITSTATUS(status));
    progress.current += settings.batch;
  }
  return true;
}

int main(int argc, char **argv) {
  Settings settings;
  if (!parse(argc, argv, settings)) {
    fputs(usage, stderr);
    return 2;
  }
  std::error_code code;
  std::string folder =
      (std::filesystem::temp_directory_path(code) / "wasmetal-exact-XXXXXX")
          .string();
  void *shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (!mkdtemp(folder.data()) || shared == MAP_FAILED) {
    perror("exact");
    return 2;
  }
  Progress &progress = *new (shared) Progress;
  progress.current = settings.start;
  bool isDone = runAll(settings, folder, progress);
  std::filesystem::remove_all(folder, code);
  if (!isDone)
    return 2;
  if (settings.prints)
    return 0;
  printf("%llu programs, %llu runs, %llu of them trapped, %llu programs "
         "differ\n",
         static_cast<unsigned long long>(progress.programs),
         static_cast<unsigned long long>(progress.runs),
         static_cast<unsigned long long>(progress.trapped),
         static_cast<unsigned long long>(progress.different));
  // Programs that all trap, or never do, would test little.
  bool isMixed = progress.trapped * 10 > progress.runs &&
                 progress.trapped * 10 < progress.runs * 9;
  return progress.different || (settings.count >= 100 && !isMixed) ? 1 : 0;
}
