// Descriptors that several threads use: what is closed while a call is in it.
#include "libc_backing/fd_table.h"
#include "tests/wasi/guest.h"

#include <atomic>
#include <thread>

using namespace wasi;

namespace {
class Table : public FdTable {
public:
  Table() {
    Room = mmap(nullptr, Bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    init((FdEntry *)Room);
  }
  ~Table() {
    closeAll();
    munmap(Room, Bytes);
  }
  int32_t open(uint64_t rights = RightsAll) {
    FdEntry entry = {};
    entry.host = ::open("/dev/null", O_RDWR);
    entry.rights = rights;
    entry.isOwned = true;
    return add(entry);
  }

private:
  static constexpr size_t Bytes = Maximum * sizeof(FdEntry);
  void *Room;
};
} // namespace

static bool isOpenInHost(int fd) { return fcntl(fd, F_GETFD) >= 0; }

TEST(FdTable, ClosesWhenTheLastCallEnds) {
  Table table;
  int32_t fd = table.open();
  int host;
  {
    FdUse use(table, fd);
    ASSERT_TRUE(use);
    host = use->host;
    EXPECT_EQ(table.close(fd), Success);
    EXPECT_EQ(table.close(fd), PORT_EBADF);
    EXPECT_FALSE(FdUse(table, fd));
    EXPECT_TRUE(isOpenInHost(host));
    // Neither number may mean another file meanwhile.
    int32_t other = table.open();
    EXPECT_NE(other, fd);
    EXPECT_NE(FdUse(table, other)->host, host);
  }
  EXPECT_FALSE(isOpenInHost(host));
  EXPECT_EQ(table.open(), fd);
}

TEST(FdTable, RenumbersNothingThatIsInUse) {
  Table table;
  int32_t one = table.open(), two = table.open();
  {
    FdUse use(table, one);
    EXPECT_EQ(table.renumber(one, two), PORT_EBUSY);
    EXPECT_EQ(table.renumber(two, one), PORT_EBUSY);
    EXPECT_EQ(table.renumber(one, one), Success);
  }
  int from = FdUse(table, one)->host, to = FdUse(table, two)->host;
  EXPECT_EQ(table.renumber(one, two), Success);
  EXPECT_FALSE(isOpenInHost(to));
  EXPECT_EQ(FdUse(table, two)->host, from);
  EXPECT_EQ(table.renumber(one, two), PORT_EBADF);
}

TEST(FdTable, ACallKeepsTheRightsThatItFound) {
  Table table;
  int32_t fd = table.open(RightFdRead | RightFdWrite);
  FdUse use(table, fd);
  EXPECT_EQ(table.restrict(fd, RightFdRead, 0), Success);
  EXPECT_EQ(use->rights, RightFdRead | RightFdWrite);
  EXPECT_EQ(FdUse(table, fd)->rights, RightFdRead);
  EXPECT_EQ(table.restrict(fd, RightFdWrite, 0), PORT_ENOTCAPABLE);
}

// Whatever the threads do to the same few numbers, a descriptor of the host's
// is open while somebody uses it, and closed once.
TEST(FdTable, ThreadsOpenAndCloseTheSameNumbers) {
  Table table;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      unsigned state = t + 1;
      for (int round = 0; round < 3000; ++round) {
        state = state * 1103515245 + 12345;
        int32_t fd = state >> 16 & 3;
        switch (state >> 20 & 7) {
        case 0:
          table.close(fd);
          break;
        case 1:
          table.renumber(fd, state >> 18 & 3);
          break;
        case 2:
        case 3: {
          int32_t opened = table.open();
          if (opened > 40)
            table.close(opened);
          break;
        }
        default:
          if (FdUse use(table, fd); use)
            failures += !isOpenInHost(use->host);
        }
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
}

TEST(FdTable, EndsWithItsLastUser) {
  Folder folder;
  folder.write("root/file", "contents");
  Guest first, second;
  ASSERT_TRUE(first.init(folder)) << first.Message;
  int32_t fd;
  ASSERT_EQ(first.openPath("file", fd), Success);
  wm_wasi_share(second, first);
  wm_wasi_destroy(first);
  std::string text;
  EXPECT_EQ(first.read(fd, text), PORT_ENOSYS);
  EXPECT_EQ(second.read(fd, text), Success);
  EXPECT_EQ(text, "contents");
  wm_wasi_destroy(second);
  EXPECT_EQ(second.read(fd, text), PORT_ENOSYS);
}
