// An instance with a memory and WASI, as compiled code would have it, and a
// folder of the host: `root`, which is granted, beside `outside`, which is not.
#pragma once

#include "libc_backing/wasi.h"
#include "libc_backing/wasi_types.h"
#include "ports/linux/files.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

/// A file system tree of its own, removed at the end.
class Folder {
public:
  Folder() {
    char name[] = "/tmp/wasi_tests.XXXXXX";
    Path = mkdtemp(name);
    mkdir((Path + "/root").c_str(), 0755);
    mkdir((Path + "/outside").c_str(), 0755);
    write("outside/secret", "outside");
  }
  ~Folder() {
    std::string command = "rm -rf " + Path;
    if (std::system(command.c_str()) != 0)
      std::perror("rm");
  }
  std::string path(const std::string &name) const { return Path + "/" + name; }
  void write(const std::string &name, std::string_view text) const {
    int fd = open(path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ASSERT_GE(fd, 0) << name;
    ASSERT_EQ(::write(fd, text.data(), text.size()), (ssize_t)text.size());
    close(fd);
  }
  std::string read(const std::string &name) const {
    int fd = open(path(name).c_str(), O_RDONLY);
    if (fd < 0)
      return "<none>";
    char buffer[4096];
    ssize_t size = ::read(fd, buffer, sizeof buffer);
    close(fd);
    return {buffer, size < 0 ? 0 : (size_t)size};
  }
  void mkdir_(const std::string &name) const {
    ASSERT_EQ(mkdir(path(name).c_str(), 0755), 0) << name;
  }
  void symlink_(const std::string &target, const std::string &name) const {
    ASSERT_EQ(symlink(target.c_str(), path(name).c_str()), 0) << name;
  }
  bool exists(const std::string &name) const {
    struct stat ignored;
    return lstat(path(name).c_str(), &ignored) == 0;
  }

private:
  std::string Path;
};

class Guest {
public:
  enum : uint32_t { Size = 2 << 16, Root = 3 };

  /// Memory ends before a page without access.
  Guest() {
    Reserved = mmap(nullptr, Size + 65536, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(Reserved, Size, PROT_READ | PROT_WRITE);
    Memory = {};
    Memory.base = (uint8_t *)Reserved;
    Memory.size = Size;
    Memory.maximum = Memory.reserved = Size;
    Memory.page_log2 = 16;
    std::memset(&Module, 0, sizeof Module);
    Module.num_memories = 1;
    Module.memories_offset = offsetof(Layout, Memories);
    Instance.Header.module = &Module;
    Instance.Memories[0] = &Memory;
  }
  ~Guest() {
    wm_wasi_destroy(*this);
    munmap(Reserved, Size + 65536);
  }

  bool init(const Folder &folder) {
    RootPath = folder.path("root");
    Preopens = {{RootPath.c_str(), "/granted"}};
    Config.preopens = Preopens.data();
    Config.preopen_count = (uint32_t)Preopens.size();
    return init();
  }
  bool init() { return wm_wasi_init(*this, &Config, Message, sizeof Message); }

  operator wm_instance *() { return &Instance.Header; }

  /// Room in the guest's memory; never given back.
  int32_t room(uint32_t size) {
    Used = (Used + 7) & ~7u;
    EXPECT_LE(Used + size, +Size);
    Used += size;
    return (int32_t)(Used - size);
  }
  template <typename T> int32_t put(const T &value) {
    int32_t address = room(sizeof value);
    std::memcpy(Memory.base + address, &value, sizeof value);
    return address;
  }
  int32_t text(std::string_view text) {
    int32_t address = room((uint32_t)text.size());
    std::memcpy(Memory.base + address, text.data(), text.size());
    return address;
  }
  template <typename T> T get(int32_t address) {
    T value;
    std::memcpy(&value, Memory.base + (uint32_t)address, sizeof value);
    return value;
  }
  std::string string(int32_t address, uint32_t size) {
    return {(char *)Memory.base + (uint32_t)address, size};
  }

  // Calls that most tests make.
  int32_t openPath(std::string_view path, int32_t &fd, int32_t flags = 0,
                   int64_t rights = wasi::RightFdRead | wasi::RightFdSeek |
                                    wasi::RightFdTell,
                   int32_t lookup = wasi::LookupSymlinkFollow,
                   int32_t fdFlags = 0, int32_t directory = Root) {
    uint32_t before = Used;
    int32_t result = room(4);
    int32_t error = wm_wasi_path_open(*this, directory, lookup, text(path),
                                      (int32_t)path.size(), flags, rights,
                                      wasi::RightsAll, fdFlags, result);
    fd = error ? -1 : get<int32_t>(result);
    Used = before;
    return error;
  }
  int32_t read(int32_t fd, std::string &out, uint32_t size = 4096) {
    uint32_t before = Used;
    int32_t buffer = room(size);
    int32_t iovec = put(wasi::Iovec{(uint32_t)buffer, size});
    int32_t result = room(4);
    int32_t error = wm_wasi_fd_read(*this, fd, iovec, 1, result);
    out = error ? "" : string(buffer, get<uint32_t>(result));
    Used = before;
    return error;
  }
  int32_t write(int32_t fd, std::string_view data) {
    uint32_t before = Used;
    int32_t iovec =
        put(wasi::Iovec{(uint32_t)text(data), (uint32_t)data.size()});
    int32_t result = room(4);
    int32_t error = wm_wasi_fd_write(*this, fd, iovec, 1, result);
    if (!error) {
      EXPECT_EQ(get<uint32_t>(result), data.size());
    }
    Used = before;
    return error;
  }
  int32_t stat(std::string_view path, wasi::Filestat &out, int32_t lookup = 0) {
    uint32_t before = Used;
    int32_t result = room(sizeof out);
    int32_t error = wm_wasi_path_filestat_get(*this, Root, lookup, text(path),
                                              (int32_t)path.size(), result);
    if (!error)
      out = get<wasi::Filestat>(result);
    Used = before;
    return error;
  }
  template <typename Function>
  int32_t onPath(Function function, std::string_view path) {
    uint32_t before = Used;
    int32_t error = function(*this, Root, text(path), (int32_t)path.size());
    Used = before;
    return error;
  }
  int32_t rename(std::string_view from, std::string_view to) {
    uint32_t before = Used;
    int32_t error =
        wm_wasi_path_rename(*this, Root, text(from), (int32_t)from.size(), Root,
                            text(to), (int32_t)to.size());
    Used = before;
    return error;
  }
  int32_t link(std::string_view from, std::string_view to, int32_t lookup = 0) {
    uint32_t before = Used;
    int32_t error =
        wm_wasi_path_link(*this, Root, lookup, text(from), (int32_t)from.size(),
                          Root, text(to), (int32_t)to.size());
    Used = before;
    return error;
  }
  int32_t symlink(std::string_view target, std::string_view path) {
    uint32_t before = Used;
    int32_t error =
        wm_wasi_path_symlink(*this, text(target), (int32_t)target.size(), Root,
                             text(path), (int32_t)path.size());
    Used = before;
    return error;
  }
  int32_t readlink(std::string_view path, std::string &out,
                   uint32_t size = 256) {
    uint32_t before = Used;
    int32_t buffer = room(size);
    int32_t result = room(4);
    int32_t error =
        wm_wasi_path_readlink(*this, Root, text(path), (int32_t)path.size(),
                              buffer, (int32_t)size, result);
    out = error ? "" : string(buffer, get<uint32_t>(result));
    Used = before;
    return error;
  }
  wasi::Fdstat fdstat(int32_t fd) {
    uint32_t before = Used;
    int32_t result = room(sizeof(wasi::Fdstat));
    EXPECT_EQ(wm_wasi_fd_fdstat_get(*this, fd, result), 0);
    Used = before;
    return get<wasi::Fdstat>(result);
  }

  wm_wasi_config Config = {};
  char Message[256] = "";
  wm_memory Memory;
  wm_module Module;
  std::vector<wm_wasi_preopen> Preopens;

private:
  struct Layout {
    wm_instance Header = {};
    wm_memory *Memories[1];
  } Instance;
  void *Reserved;
  uint32_t Used = 1024;
  std::string RootPath;
};

/// Puts another descriptor in the place of a standard stream for a while.
class Redirect {
public:
  Redirect(int stream, int fd) : Stream(stream), Saved(dup(stream)) {
    dup2(fd, stream);
  }
  ~Redirect() {
    dup2(Saved, Stream);
    close(Saved);
  }

private:
  int Stream;
  int Saved;
};

/// For tests that run with openat2 and with the walk.
class BothResolutions : public testing::TestWithParam<bool> {
protected:
  void SetUp() override {
    linux_files::forceWalk(GetParam());
    ASSERT_TRUE(guest.init(folder)) << guest.Message;
  }
  void TearDown() override { linux_files::forceWalk(false); }

  Folder folder;
  Guest guest;
};

static inline std::string
resolutionName(const testing::TestParamInfo<bool> &info) {
  return info.param ? "Walk" : "Openat2";
}

#define BOTH_RESOLUTIONS(Suite)                                                \
  using Suite = BothResolutions;                                               \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Bool(), resolutionName)

constexpr int64_t ReadWrite = wasi::RightsRegularFile;
