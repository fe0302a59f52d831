// The pipeline. Partitions go through most of it independently, each with its
// own LLVMContext; what they give depends on the module alone, so that neither
// the number of threads nor their order shows in the output.
#include "compiler/compile.h"
#include "compiler/codegen/bounds_versioning.h"
#include "compiler/codegen/firmware.h"
#include "compiler/codegen/header.h"
#include "compiler/codegen/link_output.h"
#include "compiler/codegen/link_runtime.h"
#include "compiler/codegen/optimize.h"
#include "compiler/codegen/optimize_image.h"
#include "compiler/codegen/program.h"
#include "compiler/codegen/tail_calls.h"
#include "compiler/codegen/target.h"
#include "compiler/codegen/whole_accesses.h"
#include "compiler/codegen/write_object.h"
#include "compiler/diagnostic.h"
#include "compiler/wasm/module_reader.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Pass.h"
#include "llvm/ProfileData/InstrProfReader.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/Timer.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/thread.h"

#include <atomic>
#include <mutex>

using namespace llvm;
using namespace wasmetal;

namespace {

/// Wall and processor time of one stage, for --time-passes.
class StageTimer : public NamedRegionTimer {
public:
  StageTimer(StringRef stage, const CompileOptions &options)
      : NamedRegionTimer(stage, stage, "wasmetal", "Stages of the compiler",
                         options.timePasses) {}
};

/// Collects what LLVM reports through its context instead of printing it, and
/// what our own passes remark, for those who ask.
class DiagnosticCollector : public DiagnosticHandler {
public:
  explicit DiagnosticCollector(std::string &messages,
                               std::string *remarks = nullptr)
      : messages(messages), remarks(remarks) {}
  bool isAnyRemarkEnabled() const override { return remarks; }
  bool isPassedOptRemarkEnabled(StringRef pass) const override {
    return remarks && pass == BoundsVersioningPass::Remarks;
  }
  bool isMissedOptRemarkEnabled(StringRef pass) const override {
    return isPassedOptRemarkEnabled(pass);
  }
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (auto *remark = dyn_cast<DiagnosticInfoIROptimization>(&info))
      if (isPassedOptRemarkEnabled(remark->getPassName()))
        *remarks += (Twine("wasmetal: ") + remark->getMsg() + "\n").str();
    if (info.getSeverity() != DS_Error)
      return true;
    raw_string_ostream stream(messages);
    if (!messages.empty())
      stream << "; ";
    DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    return true;
  }

private:
  std::string &messages;
  std::string *remarks;
};

/// Everything that the partitions of one compilation share.
struct Compilation {
  const CompileOptions &options;
  ValidatedModule module;
  const RuntimeLibrary &runtime;
  const ModuleFacts &facts;
  ArrayRef<Partition> partitions;
  const Board *board; // of firmware; else null

  bool isOnly() const { return partitions.size() == 1; }
  /// Whether the partitions stay LLVM IR until all are there.
  bool staysIr() const {
    return options.output == OutputKind::Bitcode ||
           options.output == OutputKind::IrText ||
           options.output == OutputKind::Assembly;
  }
};

/// What a partition leaves: a file for the linker, or bytes.
struct Piece {
  TemporaryFile object;
  FileBytes bytes;
  std::string remarks;
};

} // namespace

static Error verify(const llvm::Module &module, StringRef stage,
                    const CompileOptions &options) {
  if (!options.verify)
    return Error::success();
  std::string messages;
  raw_string_ostream stream(messages);
  if (!verifyModule(module, &stream))
    return Error::success();
  return makeError(wasmetal::DiagnosticKind::Internal,
                   "invalid LLVM IR after " + stage + ": " +
                       StringRef(messages).rtrim());
}

//===-- One partition -----------------------------------------------------===//

static Error writeUnlinked(llvm::Module &module, TargetMachine &machine,
                           const CompileOptions &options, FileBytes &out) {
  switch (options.output) {
  case OutputKind::Bitcode:
    writeBitcode(module, out);
    return Error::success();
  case OutputKind::IrText:
    writeIrText(module, out);
    return Error::success();
  case OutputKind::Assembly:
    return writeAssembly(module, machine, out);
  default:
    return writeObject(module, machine, out);
  }
}

static Error writePiece(const Compilation &job, llvm::Module &module,
                        TargetMachine &machine, Piece &piece) {
  if (!job.isOnly() && job.staysIr()) {
    writeBitcode(module, piece.bytes);
    return Error::success();
  }
  return writeUnlinked(module, machine, job.options, piece.bytes);
}

static Expected<std::unique_ptr<llvm::Module>>
emitWithProgram(const Compilation &job, LLVMContext &context,
                const TargetMachine &machine, size_t index) {
  EmitOptions options = job.options.emit;
  options.mostCallees = job.options.sizeLevel ? 1 : MostCallees;
  options.inlinesCallees = job.options.optLevel >= 2 && !job.options.sizeLevel;
  options.isPlaced = machine.getRelocationModel() == Reloc::Static;
  if (!job.options.plainVectors)
    options.vectors = vectorExtensions(machine);
  Expected<std::unique_ptr<llvm::Module>> module = emitPartition(
      context, job.module, options, job.facts, job.partitions, index);
  if (module && index == 0 && job.options.output == OutputKind::Executable)
    emitProgram(**module, *job.module, job.options);
  return module;
}

static Expected<Piece> generatePiece(const Compilation &job,
                                     LLVMContext &context, size_t index) {
  const CompileOptions &options = job.options;
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  std::unique_ptr<llvm::Module> module;
  {
    StageTimer timer("validate and emit", options);
    Expected<std::unique_ptr<llvm::Module>> emitted =
        emitWithProgram(job, context, **machine, index);
    if (!emitted)
      return emitted.takeError();
    module = std::move(*emitted);
    setTarget(*module, **machine);
    if (index == 0)
      defineProcessor(*module, **machine);
  }
  if (Error error = verify(*module, "emission", options))
    return std::move(error);
  {
    StageTimer timer("link inlined runtime", options);
    if (Error error = linkInlineRuntime(*module, job.runtime, options))
      return std::move(error);
  }
  {
    StageTimer timer("optimise", options);
    optimize(*module, **machine, options);
    lowerTailCalls(*module);
    keepAccessesWhole(*module, options);
  }
  if (!takesRuntimeObject(options)) {
    StageTimer timer("link runtime", options);
    if (Error error = linkRuntime(*module, job.runtime, options, **machine,
                                  job.isOnly(), index == 0))
      return std::move(error);
    if (options.emit.target->isFirmware() && options.optLevel > 0)
      optimizeImage(*module, **machine, options.emit.name,
                    job.isOnly() && options.output == OutputKind::Executable);
  }
  if (Error error = verify(*module, "linking", options))
    return std::move(error);
  StageTimer timer("generate code", options);
  setGeneratedSize(*module, options);
  Piece piece;
  if (Error error = writePiece(job, *module, **machine, piece))
    return std::move(error);
  return std::move(piece);
}

static Expected<Piece> compilePartition(const Compilation &job, size_t index) {
  LLVMContext context;
  std::string messages, remarks;
  context.setDiagnosticHandler(std::make_unique<DiagnosticCollector>(
      messages, job.options.remarks ? &remarks : nullptr));
  Expected<Piece> piece = generatePiece(job, context, index);
  if (piece)
    piece->remarks = std::move(remarks);
  if (!messages.empty()) {
    if (!piece)
      consumeError(piece.takeError());
    return makeError(wasmetal::DiagnosticKind::Internal, "LLVM: " + messages);
  }
  bool needsLinker =
      !job.staysIr() &&
      !(job.isOnly() && job.options.output == OutputKind::Object);
  if (!piece || !needsLinker)
    return piece;
  Expected<TemporaryFile> object = TemporaryFile::create(piece->bytes);
  if (!object)
    return object.takeError();
  piece->object = std::move(*object);
  piece->bytes = {};
  return piece;
}

//===-- All of them -------------------------------------------------------===//

namespace {

/// Hands partitions to threads in their order and keeps the first failure:
/// that of the lowest partition, however fast the others are.
class PartitionQueue {
public:
  explicit PartitionQueue(const Compilation &job)
      : job(job), pieces(job.partitions.size()) {
    for (const Partition &partition : job.partitions)
      total += bytesOf(partition);
  }

  void work() {
    for (size_t i = next++; i < job.partitions.size(); i = next++) {
      {
        std::lock_guard<std::mutex> lock(mutex);
        if (failed && *failed < i)
          return;
      }
      Expected<Piece> piece = compilePartition(job, i);
      finish(i, std::move(piece));
    }
  }

  Expected<std::vector<Piece>> take() {
    if (failed)
      return std::move(*error);
    return std::move(pieces);
  }

private:
  uint64_t bytesOf(const Partition &partition) const {
    uint64_t bytes = 0;
    for (uint32_t i = partition.first; i < partition.last; ++i)
      bytes += job.module->functions[i].body.size();
    return bytes;
  }

  void finish(size_t index, Expected<Piece> piece) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!piece) {
      if (failed && *failed < index) {
        consumeError(piece.takeError());
        return;
      }
      if (error)
        consumeError(std::move(*error));
      failed = index;
      error = piece.takeError();
      return;
    }
    pieces[index] = std::move(*piece);
    done += bytesOf(job.partitions[index]);
    if (job.options.progress)
      job.options.progress(done, total);
  }

  const Compilation &job;
  std::atomic<size_t> next = 0;
  std::mutex mutex; // guards what follows
  std::vector<Piece> pieces;
  std::optional<size_t> failed;
  std::optional<Error> error;
  uint64_t done = 0;
  uint64_t total = 0;
};

} // namespace

static unsigned workers(const Compilation &job) {
  // LLVM's timers serve one thread.
  if (job.options.timePasses)
    return 1;
  unsigned jobs = job.options.jobs;
  if (jobs == 0)
    jobs = hardware_concurrency().compute_thread_count();
  return static_cast<unsigned>(
      std::min<size_t>(std::max(jobs, 1u), job.partitions.size()));
}

static Expected<std::vector<Piece>> compilePartitions(const Compilation &job) {
  // LLVM recurses deeply over large functions.
  constexpr std::optional<unsigned> StackSize = 256 << 20;
  prepareForSignals();
  PartitionQueue queue(job);
  std::vector<llvm::thread> threads;
  for (unsigned i = 0; i < workers(job); ++i)
    threads.emplace_back(StackSize, [&queue] { queue.work(); });
  for (llvm::thread &thread : threads)
    thread.join();
  return queue.take();
}

//===-- Output ------------------------------------------------------------===//

/// One module of all partitions, for the outputs that are LLVM IR or text.
static Error mergePieces(ArrayRef<Piece> pieces, const CompileOptions &options,
                         FileBytes &out) {
  LLVMContext context;
  std::string messages;
  context.setDiagnosticHandler(std::make_unique<DiagnosticCollector>(messages));
  Expected<std::unique_ptr<TargetMachine>> machine =
      createTargetMachine(options);
  if (!machine)
    return machine.takeError();
  auto merged = std::make_unique<llvm::Module>(options.emit.name, context);
  setTarget(*merged, **machine);
  Linker linker(*merged);
  for (const Piece &piece : pieces) {
    Expected<std::unique_ptr<llvm::Module>> part = parseBitcodeFile(
        MemoryBufferRef({piece.bytes.data(), piece.bytes.size()}, "partition"),
        context);
    if (!part)
      return makeError(wasmetal::DiagnosticKind::Internal,
                       toString(part.takeError()));
    if (linker.linkInModule(std::move(*part)))
      return makeError(wasmetal::DiagnosticKind::Internal,
                       "cannot merge partitions: " + messages);
  }
  Error error = writeUnlinked(*merged, **machine, options, out);
  if (error || messages.empty())
    return error;
  return makeError(wasmetal::DiagnosticKind::Internal, "LLVM: " + messages);
}

static Error writeOutput(const Compilation &job, MutableArrayRef<Piece> pieces,
                         StringRef outputPath) {
  StageTimer timer("link output", job.options);
  if (job.staysIr() && !job.isOnly()) {
    FileBytes merged;
    if (Error error = mergePieces(pieces, job.options, merged))
      return error;
    return writeOutput(merged, outputPath);
  }
  if (pieces[0].object.path().empty())
    return writeOutput(pieces[0].bytes, outputPath);
  std::vector<TemporaryFile> objects;
  for (Piece &piece : pieces)
    objects.push_back(std::move(piece.object));
  return linkOutput(objects, job.options, job.board, outputPath);
}

/// LLVM would say why for each partition.
static Error checkProfile(const CompileOptions &options) {
  if (options.profileGenerate && options.output == OutputKind::Executable) {
    std::string library = profileLibraryPath(options);
    if (!sys::fs::exists(library))
      return makeError(wasmetal::DiagnosticKind::Unsupported,
                       "--profile-generate for " + options.emit.target->name +
                           ": there is no " + library);
  }
  StringRef path = options.profileUse;
  if (path.empty())
    return Error::success();
  Expected<std::unique_ptr<IndexedInstrProfReader>> reader =
      IndexedInstrProfReader::create(path, *vfs::getRealFileSystem());
  if (!reader)
    return makeError(wasmetal::DiagnosticKind::Io,
                     "profile " + path + ": " + toString(reader.takeError()) +
                         " (expected a file of llvm-profdata merge)");
  return Error::success();
}

static Error compileTimed(ArrayRef<uint8_t> bytes,
                          const CompileOptions &options, StringRef outputPath) {
  std::unique_ptr<wasmetal::Module> module;
  std::optional<ValidatedModule> valid;
  {
    StageTimer timer("read", options);
    Expected<std::unique_ptr<wasmetal::Module>> read = readModule(bytes);
    if (!read)
      return read.takeError();
    module = std::move(*read);
    Expected<ValidatedModule> validated = validateModule(*module);
    if (!validated)
      return validated.takeError();
    if (Error error = checkFeatures(*module, options.proposals))
      return error;
    valid = *validated;
    if (options.output == OutputKind::Executable)
      if (Error error = checkImportsAreBound(*valid))
        return error;
  }
  std::optional<Board> board;
  if (options.emit.target->isFirmware()) {
    // An object does not depend on the board.
    if (options.output == OutputKind::Executable || !options.board.empty()) {
      Expected<Board> loaded = loadBoard(options);
      if (!loaded)
        return loaded.takeError();
      board = std::move(*loaded);
    }
    if (Error error =
            checkFitsFirmware(*module, options, board ? &*board : nullptr))
      return error;
  }
  if (Error error = checkTailCalls(*module, *options.emit.target))
    return error;
  if (Error error = checkProfile(options))
    return error;
  Expected<RuntimeLibrary> runtime = RuntimeLibrary::load(options);
  if (!runtime)
    return runtime.takeError();
  setGeneratorOptions(options);
  std::vector<Partition> partitions = planPartitions(*module);
  ModuleFacts facts(*module);
  Compilation job{options, *valid,     *runtime,
                  facts,   partitions, board ? &*board : nullptr};
  Expected<std::vector<Piece>> pieces = compilePartitions(job);
  if (!pieces)
    return pieces.takeError();
  for (const Piece &piece : *pieces)
    errs() << piece.remarks;
  if (Error error = writeOutput(job, *pieces, outputPath))
    return error;
  if (options.headerPath.empty())
    return Error::success();
  std::string header = describeInC(*module, options.emit);
  return wasmetal::writeOutput({header.data(), header.size()},
                               options.headerPath);
}

Error wasmetal::compile(ArrayRef<uint8_t> bytes, const CompileOptions &options,
                        StringRef outputPath) {
  if (options.emit.debug != DebugLevel::None &&
      options.emit.sourceName.empty()) {
    // Line tables need the name of a file.
    CompileOptions named = options;
    named.emit.sourceName = options.emit.name + ".wasm";
    return compile(bytes, named, outputPath);
  }
  if (!options.timePasses)
    return compileTimed(bytes, options, outputPath);
  TimePassesIsEnabled = true; // of LLVM's code generator
  Error error = compileTimed(bytes, options, outputPath);
  TimerGroup::printAll(errs());
  TimePassesIsEnabled = false;
  return error;
}
