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

#include "wabt/binary-reader-ir.h"
#include "wabt/binary-reader.h"
#include "wabt/ir.h"
#include "wabt/validator.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <random>

#include <sys/wait.h>
#include <unistd.h>

using namespace wasmetal;

namespace {

using Bytes = std::vector<uint8_t>;

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

// Mutations.

static size_t below(std::mt19937_64 &random, size_t limit) {
  return limit == 0 ? 0 : random() % limit;
}

static void mutateOnce(Bytes &bytes, const Bytes &donor,
                       std::mt19937_64 &random) {
  if (bytes.empty())
    return;
  // The header alone is not interesting.
  size_t first = std::min<size_t>(8, bytes.size() - 1);
  size_t at = first + below(random, bytes.size() - first);
  size_t length = 1 + below(random, std::min<size_t>(16, bytes.size() - at));
  switch (below(random, 10)) {
  case 0:
  case 1:
  case 2:
    bytes[at] ^= 1 << below(random, 8);
    return;
  case 3:
    bytes[at] = static_cast<uint8_t>(random());
    return;
  case 4:
    bytes[at] += random() & 1 ? 1 : 0xff;
    return;
  case 5: { // a byte that is likely to mean something
    static constexpr uint8_t interesting[] = {
        0x00, 0x01, 0x0b, 0x40, 0x60, 0x63, 0x64, 0x6f, 0x70, 0x7b, 0x7f,
        0x80, 0xff, 0xfc, 0xfd, 0x05, 0x0e, 0x11, 0x1c, 0x23, 0xd0, 0xd2};
    bytes[at] = interesting[below(random, std::size(interesting))];
    return;
  }
  case 6: // rarely a truncation: few survive the sections' sizes
    if (below(random, 4) == 0)
      bytes.resize(at);
    else
      bytes.erase(bytes.begin() + at, bytes.begin() + at + length);
    return;
  case 7: {
    Bytes copy(bytes.begin() + at, bytes.begin() + at + length);
    bytes.insert(bytes.begin() + below(random, bytes.size()), copy.begin(),
                 copy.end());
    return;
  }
  case 8: { // overwrite from elsewhere in the module
    size_t from = below(random, bytes.size() - length + 1);
    std::copy_n(Bytes(bytes).begin() + from, length, bytes.begin() + at);
    return;
  }
  default: { // overwrite from another module
    if (donor.empty())
      return;
    size_t from = below(random, donor.size());
    length = std::min({length, donor.size() - from, bytes.size() - at});
    std::copy_n(donor.begin() + from, length, bytes.begin() + at);
    return;
  }
  }
}

/// The mutation of a number, the same in every process.
static Bytes mutation(const std::vector<Bytes> &corpus, uint64_t seed,
                      uint64_t number) {
  std::mt19937_64 random(seed * 1'000'003 + number);
  Bytes bytes = corpus[below(random, corpus.size())];
  const Bytes &donor = corpus[below(random, corpus.size())];
  size_t numMutations = 1 + below(random, 1 + below(random, 6));
  for (size_t i = 0; i < numMutations; i++)
    mutateOnce(bytes, donor, random);
  return bytes;
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

// Corpus and options.

static void addFile(llvm::StringRef path, std::vector<Bytes> &corpus) {
  constexpr size_t maxSize = 256 * 1024;
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFile(path);
  if (!file || (*file)->getBufferSize() > maxSize)
    return;
  llvm::StringRef contents = (*file)->getBuffer();
  corpus.emplace_back(contents.bytes_begin(), contents.bytes_end());
}

/// In an order that does not depend on the file system.
static std::vector<Bytes> readCorpus(const Options &options) {
  std::vector<std::string> files;
  for (const std::string &path : options.paths) {
    if (!llvm::sys::fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    std::error_code error;
    for (llvm::sys::fs::recursive_directory_iterator entry(path, error), end;
         entry != end && !error; entry.increment(error))
      if (llvm::StringRef(entry->path()).ends_with(".wasm"))
        files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const std::string &file : files)
    addFile(file, corpus);
  // Mutations of what is refused already would mostly be refused likewise.
  llvm::erase_if(corpus, [](const Bytes &bytes) {
    llvm::Error error = checkModule(bytes);
    bool isRefused = static_cast<bool>(error);
    llvm::consumeError(std::move(error));
    return isRefused;
  });
  return corpus;
}

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
  std::vector<Bytes> corpus = readCorpus(options);
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
