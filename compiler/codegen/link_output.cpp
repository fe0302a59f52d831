// lld as a library. Its state is the process's, so that one link runs at a
// time. Output goes to a new file beside its final name and is renamed: nobody
// sees half of it, and a failure leaves what was there before.
#include "compiler/codegen/link_output.h"
#include "compiler/codegen/link_runtime.h"
#include "compiler/diagnostic.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"

#include "lld/Common/Driver.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;
using namespace wasmetal;

static Error ioError(const Twine &path, std::error_code error) {
  return makeError(DiagnosticKind::Io, path + ": " + error.message());
}

static Error writeAndClose(int fd, ArrayRef<char> bytes, StringRef path) {
  raw_fd_ostream stream(fd, /*shouldClose=*/true);
  stream.write(bytes.data(), bytes.size());
  stream.close();
  if (!stream.has_error())
    return Error::success();
  std::error_code error = stream.error();
  stream.clear_error();
  return ioError(path, error);
}

//===-- Temporary files ---------------------------------------------------===//

void wasmetal::prepareForSignals() {
  constexpr StringRef NoFile = "";
  sys::RemoveFileOnSignal(NoFile);
  sys::DontRemoveFileOnSignal(NoFile);
}

Expected<TemporaryFile> TemporaryFile::create(ArrayRef<char> bytes) {
  SmallString<128> path;
  int fd = -1;
  if (std::error_code error =
          sys::fs::createTemporaryFile("wasmetal", "o", fd, path))
    return ioError("temporary file", error);
  TemporaryFile file;
  file.name = path.str().str();
  sys::RemoveFileOnSignal(path);
  if (Error error = writeAndClose(fd, bytes, path))
    return std::move(error);
  return std::move(file);
}

TemporaryFile::~TemporaryFile() {
  if (name.empty())
    return;
  sys::fs::remove(name);
  sys::DontRemoveFileOnSignal(name);
}

namespace {

/// The output under a temporary name, until `commit`.
class PendingOutput {
public:
  /// Fails where the folder cannot be written.
  static Expected<PendingOutput> create(StringRef path);
  PendingOutput(PendingOutput &&other)
      : fd(other.fd), target(std::move(other.target)),
        pending(std::move(other.pending)) {
    other.fd = -1;
    other.pending.clear();
  }
  ~PendingOutput() { discard(); }

  /// The name to write to; what was created there may be replaced.
  StringRef path() const { return pending; }
  Error write(ArrayRef<char> bytes) {
    int file = fd;
    fd = -1;
    return writeAndClose(file, bytes, pending);
  }
  Error commit();

private:
  PendingOutput() = default;
  void discard();

  int fd = -1;
  std::string target;
  std::string pending;
};

} // namespace

Expected<PendingOutput> PendingOutput::create(StringRef path) {
  PendingOutput output;
  // Behind a symbolic link the file changes, not the link.
  SmallString<256> real;
  if (!sys::fs::real_path(path, real))
    output.target = real.str().str();
  else
    output.target = path.str();
  SmallString<256> name;
  // Like any new file; the process's mask takes its part away.
  if (std::error_code error = sys::fs::createUniqueFile(
          output.target + ".%%%%%%%%.tmp", output.fd, name, sys::fs::OF_None,
          sys::fs::all_read | sys::fs::all_write))
    return ioError(path, error);
  output.pending = name.str().str();
  sys::RemoveFileOnSignal(name);
  return std::move(output);
}

Error PendingOutput::commit() {
  if (std::error_code error = sys::fs::rename(pending, target))
    return ioError(target, error);
  sys::DontRemoveFileOnSignal(pending);
  pending.clear();
  discard();
  return Error::success();
}

void PendingOutput::discard() {
  if (fd >= 0)
    sys::Process::SafelyCloseFileDescriptor(fd);
  fd = -1;
  if (pending.empty())
    return;
  sys::fs::remove(pending);
  sys::DontRemoveFileOnSignal(pending);
  pending.clear();
}

/// Devices and pipes cannot be replaced by a rename, and must not be.
static bool isStream(StringRef path) {
  sys::fs::file_status status;
  return !sys::fs::status(path, status) && sys::fs::exists(status) &&
         !sys::fs::is_regular_file(status) && !sys::fs::is_directory(status);
}

static Error writeToStream(ArrayRef<char> bytes, StringRef path) {
  int fd = -1;
  if (std::error_code error = sys::fs::openFileForWrite(
          path, fd, sys::fs::CD_OpenExisting, sys::fs::OF_None))
    return ioError(path, error);
  return writeAndClose(fd, bytes, path);
}

Error wasmetal::writeOutput(ArrayRef<char> bytes, StringRef outputPath) {
  if (isStream(outputPath))
    return writeToStream(bytes, outputPath);
  Expected<PendingOutput> output = PendingOutput::create(outputPath);
  if (!output)
    return output.takeError();
  if (Error error = output->write(bytes))
    return error;
  return output->commit();
}

//===-- lld ---------------------------------------------------------------===//

namespace {

/// What lld is told, in its order.
class LinkerArguments {
public:
  LinkerArguments(ArrayRef<TemporaryFile> objects,
                  const CompileOptions &options, StringRef written);

  void addImage(const TemporaryFile &script);
  void addProgram();
  void addLibrary(StringRef name, const TemporaryFile &exports);
  void addObjects();

  std::vector<std::string> arguments;

private:
  void add(ArrayRef<StringRef> more);
  void addResource(StringRef file);
  void strip();

  const ArrayRef<TemporaryFile> objects;
  const CompileOptions &options;
};

} // namespace

LinkerArguments::LinkerArguments(ArrayRef<TemporaryFile> objects,
                                 const CompileOptions &options,
                                 StringRef written)
    : objects(objects), options(options) {
  add({"ld.lld", "-m", options.emit.target->emulation, "-o", written, "-z",
       "noexecstack", "--build-id=none"});
  // Starting threads takes longer than linking a few objects.
  constexpr size_t FewObjects = 4;
  if (objects.size() <= FewObjects)
    add({"--threads=1"});
  else if (options.jobs)
    add({"--threads=" + std::to_string(options.jobs)});
}

void LinkerArguments::add(ArrayRef<StringRef> more) {
  for (StringRef argument : more)
    arguments.push_back(argument.str());
}

void LinkerArguments::addResource(StringRef file) {
  arguments.push_back(resourcePath(options, file));
}

void LinkerArguments::addObjects() {
  for (const TemporaryFile &object : objects)
    arguments.push_back(object.path());
}

void LinkerArguments::strip() {
  if (options.emit.debug == DebugLevel::None)
    add({"--strip-all"});
}

void LinkerArguments::addImage(const TemporaryFile &script) {
  /// RAM for what the runtime keeps beside the instance: WASI's descriptors.
  constexpr uint64_t Arena = 512;
  add({"-static", "--gc-sections"});
  // What is left out is nowhere: flash may begin at 0, as it would.
  for (StringRef section : {"line", "aranges", "info"})
    add({"-z",
         ("dead-reloc-in-nonalloc=.debug_" + section + "=0xffffffff").str()});
  strip();
  add({"--script=" + script.path()});
  add({"-L" + resourcePath(options, "")});
  for (auto [name, size] : {std::pair("__stack_size", options.stackSize),
                            std::pair("__arena_size", Arena)})
    add({"--defsym=" + std::string(name) + "=" + std::to_string(size)});
  addObjects();
  for (StringRef library : {"libport.a", "libgcc.a"})
    addResource((options.emit.target->name + "/" + library).str());
}

void LinkerArguments::addProgram() {
  add({"-static", "--gc-sections", "-z", "norelro", "--hash-style=gnu"});
  strip();
  addResource("crt1.o");
  addResource("crti.o");
  addObjects();
  add({runtimeObjectPath(options)});
  if (options.profileGenerate)
    add({"--undefined=__llvm_profile_runtime", profileLibraryPath(options)});
  addResource("libc.a");
  addResource("crtn.o");
}

void LinkerArguments::addLibrary(StringRef name, const TemporaryFile &exports) {
  // The archive of a libc other than musl is for programs alone.
  bool hasLibc = Triple(options.emit.target->triple).isMusl();
  add({"-shared", "--gc-sections", "--hash-style=gnu", "--exclude-libs=ALL",
       "-soname", name});
  // Imports by symbol are found when the library is loaded, and so are memcpy
  // and its like where they are not linked.
  if (!options.emit.symbolImports && hasLibc)
    add({"-z", "defs"});
  strip();
  add({"--version-script=" + exports.path()});
  addObjects();
  add({runtimeObjectPath(options)});
  if (hasLibc)
    addResource("libc.a");
}

static std::vector<std::string> linkerArguments(ArrayRef<TemporaryFile> objects,
                                                const CompileOptions &options,
                                                StringRef outputPath,
                                                StringRef written,
                                                const TemporaryFile &text) {
  LinkerArguments result(objects, options, written);
  switch (options.output) {
  case OutputKind::Executable:
    if (options.emit.target->isFirmware())
      result.addImage(text);
    else
      result.addProgram();
    break;
  case OutputKind::SharedLibrary:
    result.addLibrary(sys::path::filename(outputPath), text);
    break;
  default:
    result.arguments.push_back("-r");
    result.addObjects();
    break;
  }
  return result.arguments;
}

static Error runLinker(ArrayRef<std::string> arguments, const Board *board) {
  static std::mutex lldMutex; // lld has one state for the process
  std::lock_guard<std::mutex> lock(lldMutex);
  static bool isUsable = true;
  if (!isUsable)
    return makeError(DiagnosticKind::Internal,
                     "the linker failed before and cannot run again");
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string messages;
  raw_string_ostream stream(messages);
  lld::Result result =
      lld::lldMain(pointers, stream, stream, {{lld::Gnu, &lld::elf::link}});
  isUsable = result.canRunAgain;
  if (result.retCode == 0)
    return Error::success();
  StringRef text = StringRef(messages).rtrim();
  std::string overflow = board ? explainOverflow(text, *board) : "";
  if (!overflow.empty())
    return makeError(DiagnosticKind::Unsupported, overflow);
  if (text.empty())
    text = "no message";
  return makeError(DiagnosticKind::Io, "linker: " + text);
}

/// What the linker reads beside objects. Of a shared library: which symbols it
/// may export, those of the C API and the module's own, as the runtime object
/// also holds the main of executables. Of firmware: where everything goes.
static Expected<TemporaryFile> linkerText(const CompileOptions &options,
                                          const Board *board) {
  std::string text;
  if (options.output == OutputKind::SharedLibrary)
    text = "{ global: wm_*; " + options.emit.name + "_*; local: *; };\n";
  else if (board)
    text = linkerScript(*board);
  else
    return TemporaryFile();
  return TemporaryFile::create(ArrayRef<char>(text.data(), text.size()));
}

Error wasmetal::linkOutput(ArrayRef<TemporaryFile> objects,
                           const CompileOptions &options, const Board *board,
                           StringRef outputPath) {
  Expected<TemporaryFile> script = linkerText(options, board);
  if (!script)
    return script.takeError();
  auto linkTo = [&](StringRef written) {
    return runLinker(
        linkerArguments(objects, options, outputPath, written, *script), board);
  };
  if (!isStream(outputPath)) {
    Expected<PendingOutput> output = PendingOutput::create(outputPath);
    if (!output)
      return output.takeError();
    if (Error error = linkTo(output->path()))
      return error;
    return output->commit();
  }
  Expected<TemporaryFile> file = TemporaryFile::create({});
  if (!file)
    return file.takeError();
  if (Error error = linkTo(file->path()))
    return error;
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(file->path());
  if (std::error_code error = buffer.getError())
    return ioError(file->path(), error);
  StringRef bytes = (*buffer)->getBuffer();
  return writeToStream({bytes.data(), bytes.size()}, outputPath);
}
