// Files by descriptor: reading, writing, positions, flags, rights, directories.
#include "guest.h"

#include <map>

using namespace wasi;

class Fd : public testing::Test {
protected:
  void SetUp() override { ASSERT_TRUE(guest.init(folder)) << guest.Message; }

  /// Makes a file of the host's and opens it for the guest.
  int32_t open(std::string_view text, int64_t rights = ReadWrite,
               int32_t fdFlags = 0) {
    folder.write("root/file", text);
    int32_t fd;
    EXPECT_EQ(guest.openPath("file", fd, 0, rights, 1, fdFlags), 0);
    return fd;
  }

  Folder folder;
  Guest guest;
};

TEST_F(Fd, WritesReadsAndSeeks) {
  int32_t fd = open("");
  ASSERT_EQ(guest.write(fd, "hello, world"), 0);
  EXPECT_EQ(folder.read("root/file"), "hello, world");
  int32_t result = guest.room(8);
  ASSERT_EQ(wm_wasi_fd_tell(guest, fd, result), 0);
  EXPECT_EQ(guest.get<uint64_t>(result), 12u);
  ASSERT_EQ(wm_wasi_fd_seek(guest, fd, 7, 0, result), 0);
  EXPECT_EQ(guest.get<uint64_t>(result), 7u);
  std::string text;
  ASSERT_EQ(guest.read(fd, text), 0);
  EXPECT_EQ(text, "world");
  ASSERT_EQ(guest.read(fd, text), 0);
  EXPECT_EQ(text, "");
  ASSERT_EQ(wm_wasi_fd_seek(guest, fd, -2, 1, result), 0);
  EXPECT_EQ(guest.get<uint64_t>(result), 10u);
  ASSERT_EQ(wm_wasi_fd_seek(guest, fd, 1ll << 40, 2, result), 0);
  EXPECT_EQ(guest.get<uint64_t>(result), (1ull << 40) + 12);
  EXPECT_EQ(wm_wasi_fd_seek(guest, fd, -1, 0, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_fd_seek(guest, fd, 0, 3, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_fd_seek(guest, fd, 0, 0, Guest::Size - 7), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_seek(guest, 77, 0, 0, result), PORT_EBADF);
  EXPECT_EQ(wm_wasi_fd_tell(guest, Guest::Root, result), PORT_EBADF);
}

TEST_F(Fd, ScattersAndGathersOverManyBuffers) {
  int32_t fd = open("");
  // More than one chunk, with empty ones among them.
  enum { Count = 301 };
  int32_t data = guest.room(Count), iovecs = guest.room(Count * 8);
  std::string expected;
  for (int i = 0; i < Count; ++i) {
    Iovec iovec = {(uint32_t)(data + i), i % 3 ? 1u : 0u};
    guest.Memory.base[data + i] = (uint8_t)('a' + i % 26);
    std::memcpy(guest.Memory.base + iovecs + i * 8, &iovec, 8);
    if (i % 3)
      expected += (char)('a' + i % 26);
  }
  int32_t result = guest.room(4);
  ASSERT_EQ(wm_wasi_fd_write(guest, fd, iovecs, Count, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), expected.size());
  EXPECT_EQ(folder.read("root/file"), expected);
  ASSERT_EQ(wm_wasi_fd_pwrite(guest, fd, iovecs, Count, 500, result), 0);
  EXPECT_EQ(folder.read("root/file").substr(500), expected);

  // A read may stop after any buffer, but says how far it came.
  std::memset(guest.Memory.base + data, '.', Count);
  ASSERT_EQ(wm_wasi_fd_pread(guest, fd, iovecs, Count, 0, result), 0);
  uint32_t size = guest.get<uint32_t>(result);
  ASSERT_GE(size, 64u);
  std::string got;
  for (int i = 0; i < Count; ++i)
    if (i % 3)
      got += (char)guest.Memory.base[data + i];
  EXPECT_EQ(got, expected.substr(0, size) +
                     std::string(expected.size() - size, '.'));
}

TEST_F(Fd, EmptyBuffersBeforeTheDataAreNoEnd) {
  int32_t fd = open("x");
  enum { Count = 200 };
  int32_t data = guest.room(8), iovecs = guest.room(Count * 8);
  for (int i = 0; i < Count; ++i) {
    Iovec iovec = {(uint32_t)data, i == Count - 1 ? 8u : 0u};
    std::memcpy(guest.Memory.base + iovecs + i * 8, &iovec, 8);
  }
  int32_t result = guest.room(4);
  ASSERT_EQ(wm_wasi_fd_read(guest, fd, iovecs, Count, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), 1u);
  ASSERT_EQ(wm_wasi_fd_read(guest, fd, iovecs, 0, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), 0u);
}

TEST_F(Fd, PositionedTransfersLeaveThePosition) {
  int32_t fd = open("0123456789");
  int32_t data = guest.text("ab"), result = guest.room(4);
  int32_t iovec = guest.put(Iovec{(uint32_t)data, 2});
  ASSERT_EQ(wm_wasi_fd_pwrite(guest, fd, iovec, 1, 4, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), 2u);
  ASSERT_EQ(wm_wasi_fd_pread(guest, fd, iovec, 1, 8, result), 0);
  EXPECT_EQ(guest.string(data, 2), "89");
  std::string text;
  ASSERT_EQ(guest.read(fd, text), 0);
  EXPECT_EQ(text, "0123ab6789");
  EXPECT_EQ(wm_wasi_fd_pread(guest, fd, iovec, 1, -1, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_fd_pwrite(guest, fd, iovec, 1, -1, result), PORT_EINVAL);
}

TEST_F(Fd, BadAddressesAreFaultsWithoutEffect) {
  int32_t fd = open("content");
  constexpr int32_t End = Guest::Size;
  int32_t result = guest.room(4);
  int32_t good = guest.put(Iovec{64, 4});
  struct {
    Iovec iovec;
  } bad[] = {{{End - 3, 4}}, {{UINT32_MAX, 1}}, {{UINT32_MAX, 2}},
             {{0, End + 1}}, {{1, UINT32_MAX}}, {{End + 1, 0}}};
  for (auto &each : bad) {
    int32_t iovec = guest.put(each.iovec);
    EXPECT_EQ(wm_wasi_fd_read(guest, fd, iovec, 1, result), PORT_EFAULT);
    EXPECT_EQ(wm_wasi_fd_write(guest, fd, iovec, 1, result), PORT_EFAULT);
    EXPECT_EQ(wm_wasi_fd_pread(guest, fd, iovec, 1, 0, result), PORT_EFAULT);
    EXPECT_EQ(wm_wasi_fd_pwrite(guest, fd, iovec, 1, 0, result), PORT_EFAULT);
  }
  for (int32_t array : {End - 7, -1, -8, End}) {
    EXPECT_EQ(wm_wasi_fd_read(guest, fd, array, 1, result), PORT_EFAULT);
    EXPECT_EQ(wm_wasi_fd_write(guest, fd, array, 1, result), PORT_EFAULT);
  }
  for (uint32_t count : {UINT32_MAX, 0x20000000u, 0x80000000u, End / 8u + 1})
    EXPECT_EQ(wm_wasi_fd_write(guest, fd, 0, (int32_t)count, result),
              PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_write(guest, fd, good, 1, End - 3), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_read(guest, fd, good, 1, -1), PORT_EFAULT);
  EXPECT_EQ(folder.read("root/file"), "content");
  std::string text; // nothing was consumed either
  ASSERT_EQ(guest.read(fd, text), 0);
  EXPECT_EQ(text, "content");
  // The memory's last bytes and a full array are good.
  EXPECT_EQ(
      wm_wasi_fd_read(guest, fd, guest.put(Iovec{End - 4, 4}), 1, End - 4), 0);
}

TEST_F(Fd, ArraysEndWhereAddressesDo) {
  // A 64-bit memory may go on beyond 4 GiB; WASI's addresses do not.
  constexpr uint64_t End = 1ull << 32, Size = End + 65536;
  uint8_t *small = guest.Memory.base;
  void *large = mmap(nullptr, Size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(large, MAP_FAILED);
  guest.Memory.base = (uint8_t *)large;
  guest.Memory.size = Size;
  int32_t fd = open("content");
  int32_t result = guest.room(4);
  Iovec iovec = {(uint32_t)End - 16, 8};
  std::memcpy(guest.Memory.base + End - 8, &iovec, sizeof iovec);
  EXPECT_EQ(wm_wasi_fd_write(guest, fd, -8, 1, result), 0);
  EXPECT_EQ(wm_wasi_fd_write(guest, fd, -8, 2, result), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_random_get(guest, -8, 8), 0);
  EXPECT_EQ(wm_wasi_random_get(guest, -8, 9), PORT_EFAULT);
  guest.Memory.base = small;
  guest.Memory.size = Guest::Size;
  munmap(large, Size);
}

TEST_F(Fd, WritesTheWholeMemoryAtOnce) {
  int32_t fd = open("");
  int32_t result = guest.room(4);
  int32_t iovec = guest.put(Iovec{0, Guest::Size});
  ASSERT_EQ(wm_wasi_fd_write(guest, fd, iovec, 1, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), +Guest::Size);
  struct ::stat host;
  ::stat(folder.path("root/file").c_str(), &host);
  EXPECT_EQ(host.st_size, Guest::Size);
}

TEST_F(Fd, StatIsTheHosts) {
  int32_t fd = open("12345");
  int32_t result = guest.room(sizeof(Filestat));
  ASSERT_EQ(wm_wasi_fd_filestat_get(guest, fd, result), 0);
  Filestat stat = guest.get<Filestat>(result);
  struct ::stat host;
  ::stat(folder.path("root/file").c_str(), &host);
  EXPECT_EQ(stat.device, host.st_dev);
  EXPECT_EQ(stat.inode, host.st_ino);
  EXPECT_EQ(stat.type, PORT_REGULAR_FILE);
  EXPECT_EQ(stat.links, 1u);
  EXPECT_EQ(stat.size, 5u);
  EXPECT_EQ(stat.modified, (uint64_t)host.st_mtim.tv_sec * 1000000000 +
                               (uint64_t)host.st_mtim.tv_nsec);
  EXPECT_EQ(wm_wasi_fd_filestat_get(guest, fd, Guest::Size - 63), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_filestat_get(guest, 9, result), PORT_EBADF);
}

TEST_F(Fd, SetsSizeAndAllocates) {
  int32_t fd = open("12345");
  ASSERT_EQ(wm_wasi_fd_filestat_set_size(guest, fd, 3), 0);
  EXPECT_EQ(folder.read("root/file"), "123");
  ASSERT_EQ(wm_wasi_fd_filestat_set_size(guest, fd, 5), 0);
  EXPECT_EQ(folder.read("root/file"), std::string("123\0\0", 5));
  EXPECT_EQ(wm_wasi_fd_filestat_set_size(guest, fd, -1), PORT_EINVAL);
  int32_t error = wm_wasi_fd_allocate(guest, fd, 0, 100);
  if (error != PORT_ENOTSUP) { // which the file system may answer
    ASSERT_EQ(error, 0);
    EXPECT_EQ(folder.read("root/file").size(), 100u);
    EXPECT_EQ(wm_wasi_fd_allocate(guest, fd, 0, 0), PORT_EINVAL);
    EXPECT_EQ(wm_wasi_fd_allocate(guest, fd, -1, 8), PORT_EINVAL);
  }
  EXPECT_EQ(wm_wasi_fd_allocate(guest, Guest::Root, 0, 8), PORT_ENOTCAPABLE);
  ASSERT_EQ(wm_wasi_fd_filestat_set_size(guest, fd, 0), 0);
  EXPECT_EQ(folder.read("root/file"), "");
}

TEST_F(Fd, SetsTimes) {
  int32_t fd = open("x");
  auto times = [&] {
    struct ::stat host;
    ::stat(folder.path("root/file").c_str(), &host);
    return std::pair((uint64_t)host.st_atim.tv_sec * 1000000000 +
                         (uint64_t)host.st_atim.tv_nsec,
                     (uint64_t)host.st_mtim.tv_sec * 1000000000 +
                         (uint64_t)host.st_mtim.tv_nsec);
  };
  constexpr int64_t A = 1111111111222222222, M = 999999999888888888;
  ASSERT_EQ(wm_wasi_fd_filestat_set_times(guest, fd, A, M, FstAtim | FstMtim),
            0);
  EXPECT_EQ(times(), std::pair((uint64_t)A, (uint64_t)M));
  ASSERT_EQ(wm_wasi_fd_filestat_set_times(guest, fd, 0, 0, FstMtimNow), 0);
  EXPECT_EQ(times().first, (uint64_t)A);
  EXPECT_GT(times().second, (uint64_t)A);
  ASSERT_EQ(wm_wasi_fd_filestat_set_times(guest, fd, 0, 5, FstMtim), 0);
  EXPECT_EQ(times(), std::pair((uint64_t)A, uint64_t{5}));
  ASSERT_EQ(wm_wasi_fd_filestat_set_times(guest, fd, 9, 9, 0), 0);
  EXPECT_EQ(times(), std::pair((uint64_t)A, uint64_t{5}));
  for (int32_t flags : {3, 12, 16, 15, -1})
    EXPECT_EQ(wm_wasi_fd_filestat_set_times(guest, fd, 0, 0, flags),
              PORT_EINVAL);
}

TEST_F(Fd, SyncsAndAdvises) {
  int32_t fd = open("x");
  EXPECT_EQ(wm_wasi_fd_sync(guest, fd), 0);
  EXPECT_EQ(wm_wasi_fd_datasync(guest, fd), 0);
  EXPECT_EQ(wm_wasi_fd_sync(guest, Guest::Root), 0);
  EXPECT_EQ(wm_wasi_fd_sync(guest, 50), PORT_EBADF);
  EXPECT_EQ(wm_wasi_fd_datasync(guest, -1), PORT_EBADF);
  for (int32_t advice = 0; advice < 6; ++advice)
    EXPECT_EQ(wm_wasi_fd_advise(guest, fd, 0, 100, advice), 0);
  EXPECT_EQ(wm_wasi_fd_advise(guest, fd, 0, 0, 6), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_fd_advise(guest, fd, 0, -1, 0), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_fd_advise(guest, Guest::Root, 0, 0, 0), PORT_EBADF);
}

TEST_F(Fd, FlagsAreSetAndTold) {
  int32_t fd = open("abc");
  EXPECT_EQ(guest.fdstat(fd).flags, 0);
  ASSERT_EQ(wm_wasi_fd_fdstat_set_flags(guest, fd, PORT_APPEND), 0);
  EXPECT_EQ(guest.fdstat(fd).flags, PORT_APPEND);
  ASSERT_EQ(guest.write(fd, "def"), 0);
  EXPECT_EQ(folder.read("root/file"), "abcdef");
  ASSERT_EQ(wm_wasi_fd_fdstat_set_flags(guest, fd, PORT_NONBLOCK), 0);
  EXPECT_EQ(guest.fdstat(fd).flags, PORT_NONBLOCK);
  EXPECT_EQ(wm_wasi_fd_fdstat_set_flags(guest, fd, PORT_SYNC), PORT_ENOTSUP);
  EXPECT_EQ(wm_wasi_fd_fdstat_set_flags(guest, fd, 32), PORT_EINVAL);
  int32_t synced = open("", ReadWrite, PORT_SYNC | PORT_APPEND);
  EXPECT_EQ(guest.fdstat(synced).flags & ~PORT_RSYNC,
            PORT_SYNC | PORT_DSYNC | PORT_APPEND);
  EXPECT_EQ(wm_wasi_fd_fdstat_get(guest, fd, Guest::Size - 23), PORT_EFAULT);
}

TEST_F(Fd, RightsCanOnlyBeGivenUp) {
  int32_t fd = open("abc");
  EXPECT_EQ(guest.fdstat(fd).rightsBase, +RightsRegularFile);
  EXPECT_EQ(guest.fdstat(fd).rightsInheriting, 0u);
  ASSERT_EQ(wm_wasi_fd_fdstat_set_rights(guest, fd, RightFdRead, 0), 0);
  EXPECT_EQ(guest.fdstat(fd).rightsBase, +RightFdRead);
  EXPECT_EQ(guest.write(fd, "x"), PORT_EBADF);
  int32_t result = guest.room(8);
  EXPECT_EQ(wm_wasi_fd_seek(guest, fd, 0, 0, result), PORT_ENOTCAPABLE);
  EXPECT_EQ(wm_wasi_fd_sync(guest, fd), PORT_ENOTCAPABLE);
  std::string text;
  EXPECT_EQ(guest.read(fd, text), 0);
  EXPECT_EQ(
      wm_wasi_fd_fdstat_set_rights(guest, fd, RightFdRead | RightFdSeek, 0),
      PORT_ENOTCAPABLE);
  EXPECT_EQ(wm_wasi_fd_fdstat_set_rights(guest, fd, -1, -1), PORT_ENOTCAPABLE);

  // What is opened beneath a directory has no more than it passes on.
  ASSERT_EQ(wm_wasi_fd_fdstat_set_rights(guest, Guest::Root,
                                         RightPathOpen | RightPathUnlinkFile,
                                         RightFdRead),
            0);
  EXPECT_EQ(guest.openPath("file", fd, 0, ReadWrite), PORT_ENOTCAPABLE);
  EXPECT_EQ(guest.openPath("new", fd, OpenCreate, RightFdRead),
            PORT_ENOTCAPABLE);
  EXPECT_EQ(guest.openPath("file", fd, OpenTruncate, RightFdRead),
            PORT_ENOTCAPABLE);
  EXPECT_EQ(guest.onPath(wm_wasi_path_create_directory, "d"), PORT_ENOTCAPABLE);
  EXPECT_EQ(folder.read("root/file"), "abc");
}

TEST_F(Fd, ModesFollowTheRightsAskedFor) {
  int32_t fd = open("abc", RightFdRead);
  EXPECT_EQ(guest.fdstat(fd).rightsBase, +RightFdRead);
  EXPECT_EQ(guest.write(fd, "x"), PORT_EBADF);
  fd = open("abc", RightFdWrite);
  std::string text;
  EXPECT_EQ(guest.read(fd, text), PORT_EBADF);
  EXPECT_EQ(guest.write(fd, "x"), 0);
  EXPECT_EQ(folder.read("root/file"), "xbc");
}

TEST_F(Fd, ClosedOnesAreGoneAndTheirNumbersReused) {
  int32_t first = open("a"), second = open("b");
  EXPECT_EQ(first, 4);
  EXPECT_EQ(second, 5);
  ASSERT_EQ(wm_wasi_fd_close(guest, first), 0);
  EXPECT_EQ(wm_wasi_fd_close(guest, first), PORT_EBADF);
  EXPECT_EQ(guest.write(first, "x"), PORT_EBADF);
  EXPECT_EQ(open("c"), first);
  EXPECT_EQ(open("d"), 6);
  for (int32_t fd : {-1, 7, 65535, 65536, INT32_MAX, INT32_MIN})
    EXPECT_EQ(wm_wasi_fd_close(guest, fd), PORT_EBADF) << fd;
}

TEST_F(Fd, ClosingAStreamLeavesTheHostsOpen) {
  ASSERT_EQ(wm_wasi_fd_close(guest, 2), 0);
  EXPECT_EQ(guest.write(2, "x"), PORT_EBADF);
  EXPECT_GE(fcntl(2, F_GETFD), 0);
}

TEST_F(Fd, RenumberingMovesAndCloses) {
  int32_t a = open("a");
  folder.write("root/other", "b");
  int32_t b;
  ASSERT_EQ(guest.openPath("other", b), 0);
  EXPECT_EQ(wm_wasi_fd_renumber(guest, a, 60), PORT_EBADF);
  EXPECT_EQ(wm_wasi_fd_renumber(guest, 60, a), PORT_EBADF);
  ASSERT_EQ(wm_wasi_fd_renumber(guest, b, a), 0);
  std::string text;
  ASSERT_EQ(guest.read(a, text), 0);
  EXPECT_EQ(text, "b");
  EXPECT_EQ(guest.read(b, text), PORT_EBADF);
  ASSERT_EQ(wm_wasi_fd_renumber(guest, a, a), 0);
  EXPECT_EQ(guest.read(a, text), 0);
  // Over a stream: the host's stays as it is.
  ASSERT_EQ(wm_wasi_fd_renumber(guest, a, 2), 0);
  EXPECT_EQ(guest.fdstat(2).type, PORT_REGULAR_FILE);
  EXPECT_GE(fcntl(2, F_GETFD), 0);
  EXPECT_EQ(open("c"), a);
}

TEST_F(Fd, NoDescriptorOfTheHostIsLeft) {
  auto count = [] {
    int open = 0;
    for (int fd = 0; fd < 4096; ++fd)
      open += fcntl(fd, F_GETFD) >= 0;
    return open;
  };
  Guest other;
  int before = count();
  ASSERT_TRUE(other.init(folder));
  for (int i = 0; i < 100; ++i) {
    int32_t fd;
    ASSERT_EQ(other.openPath(".", fd, OpenDirectory), 0);
  }
  EXPECT_EQ(count(), before + 101);
  wm_wasi_destroy(other);
  EXPECT_EQ(count(), before);
  EXPECT_EQ(wm_wasi_sched_yield(other), PORT_ENOSYS);
}

TEST_F(Fd, ManyAreHeldUntilTheHostHasNoMore) {
  std::vector<int32_t> fds;
  int32_t fd, error;
  while ((error = guest.openPath(".", fd, OpenDirectory)) == 0 &&
         fds.size() < 5000)
    fds.push_back(fd);
  if (error) {
    EXPECT_EQ(error, PORT_EMFILE);
  }
  ASSERT_GT(fds.size(), 200u);
  for (size_t i = 0; i < fds.size(); ++i)
    ASSERT_EQ(fds[i], (int32_t)i + 4);
  ASSERT_EQ(wm_wasi_fd_close(guest, fds[150]), 0);
  ASSERT_EQ(guest.openPath(".", fd, OpenDirectory), 0);
  EXPECT_EQ(fd, fds[150]);
}

TEST_F(Fd, DirectoriesAreNotRead) {
  std::string text;
  EXPECT_EQ(guest.read(Guest::Root, text), PORT_EISDIR);
  EXPECT_EQ(guest.write(Guest::Root, "x"), PORT_EBADF);
  int32_t fd = open("x"), result = guest.room(64);
  EXPECT_EQ(wm_wasi_fd_readdir(guest, fd, result, 8, 0, result), PORT_ENOTDIR);
  Fdstat stat = guest.fdstat(Guest::Root);
  EXPECT_EQ(stat.type, PORT_DIRECTORY);
  EXPECT_EQ(stat.rightsBase, +RightsDirectory);
  EXPECT_EQ(stat.rightsInheriting, +RightsAll);
}

TEST_F(Fd, ReaddirGivesEveryEntryOnceWhateverTheBuffer) {
  std::map<std::string, int> expected = {{".", 1}, {"..", 1}};
  for (int i = 0; i < 150; ++i) {
    std::string name =
        "entry" + std::string((size_t)i % 90, 'x') + std::to_string(i);
    folder.write("root/" + name, "");
    expected[name] = 1;
  }
  struct ::stat host;
  ::stat(folder.path("root").c_str(), &host);
  for (uint32_t size : {24u + 255, 300u, 512u, 4096u, 60000u}) {
    std::map<std::string, int> seen;
    int32_t buffer = 65536, result = 1000;
    uint64_t cookie = 0;
    bool isAtEnd = false;
    while (!isAtEnd) {
      ASSERT_EQ(wm_wasi_fd_readdir(guest, Guest::Root, buffer, (int32_t)size,
                                   (int64_t)cookie, result),
                0);
      uint32_t used = guest.get<uint32_t>(result);
      ASSERT_LE(used, size);
      isAtEnd = used < size;
      uint32_t offset = 0;
      while (offset + sizeof(Dirent) <= used) {
        Dirent entry = guest.get<Dirent>(buffer + (int32_t)offset);
        if (offset + sizeof(Dirent) + entry.nameSize > used)
          break; // cut
        std::string name = guest.string(
            buffer + (int32_t)(offset + sizeof(Dirent)), entry.nameSize);
        ++seen[name];
        if (name == "." || name == "..") {
          EXPECT_EQ(entry.inode, host.st_ino);
          EXPECT_EQ(entry.type, PORT_DIRECTORY);
        } else {
          EXPECT_EQ(entry.type, PORT_REGULAR_FILE);
        }
        cookie = entry.next;
        offset += sizeof(Dirent) + entry.nameSize;
      }
    }
    EXPECT_EQ(seen, expected) << size;
  }
}

TEST_F(Fd, ReaddirCutsAndRewinds) {
  int32_t buffer = guest.room(256), result = guest.room(4);
  ASSERT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 24, 0, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), 24u);
  ASSERT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 3, 0, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), 3u);
  ASSERT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 0, 0, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), 0u);
  ASSERT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 256, 0, result), 0);
  uint32_t first = guest.get<uint32_t>(result);
  ASSERT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 256, 0, result), 0);
  EXPECT_EQ(guest.get<uint32_t>(result), first);
  EXPECT_EQ(first, 2u * 24 + 1 + 2);
  EXPECT_EQ(wm_wasi_fd_readdir(guest, 3, Guest::Size - 4, 5, 0, result),
            PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 5, 0, Guest::Size - 3),
            PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, -1, 0, result), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_fd_readdir(guest, 3, buffer, 5, INT64_MIN, result),
            PORT_EINVAL);
}

TEST_F(Fd, StreamsAreWhatTheHostHas) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Guest other;
  {
    Redirect input(0, ends[0]);
    ASSERT_TRUE(other.init(folder));
    ASSERT_EQ(::write(ends[1], "from the host", 13), 13);
    std::string text;
    ASSERT_EQ(other.read(0, text), 0);
    EXPECT_EQ(text, "from the host");
    EXPECT_EQ(other.write(0, "x"), PORT_EBADF);
    int32_t result = other.room(8);
    EXPECT_EQ(wm_wasi_fd_seek(other, 0, 0, 0, result), PORT_ESPIPE);
    Fdstat stat = other.fdstat(0);
    EXPECT_EQ(stat.type, PORT_UNKNOWN);
    EXPECT_EQ(stat.rightsBase & (RightFdSeek | RightFdTell | RightFdWrite), 0u);
    EXPECT_EQ(wm_wasi_path_open(other, 0, 0, 0, 0, 0, 0, 0, 0, result),
              PORT_ENOTDIR);
  }
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Fd, ADirectoryAsStreamGrantsNothing) {
  int directory = ::open(folder.path("outside").c_str(), O_RDONLY);
  Guest other;
  {
    Redirect input(0, directory);
    ASSERT_TRUE(other.init(folder));
  }
  int32_t fd;
  EXPECT_EQ(other.openPath("secret", fd, 0, RightFdRead, 1, 0, 0),
            PORT_ENOTCAPABLE);
  close(directory);
}

TEST_F(Fd, NullDeviceIsNoTerminal) {
  int null = ::open("/dev/null", O_RDWR);
  Guest other;
  {
    Redirect output(1, null);
    ASSERT_TRUE(other.init(folder));
    EXPECT_EQ(other.write(1, "gone"), 0);
    Fdstat stat = other.fdstat(1);
    EXPECT_EQ(stat.type, PORT_CHARACTER_DEVICE);
    EXPECT_TRUE(stat.rightsBase & RightFdSeek);
  }
  close(null);
}
