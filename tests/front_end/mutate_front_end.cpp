// Mutates modules and compares what the front end accepts with libwabt.
//
//   mutate_front_end [--count N] [--seed S] [--list] (file|folder)...
//
// The same arguments give the same mutations. Fails where the front end
// accepts what libwabt rejects for a reason that is not listed below, and
// where a module takes more than ten seconds. --list says what libwabt alone
// accepts, and keeps one mutation of each kind as difference-N.wasm; those that
// make it fail are kept as well.
#include "compiler/diagnostic.h"
#include "tests/front_end/check_module.h"
#include "tests/front_end/mutations.h"

#include "wabt/binary-reader-ir.h"
#include "wabt/binary-reader.h"
#include "wabt/ir.h"
#include "wabt/validator.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <map>

#include <sys/wait.h>
#include <unistd.h>

using namespace wasmetal;

namespace {

struct Options {
  uint64_t count = 1000;
  uint64_t seed = 1;
  bool listsRefused = false;
  std::vector<std::string> paths;
};

/// Why the front end may accept what libwabt 1.0.32 rejects.
struct Explanation {
  llvm::StringLiteral wabtMessage; // a part of it
  llvm::StringLiteral reason;
};

struct Report {
  uint64_t accepted = 0;
  uint64_t rejected = 0;
  uint64_t unexplained = 0;
  uint64_t wabtAborted = 0;
  double slowest = 0;
  std::map<std::string, uint64_t> explained;
  std::map<std::string, uint64_t> wabtAlone;
};

} // namespace

static constexpr Explanation explanations[] = {
    {"initializer expression can only reference an imported global",
     "constant expressions may read any earlier global"},
    {"expected ref.null or ref.func in passive element segment",
     "an element's expression may read a global"},
    {"unexpected type form (got 0x4e)",
     "a recursion group of one plain function type is that type"},
    {"table elem type must be a reference type",
     "funcref and externref have a long form"},
    {"invalid load alignment: ", "the index of memory 0 may be explicit"},
    {"invalid store alignment: ", "the index of memory 0 may be explicit"},
    {"unable to read u32 leb128: memory ", "limits have 64 bits"},
    {"unable to read u32 leb128: table ", "limits have 64 bits"},
    {"unable to read u32 leb128: load offset", "offsets have 64 bits"},
    {"unable to read u32 leb128: store offset", "offsets have 64 bits"},
    {"malformed memory limits flag: ", "a page size of 64 KiB may be explicit"},
};

static wabt::Features wabtFeatures() {
  wabt::Features features;
  features.enable_extended_const();
  features.enable_memory64();
  features.enable_multi_memory();
  features.enable_tail_call();
  features.disable_simd();
  return features;
}

/// libwabt's first error, or the empty string.
static std::string askWabt(const Bytes &bytes) {
  wabt::Features features = wabtFeatures();
  wabt::ReadBinaryOptions readOptions(features, /*log_stream=*/nullptr,
                                      /*read_debug_names=*/false,
                                      /*stop_on_first_error=*/true,
                                      /*fail_on_custom_section_error=*/false);
  wabt::Errors errors;
  wabt::Module module;
  wabt::Result result = wabt::ReadBinaryIr(
      "mutation", bytes.data(), bytes.size(), readOptions, &errors, &module);
  if (wabt::Succeeded(result))
    result =
        wabt::ValidateModule(&module, &errors, wabt::ValidateOptions(features));
  if (wabt::Succeeded(result))
    return "";
  return errors.empty() ? "an error without a message" : errors[0].message;
}

// libwabt's opinions come from a child process, because libwabt aborts on some
// modules. The child makes the same mutations and runs ahead.

namespace {

class WabtProcess {
public:
  WabtProcess(const std::vector<Bytes> &corpus, const Options &options)
      : corpus(corpus), options(options) {}
  ~WabtProcess() { stop(); }

  /// To be asked for each number in turn. Nothing if libwabt aborted.
  std::optional<std::string> opinion(uint64_t number);

private:
  void start(uint64_t first);
  void stop();
  void answer(uint64_t first, std::FILE *out);

  const std::vector<Bytes> &corpus;
  const Options &options;
  std::FILE *in = nullptr;
  pid_t child = 0;
};

} // namespace

void WabtProcess::start(uint64_t first) {
  int ends[2];
  if (pipe(ends) != 0)
    std::abort();
  llvm::outs().flush();
  child = fork();
  if (child == 0) {
    close(ends[0]);
    std::freopen("/dev/null", "w", stderr);
    answer(first, fdopen(ends[1], "w"));
    _exit(0);
  }
  close(ends[1]);
  in = fdopen(ends[0], "r");
}

void WabtProcess::stop() {
  if (!in)
    return;
  std::fclose(in);
  in = nullptr;
  waitpid(child, nullptr, 0);
}

void WabtProcess::answer(uint64_t first, std::FILE *out) {
  for (uint64_t i = first; i < options.count; i++) {
    std::string message = askWabt(mutation(corpus, options.seed, i));
    uint32_t size = message.size();
    std::fwrite(&size, sizeof(size), 1, out);
    std::fwrite(message.data(), 1, size, out);
    std::fflush(out);
  }
}

std::optional<std::string> WabtProcess::opinion(uint64_t number) {
  if (!in)
    start(number);
  uint32_t size = 0;
  if (std::fread(&size, sizeof(size), 1, in) != 1) {
    stop();
    return std::nullopt;
  }
  std::string message(size, '\0');
  if (std::fread(message.data(), 1, size, in) != size) {
    stop();
    return std::nullopt;
  }
  return message;
}

// The comparison.

/// A message without its numbers and what follows the first colon of its
/// text, to count by.
static std::string kindOfMessage(llvm::StringRef message) {
  message = message.split(": ").second; // the offset
  std::string kind;
  for (char c : message) {
    if (c == ':' && kind != "function #")
      break;
    if (!llvm::isDigit(c))
      kind += c;
    else if (kind.empty() || kind.back() != '#')
      kind += '#';
  }
  return kind;
}

static llvm::StringRef explain(llvm::StringRef wabtMessage) {
  for (const Explanation &explanation : explanations)
    if (wabtMessage.contains(explanation.wabtMessage))
      return explanation.reason;
  return "";
}

static void keepForInspection(const Bytes &bytes, uint64_t number) {
  std::error_code error;
  std::string name = "difference-" + std::to_string(number) + ".wasm";
  llvm::raw_fd_ostream file(name, error);
  if (!error)
    file.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

static void compare(const Bytes &bytes, std::optional<std::string> opinion,
                    uint64_t number, bool listsRefused, Report &report) {
  auto start = std::chrono::steady_clock::now();
  std::string message = llvm::toString(checkModule(bytes));
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  report.slowest = std::max(report.slowest, time.count());
  if (message.empty())
    report.accepted++;
  else
    report.rejected++;
  if (!opinion) {
    report.wabtAborted++;
    return;
  }
  const std::string &wabtMessage = *opinion;
  if (message.empty() == wabtMessage.empty())
    return;
  if (!message.empty()) {
    if (report.wabtAlone[kindOfMessage(message)]++ == 0 && listsRefused) {
      llvm::outs() << "mutation " << number << ": libwabt accepts, but "
                   << message << "\n";
      keepForInspection(bytes, number);
    }
    return;
  }
  llvm::StringRef reason = explain(wabtMessage);
  if (!reason.empty()) {
    report.explained[reason.str()]++;
    return;
  }
  report.unexplained++;
  llvm::outs() << "mutation " << number
               << ": accepted, but libwabt says: " << wabtMessage << "\n";
  keepForInspection(bytes, number);
}

static void print(const Report &report, const Options &options) {
  llvm::outs() << report.accepted << " accepted, " << report.rejected
               << " rejected, slowest "
               << llvm::format("%.3f s", report.slowest) << "\n";
  llvm::outs() << report.unexplained
               << " accepted against libwabt without an explanation\n";
  for (const auto &[reason, count] : report.explained)
    llvm::outs() << count << " accepted against libwabt: " << reason << "\n";
  llvm::outs() << report.wabtAborted << " on which libwabt aborted\n";
  uint64_t alone = 0;
  for (const auto &[message, count] : report.wabtAlone)
    alone += count;
  llvm::outs() << alone << " accepted by libwabt alone\n";
  if (!options.listsRefused)
    return;
  for (const auto &[message, count] : report.wabtAlone)
    llvm::outs() << "  " << count << " " << message << "\n";
}

// Options.

static Options readOptions(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    llvm::StringRef argument = argv[i];
    if (argument == "--list")
      options.listsRefused = true;
    else if (argument == "--count" && i + 1 < argc)
      options.count = std::strtoull(argv[++i], nullptr, 10);
    else if (argument == "--seed" && i + 1 < argc)
      options.seed = std::strtoull(argv[++i], nullptr, 10);
    else
      options.paths.push_back(argument.str());
  }
  return options;
}

int main(int argc, char **argv) {
  Options options = readOptions(argc, argv);
  std::vector<Bytes> corpus = readCorpus(options.paths);
  if (corpus.empty()) {
    llvm::errs() << "mutate_front_end: no modules to mutate\n";
    return 2;
  }
  Report report;
  WabtProcess wabt(corpus, options);
  for (uint64_t i = 0; i < options.count; i++)
    compare(mutation(corpus, options.seed, i), wabt.opinion(i), i,
            options.listsRefused, report);
  llvm::outs() << options.count << " mutations of " << corpus.size()
               << " modules: ";
  print(report, options);
  return report.unexplained == 0 && report.slowest < 10 ? 0 : 1;
}
