// The cache holds programs that are executed without a further look, so it
// must belong to this user and to nobody else: that is checked on the opened
// folder and on the opened program, not on their paths.
#include "compiler/run.h"
#include "compiler/diagnostic.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace wasmetal;
using namespace llvm;

/// Programs that nobody ran for so long are removed when one is added.
static constexpr time_t KeepSeconds = 30 * 24 * 60 * 60;

namespace {

/// Hashes a sequence of fields without ambiguity: each with its length.
class KeyHash {
public:
  void add(StringRef text) {
    add(text.size());
    hash.update(text);
  }
  void add(uint64_t number) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; ++i)
      bytes[i] = static_cast<uint8_t>(number >> (8 * i));
    hash.update(ArrayRef<uint8_t>(bytes));
  }
  void addFileState(StringRef path) {
    struct stat state = {};
    add(path);
    if (stat(path.str().c_str(), &state) != 0)
      return;
    add(static_cast<uint64_t>(state.st_size));
    add(static_cast<uint64_t>(state.st_mtim.tv_sec));
    add(static_cast<uint64_t>(state.st_mtim.tv_nsec));
    add(state.st_ino);
  }
  std::string hex() { return toHex(hash.final(), /*LowerCase=*/true); }

private:
  SHA256 hash;
};

class FileDescriptor {
public:
  explicit FileDescriptor(int fd = -1) : fd(fd) {}
  FileDescriptor(FileDescriptor &&other) : fd(other.fd) { other.fd = -1; }
  FileDescriptor &operator=(FileDescriptor &&) = delete;
  ~FileDescriptor() {
    if (fd >= 0)
      close(fd);
  }
  int get() const { return fd; }

private:
  int fd;
};

} // namespace

static Error systemError(const Twine &what) {
  return makeError(DiagnosticKind::Io,
                   what + ": " + std::generic_category().message(errno));
}

/// The compiler, LLVM and the runtime by the state of their files: cheaper
/// than to hash 150 MB at each start.
static void addToolchain(KeyHash &key, const CompileOptions &options) {
  static int anchor;
  key.addFileState(sys::fs::getMainExecutable("wasmetal", &anchor));
  key.add(LLVM_VERSION_STRING);
  std::vector<std::string> files;
  std::error_code error;
  for (sys::fs::recursive_directory_iterator it(options.resourceDir, error),
       end;
       it != end && !error; it.increment(error))
    files.push_back(it->path());
  llvm::sort(files);
  for (const std::string &file : files)
    key.addFileState(file);
}

std::string wasmetal::cacheKey(ArrayRef<uint8_t> bytes,
                               const CompileOptions &options) {
  KeyHash key;
  key.add(toStringRef(bytes));
  key.add(options.emit.name);
  key.add(static_cast<uint64_t>(options.emit.strategy));
  key.add(options.emit.exactTraps);
  key.add(options.emit.spectre);
  key.add(static_cast<uint64_t>(options.emit.debug));
  key.add(options.emit.maxMemory);
  key.add(options.emit.metered);
  key.add(options.fuel);
  key.add(options.emit.deterministicRelaxed);
  key.add(options.emit.sourceName);
  key.add(static_cast<uint64_t>(options.output));
  key.add(options.proposals.to_string());
  key.add(options.optLevel);
  key.add(options.sizeLevel);
  key.add(options.cpu);
  key.add(options.features);
  key.add(options.stackSize);
  key.add(options.invoke);
  addToolchain(key, options);
  return key.hex();
}

static Expected<std::string> cachePath() {
  SmallString<256> path;
  const char *xdg = getenv("XDG_CACHE_HOME");
  const char *home = getenv("HOME");
  if (xdg && xdg[0] == '/')
    path = xdg;
  else if (home && home[0] == '/')
    sys::path::append(path, home, ".cache");
  else
    return makeError(DiagnosticKind::Io,
                     "no cache folder: set HOME or XDG_CACHE_HOME");
  sys::path::append(path, "wasmetal");
  return path.str().str();
}

static Error checkPrivate(const struct stat &state, const Twine &what) {
  if (state.st_uid != geteuid())
    return makeError(DiagnosticKind::Io, what + " belongs to user " +
                                             Twine(state.st_uid) + ", not to " +
                                             Twine(geteuid()));
  if (state.st_mode & 0022)
    return makeError(DiagnosticKind::Io,
                     what + " is writable by others: chmod go-w would do");
  return Error::success();
}

static Expected<FileDescriptor> openCache(const std::string &path) {
  if (std::error_code error = sys::fs::create_directories(
          sys::path::parent_path(path), /*IgnoreExisting=*/true,
          sys::fs::owner_all))
    return makeError(DiagnosticKind::Io, "cache folder " +
                                             sys::path::parent_path(path) +
                                             ": " + error.message());
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return systemError("cache folder " + path);
  FileDescriptor folder(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat state = {};
  if (folder.get() < 0 || fstat(folder.get(), &state) != 0)
    return systemError("cache folder " + path);
  if (Error error = checkPrivate(state, "cache folder " + path))
    return std::move(error);
  return std::move(folder);
}

/// The program, opened; a descriptor of -1 when there is none.
static Expected<FileDescriptor> openProgram(int folder, const std::string &key,
                                            const std::string &path) {
  FileDescriptor program(
      openat(folder, key.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (program.get() < 0) {
    if (errno == ENOENT)
      return std::move(program);
    return systemError(path);
  }
  struct stat state = {};
  if (fstat(program.get(), &state) != 0)
    return systemError(path);
  if (Error error = checkPrivate(state, path))
    return std::move(error);
  if (!S_ISREG(state.st_mode))
    return makeError(DiagnosticKind::Io, path + " is no regular file");
  futimens(program.get(), nullptr); // used now: pruneCache goes by it
  return std::move(program);
}

static void pruneCache(int folder) {
  int copy = dup(folder);
  DIR *entries = copy < 0 ? nullptr : fdopendir(copy);
  if (!entries)
    return;
  time_t now = time(nullptr);
  while (const dirent *entry = readdir(entries)) {
    struct stat state = {};
    if (fstatat(folder, entry->d_name, &state, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(state.st_mode) && now - state.st_mtime > KeepSeconds)
      unlinkat(folder, entry->d_name, 0);
  }
  closedir(entries);
}

/// Puts further grants behind those that the caller's environment has.
static Error addToEnvironment(const char *variable,
                              ArrayRef<std::string> entries) {
  if (entries.empty())
    return Error::success();
  std::string value;
  if (const char *before = getenv(variable))
    value = before;
  for (const std::string &entry : entries) {
    if (StringRef(entry).contains(';'))
      return makeError(DiagnosticKind::Unsupported,
                       "';' in a grant at run time: '" + Twine(entry) + "'");
    if (!value.empty())
      value += ';';
    value += entry;
  }
  if (setenv(variable, value.c_str(), 1) != 0)
    return systemError(variable);
  return Error::success();
}

static Error passGrants(const Grants &grants) {
  std::vector<std::string> directories;
  for (const Grants::Directory &directory : grants.directories)
    directories.push_back(directory.host + "::" + directory.guest);
  if (Error error = addToEnvironment("WASMETAL_DIRS", directories))
    return error;
  return addToEnvironment("WASMETAL_ENV", grants.environment);
}

static std::vector<std::string> programArguments(const Options &options) {
  std::vector<std::string> arguments;
  if (!options.argv0.empty())
    arguments.push_back(options.argv0);
  else
    arguments.push_back(sys::path::filename(options.input).str());
  if (options.hasInvoke)
    arguments.push_back(options.invoke);
  append_range(arguments, options.arguments);
  return arguments;
}

/// Becomes the program. The opened file is executed, not its path: nothing
/// can be put in its place.
static Error execute(int program, const Options &options) {
  std::vector<std::string> arguments = programArguments(options);
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  syscall(SYS_execveat, program, "", pointers.data(), environ, AT_EMPTY_PATH);
  return systemError("cannot execute the compiled program");
}

Error wasmetal::runModule(
    ArrayRef<uint8_t> bytes, const Options &options,
    const std::function<Error(const CompileOptions &, StringRef)> &build) {
  CompileOptions compileOptions = options.compile;
  compileOptions.grants = {}; // given at start, so that they miss no cache
  compileOptions.invoke = options.hasInvoke;
  Expected<std::string> folderPath = cachePath();
  if (!folderPath)
    return folderPath.takeError();
  Expected<FileDescriptor> folder = openCache(*folderPath);
  if (!folder)
    return folder.takeError();

  std::string key = cacheKey(bytes, compileOptions);
  std::string path = *folderPath + "/" + key;
  Expected<FileDescriptor> cached = openProgram(folder->get(), key, path);
  if (!cached)
    return cached.takeError();
  if (Error error = passGrants(options.compile.grants))
    return error;
  if (cached->get() >= 0)
    return execute(cached->get(), options);

  // The program is the owner's alone, whatever the guest's files will be.
  mode_t mask = umask(0077);
  Error error = build(compileOptions, path);
  umask(mask);
  if (error)
    return error;
  pruneCache(folder->get());
  Expected<FileDescriptor> built = openProgram(folder->get(), key, path);
  if (!built)
    return built.takeError();
  if (built->get() < 0)
    return makeError(DiagnosticKind::Io, path + " disappeared");
  return execute(built->get(), options);
}
