// The conformance harness: runs the scripts of the official WebAssembly test
// suite, after convert.mjs, against the compiler and the runtime. One process
// for each script, so that a crash fails that script alone.
#include "tests/spec/proposals.h"
#include "tests/spec/runner.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fnmatch.h>
#include <map>
#include <optional>
#include <poll.h>
#include <set>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace spec;
using Clock = std::chrono::steady_clock;

namespace {

struct Settings {
  Options options;
  std::string skips = WASMETAL_SPEC_SKIPS;
  std::string filter = "*";
  unsigned jobs = 2;
  unsigned timeLimit = 120; // seconds for a script
  bool isVerbose = false;
  bool listSkips = false;
};

/// A script that is running.
struct Worker {
  pid_t pid = -1;
  int pipe = -1;
  size_t script = 0;
  Progress *progress = nullptr; // shared
  Clock::time_point start;
  bool isLate = false;
  std::string output;
};

struct Totals {
  uint64_t passed = 0;
  uint64_t failed = 0;
  uint64_t skipped = 0;

  void add(const Progress &progress) {
    passed += progress.passed;
    failed += progress.failed;
    skipped += progress.skipped;
  }
  void print(const std::string &what) const {
    printf("%s%llu passed, %llu failed, %llu skipped\n", what.c_str(),
           static_cast<unsigned long long>(passed),
           static_cast<unsigned long long>(failed),
           static_cast<unsigned long long>(skipped));
  }
};

class Harness {
public:
  Harness(const Settings &settings, const SkipList &skips,
          std::vector<std::string> scripts)
      : settings(settings), skips(skips), scripts(std::move(scripts)) {}
  int run();

private:
  bool start(size_t script);
  void collect();
  void finish(Worker &worker, int status);
  void reportUnusedSkips();

  const Settings &settings;
  const SkipList &skips;
  std::vector<std::string> scripts;
  std::vector<Worker> workers;
  std::set<int> usedSkips;
  std::map<std::string, Totals> proposals;
  Totals totals;
};

} // namespace

static const char usage[] =
    "usage: spec_harness --suite DIR (--strategy NAME [--opt N] [--cpu NAME]\n"
    "                    [--deterministic] [--plain-vectors] | --front-end)\n"
    "                    [--filter GLOB] [--jobs N] [--time-limit SECONDS]\n"
    "                    [--skips FILE] [--resources DIR] [--verbose]\n"
    "       spec_harness --list-skips\n"
    "DIR is what convert.mjs wrote.\n";

static bool parseStrategy(llvm::StringRef name, wasmetal::Strategy &strategy) {
  std::optional<wasmetal::Strategy> found = wasmetal::findStrategy(name);
  if (found)
    strategy = *found;
  return found.has_value();
}

static bool parseSettings(int argc, char **argv, Settings &settings) {
  Options &options = settings.options;
  options.compile.resourceDir = WASMETAL_SPEC_RESOURCES;
  options.compile.output = wasmetal::OutputKind::SharedLibrary;
  options.compile.emit.target = wasmetal::findTarget(WASMETAL_SPEC_TARGET);
  options.compile.cpu = options.compile.emit.target->cpu.str();
  options.compile.features = options.compile.emit.target->features.str();
  options.compile.jobs = 1;
  options.compile.verify = true;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef name = argv[i];
    if (name == "--front-end") {
      options.isFrontEnd = true;
      options.mode = "front-end";
      continue;
    }
    if (name == "--deterministic") {
      options.compile.emit.deterministicRelaxed = true;
      continue;
    }
    if (name == "--plain-vectors") {
      options.compile.plainVectors = true;
      continue;
    }
    if (name == "--verbose") {
      settings.isVerbose = true;
      continue;
    }
    if (name == "--list-skips") {
      settings.listSkips = true;
      continue;
    }
    if (i + 1 == argc)
      return false;
    llvm::StringRef value = argv[++i];
    bool isGood = true;
    if (name == "--suite")
      options.scripts = value.str();
    else if (name == "--filter")
      settings.filter = value.str();
    else if (name == "--skips")
      settings.skips = value.str();
    else if (name == "--resources")
      options.compile.resourceDir = value.str();
    else if (name == "--opt")
      isGood = !value.getAsInteger(10, options.compile.optLevel);
    else if (name == "--cpu")
      options.compile.cpu = value.str();
    else if (name == "--jobs")
      isGood = !value.getAsInteger(10, settings.jobs) && settings.jobs > 0;
    else if (name == "--time-limit")
      isGood = !value.getAsInteger(10, settings.timeLimit);
    else if (name == "--strategy") {
      options.mode = value.str();
      isGood = parseStrategy(value, options.compile.emit.strategy);
    } else
      isGood = false;
    if (!isGood)
      return false;
  }
  return settings.listSkips ||
         (!options.scripts.empty() && !options.mode.empty());
}

bool Harness::start(size_t script) {
  int ends[2];
  void *shared = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED || pipe(ends) != 0) {
    perror("spec_harness");
    return false;
  }
  Worker worker;
  worker.progress = new (shared) Progress();
  worker.script = script;
  worker.start = Clock::now();
  fflush(stdout);
  worker.pid = fork();
  if (worker.pid < 0) {
    perror("spec_harness");
    return false;
  }
  if (worker.pid == 0) {
    close(ends[0]);
    Report report(*worker.progress, ends[1], settings.isVerbose);
    // Its own folder: scripts that run beside it compile the same modules.
    Options options = settings.options;
    options.temporary += "/" + std::to_string(script);
    std::error_code code;
    std::filesystem::create_directory(options.temporary, code);
    {
      Runner runner(options, skips, scripts[script], report);
      runner.run();
    }
    _exit(0);
  }
  close(ends[1]);
  worker.pipe = ends[0];
  workers.push_back(std::move(worker));
  return true;
}

/// Waits until some worker says something, ends or is late.
void Harness::collect() {
  std::vector<pollfd> polls;
  for (Worker &worker : workers)
    polls.push_back({worker.pipe, POLLIN, 0});
  poll(polls.data(), polls.size(), 500);
  for (size_t i = workers.size(); i-- > 0;) {
    Worker &worker = workers[i];
    if (Clock::now() - worker.start >
        std::chrono::seconds(settings.timeLimit)) {
      worker.isLate = true;
      kill(worker.pid, SIGKILL);
    }
    if (!polls[i].revents && !worker.isLate)
      continue;
    char buffer[4096];
    ssize_t size = read(worker.pipe, buffer, sizeof buffer);
    if (size > 0) {
      worker.output.append(buffer, static_cast<size_t>(size));
      continue;
    }
    int status = 0;
    waitpid(worker.pid, &status, 0);
    close(worker.pipe);
    finish(worker, status);
    munmap(worker.progress, sizeof(Progress));
    workers.erase(workers.begin() + static_cast<ptrdiff_t>(i));
  }
}

void Harness::finish(Worker &worker, int status) {
  Progress progress = *worker.progress;
  std::vector<std::string> messages;
  llvm::SmallVector<llvm::StringRef> records;
  llvm::StringRef(worker.output).split(records, '\n', -1, false);
  for (llvm::StringRef record : records) {
    int entry;
    if (record.consume_front("U")) {
      if (!record.getAsInteger(10, entry))
        usedSkips.insert(entry);
    } else {
      messages.push_back(record.drop_front().str());
    }
  }
  std::string end;
  if (worker.isLate)
    end = "not done after " + std::to_string(settings.timeLimit) + " s";
  else if (WIFSIGNALED(status))
    end = std::string("killed by ") + strsignal(WTERMSIG(status));
  else if (WEXITSTATUS(status) != 0)
    end = "exit status " + std::to_string(WEXITSTATUS(status));
  if (!end.empty()) {
    // What did not run counts as failed, the command that ended it too.
    uint32_t done = progress.passed + progress.failed + progress.skipped;
    uint32_t lost = progress.total > done ? progress.total - done : 1;
    progress.failed += lost;
    messages.push_back(std::to_string(progress.line) + ": " + end + ", " +
                       std::to_string(lost) + " commands lost");
  }
  double seconds =
      std::chrono::duration<double>(Clock::now() - worker.start).count();
  const std::string &script = scripts[worker.script];
  printf("%s %s: %u passed, %u failed, %u skipped (%.1f s)\n",
         progress.failed ? "FAIL" : "ok  ", script.c_str(), progress.passed,
         progress.failed, progress.skipped, seconds);
  size_t limit = settings.isVerbose ? messages.size() : 10;
  for (size_t i = 0; i < messages.size() && i < limit; ++i)
    printf("     %s.wast:%s\n", script.c_str(), messages[i].c_str());
  if (messages.size() > limit)
    printf("     and %zu more (--verbose)\n", messages.size() - limit);
  fflush(stdout);
  proposals[proposalOf(script)].add(progress);
  totals.add(progress);
}

/// An entry that leaves nothing out any more hides the next failure.
void Harness::reportUnusedSkips() {
  if (settings.filter != "*")
    return;
  for (size_t i = 0; i < skips.entries.size(); ++i) {
    const Skip &skip = skips.entries[i];
    if (!skips.appliesTo(skip, settings.options.mode) ||
        usedSkips.count(static_cast<int>(i)))
      continue;
    // Some features show in functions that only compilation looks at, others
    // in rejections that only the front end checks: each mode reports the
    // entries that name it.
    if (skip.modes.empty() && !settings.options.isFrontEnd)
      continue;
    ++totals.failed;
    printf("FAIL %s:%u: the entry for %s leaves nothing out\n",
           settings.skips.c_str(), skip.sourceLine, skip.pattern.c_str());
  }
}

int Harness::run() {
  size_t next = 0;
  while (next < scripts.size() || !workers.empty()) {
    while (next < scripts.size() && workers.size() < settings.jobs)
      if (!start(next++))
        return 1;
    collect();
  }
  reportUnusedSkips();
  for (const auto &[proposal, its] : proposals)
    its.print(proposal + ": ");
  totals.print("");
  return totals.failed || !totals.passed ? 1 : 0;
}

static bool findScripts(const Settings &settings,
                        std::vector<std::string> &scripts) {
  std::string path = settings.options.scripts + "/scripts.txt";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    fprintf(stderr, "%s: %s\n", path.c_str(),
            buffer.getError().message().c_str());
    return false;
  }
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n', -1, false);
  for (llvm::StringRef line : lines)
    if (fnmatch(settings.filter.c_str(), line.str().c_str(), 0) == 0)
      scripts.push_back(line.str());
  if (scripts.empty())
    fprintf(stderr, "no script matches %s\n", settings.filter.c_str());
  return !scripts.empty();
}

static void listSkips(const SkipList &skips) {
  for (const Skip &skip : skips.entries) {
    static const char *const kinds[] = {"script", "refuse", "command",
                                        "memory-trap"};
    printf("%s%s%s %s%s: %s\n", kinds[static_cast<int>(skip.kind)],
           skip.modes.empty() ? "" : "@", llvm::join(skip.modes, ",").c_str(),
           skip.pattern.c_str(),
           skip.lines.empty()
               ? ""
               : (":" + std::to_string(skip.lines.size()) + " lines").c_str(),
           skip.reason.c_str());
  }
}

int main(int argc, char **argv) {
  Settings settings;
  if (!parseSettings(argc, argv, settings)) {
    fputs(usage, stderr);
    return 2;
  }
  if (settings.options.compile.cpu == "x86-64-v3" &&
      !__builtin_cpu_supports("x86-64-v3")) {
    puts("this processor lacks x86-64-v3");
    return 1;
  }
  SkipList skips;
  skips.target = WASMETAL_SPEC_TARGET;
  if (!skips.read(settings.skips))
    return 1;
  if (settings.listSkips) {
    listSkips(skips);
    return 0;
  }
  std::vector<std::string> scripts;
  if (!findScripts(settings, scripts))
    return 1;
  std::error_code code;
  std::string folder =
      (std::filesystem::temp_directory_path(code) / "wasmetal-spec-XXXXXX")
          .string();
  if (!mkdtemp(folder.data())) {
    perror(folder.c_str());
    return 1;
  }
  settings.options.temporary = folder;
  int status = Harness(settings, skips, std::move(scripts)).run();
  std::filesystem::remove_all(folder, code);
  return status;
}
