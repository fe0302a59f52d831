// Arguments, environment, preopens, clocks, random numbers.
#include "guest.h"

using namespace wasi;

TEST(Args, AreCopiedWithTheirPointers) {
  Guest guest;
  const char *argv[] = {"program", "", "third one"};
  const char *env[] = {"A=1", "LONG=value"};
  guest.Config.argc = 3;
  guest.Config.argv = argv;
  guest.Config.env = env;
  guest.Config.env_count = 2;
  ASSERT_TRUE(guest.init());
  int32_t count = guest.room(4), size = guest.room(4);
  ASSERT_EQ(wm_wasi_args_sizes_get(guest, count, size), 0);
  EXPECT_EQ(guest.get<uint32_t>(count), 3u);
  EXPECT_EQ(guest.get<uint32_t>(size), 8u + 1 + 10);
  int32_t pointers = guest.room(12), buffer = guest.room(19);
  ASSERT_EQ(wm_wasi_args_get(guest, pointers, buffer), 0);
  EXPECT_EQ(guest.string(buffer, 19),
            std::string("program\0\0third one\0", 19));
  EXPECT_EQ(guest.get<int32_t>(pointers), buffer);
  EXPECT_EQ(guest.get<int32_t>(pointers + 4), buffer + 8);
  EXPECT_EQ(guest.get<int32_t>(pointers + 8), buffer + 9);

  ASSERT_EQ(wm_wasi_environ_sizes_get(guest, count, size), 0);
  EXPECT_EQ(guest.get<uint32_t>(count), 2u);
  EXPECT_EQ(guest.get<uint32_t>(size), 15u);
  buffer = guest.room(15);
  ASSERT_EQ(wm_wasi_environ_get(guest, pointers, buffer), 0);
  EXPECT_EQ(guest.string(buffer, 15), std::string("A=1\0LONG=value\0", 15));
}

TEST(Args, NoneAreNeeded) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  int32_t count = guest.room(4), size = guest.room(4);
  ASSERT_EQ(wm_wasi_environ_sizes_get(guest, count, size), 0);
  EXPECT_EQ(guest.get<uint32_t>(count), 0u);
  EXPECT_EQ(guest.get<uint32_t>(size), 0u);
  EXPECT_EQ(wm_wasi_environ_get(guest, 0, 0), 0);
  // An empty range may lie at the end, not behind it.
  EXPECT_EQ(wm_wasi_environ_get(guest, Guest::Size, Guest::Size), 0);
  EXPECT_EQ(wm_wasi_environ_get(guest, Guest::Size + 1, 0), PORT_EFAULT);
}

TEST(Args, MustFit) {
  Guest guest;
  const char *argv[] = {"abc", "d"};
  guest.Config.argc = 2;
  guest.Config.argv = argv;
  ASSERT_TRUE(guest.init());
  EXPECT_EQ(wm_wasi_args_get(guest, Guest::Size - 8, Guest::Size - 14), 0);
  EXPECT_EQ(wm_wasi_args_get(guest, Guest::Size - 7, 0), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_args_get(guest, 0, Guest::Size - 5), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_args_get(guest, -4, 0), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_args_sizes_get(guest, Guest::Size - 3, 0), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_args_sizes_get(guest, 0, -1), PORT_EFAULT);
}

template <typename... A>
static int32_t withZeros(int32_t (*function)(wm_instance *, A...),
                         wm_instance *instance) {
  return function(instance, A{}...);
}

/// proc_exit needs no state.
static int32_t withZeros(void (*)(wm_instance *, int32_t), wm_instance *) {
  return PORT_ENOSYS;
}

TEST(Init, WithoutItFunctionsAnswerNosys) {
  Guest guest;
#define WASI(name, signature)                                                  \
  EXPECT_EQ(withZeros(wm_wasi_##name, guest), PORT_ENOSYS) << #name;
#include "libc_backing/wasi.def"
}

template <typename T> constexpr char letter() {
  return __is_same(T, int32_t) ? 'i' : __is_same(T, int64_t) ? 'l' : 'v';
}

template <typename R, typename... A>
static std::string signatureOf(R (*)(wm_instance *, A...)) {
  return {letter<R>(), letter<A>()...};
}

TEST(Init, TheListHasTheSignaturesOfTheFunctions) {
  int count = 0;
#define WASI(name, signature)                                                  \
  EXPECT_EQ(signatureOf(wm_wasi_##name), signature) << #name;                  \
  ++count;
#include "libc_backing/wasi.def"
  EXPECT_EQ(count, 46);
}

TEST(Init, PreopensFollowTheStreamsInOrder) {
  Folder folder;
  Guest guest;
  std::string root = folder.path("root"), outside = folder.path("outside");
  guest.Preopens = {{root.c_str(), "/"}, {outside.c_str(), "second"}};
  guest.Config.preopens = guest.Preopens.data();
  guest.Config.preopen_count = 2;
  ASSERT_TRUE(guest.init());
  int32_t result = guest.room(8), name = guest.room(16);
  ASSERT_EQ(wm_wasi_fd_prestat_get(guest, 3, result), 0);
  EXPECT_EQ(guest.get<Prestat>(result).tag, 0);
  EXPECT_EQ(guest.get<Prestat>(result).nameSize, 1u);
  ASSERT_EQ(wm_wasi_fd_prestat_get(guest, 4, result), 0);
  EXPECT_EQ(guest.get<Prestat>(result).nameSize, 6u);
  EXPECT_EQ(wm_wasi_fd_prestat_get(guest, 5, result), PORT_EBADF);
  EXPECT_EQ(wm_wasi_fd_prestat_get(guest, 0, result), PORT_EBADF);
  EXPECT_EQ(wm_wasi_fd_prestat_get(guest, 4, Guest::Size - 7), PORT_EFAULT);
  ASSERT_EQ(wm_wasi_fd_prestat_dir_name(guest, 4, name, 6), 0);
  EXPECT_EQ(guest.string(name, 6), "second");
  EXPECT_EQ(wm_wasi_fd_prestat_dir_name(guest, 4, name, 5), PORT_ENAMETOOLONG);
  EXPECT_EQ(wm_wasi_fd_prestat_dir_name(guest, 1, name, 6), PORT_EBADF);
  EXPECT_EQ(wm_wasi_fd_prestat_dir_name(guest, 4, Guest::Size - 5, 6),
            PORT_EFAULT);
}

TEST(Init, APreopenThatIsMissingIsSaid) {
  Folder folder;
  Guest guest;
  std::string missing = folder.path("missing");
  guest.Preopens = {{missing.c_str(), "/"}};
  guest.Config.preopens = guest.Preopens.data();
  guest.Config.preopen_count = 1;
  EXPECT_FALSE(guest.init());
  EXPECT_EQ(std::string(guest.Message), "cannot open directory \"" + missing +
                                            "\": no such file or directory");
  EXPECT_EQ(wm_wasi_sched_yield(guest), PORT_ENOSYS);

  std::string file = folder.path("outside/secret");
  guest.Preopens = {{file.c_str(), "/"}};
  char tiny[8];
  EXPECT_FALSE(wm_wasi_init(guest, &guest.Config, tiny, sizeof tiny));
  EXPECT_STREQ(tiny, "cannot ");
}

TEST(Init, AClosedStreamIsNoDescriptor) {
  Folder folder;
  Guest guest;
  int saved = dup(0);
  close(0);
  bool isDone = guest.init(folder);
  dup2(saved, 0);
  close(saved);
  ASSERT_TRUE(isDone);
  std::string text;
  EXPECT_EQ(guest.read(0, text), PORT_EBADF);
  EXPECT_EQ(guest.fdstat(3).type, PORT_DIRECTORY);
  // Its number is the lowest free one.
  int32_t fd;
  ASSERT_EQ(guest.openPath(".", fd, OpenDirectory), 0);
  EXPECT_EQ(fd, 0);
}

TEST(Init, WithoutMemoryPointersAreFaults) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  guest.Module.num_memories = 0;
  EXPECT_EQ(wm_wasi_args_sizes_get(guest, 0, 8), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_random_get(guest, 0, 1), PORT_EFAULT);
}

TEST(Clock, TellsTheTime) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  int32_t result = guest.room(8);
  for (int32_t id = 0; id < 4; ++id) {
    ASSERT_EQ(wm_wasi_clock_res_get(guest, id, result), 0);
    EXPECT_GT(guest.get<uint64_t>(result), 0u);
    EXPECT_LE(guest.get<uint64_t>(result), 1000000000u);
    ASSERT_EQ(wm_wasi_clock_time_get(guest, id, 1, result), 0);
    uint64_t first = guest.get<uint64_t>(result);
    timespec host;
    clock_gettime(id, &host);
    uint64_t second =
        (uint64_t)host.tv_sec * 1000000000 + (uint64_t)host.tv_nsec;
    EXPECT_LE(first, second);
    EXPECT_LT(second - first, 10000000000u);
  }
  EXPECT_EQ(wm_wasi_clock_time_get(guest, 4, 0, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_clock_time_get(guest, -1, 0, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_clock_res_get(guest, 4, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_clock_res_get(guest, 0, Guest::Size - 7), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_clock_time_get(guest, 0, 0, -8), PORT_EFAULT);
}

TEST(Random, FillsAllOfTheBufferAndNoMore) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  enum { Bytes = 70000 };
  int32_t buffer = guest.room(Bytes + 1);
  ASSERT_EQ(wm_wasi_random_get(guest, buffer, Bytes), 0);
  std::string one = guest.string(buffer, Bytes);
  ASSERT_EQ(wm_wasi_random_get(guest, buffer, Bytes), 0);
  std::string two = guest.string(buffer, Bytes);
  // Of any 64 bytes, at least one is not zero and not as before.
  for (size_t i = 0; i + 64 <= Bytes; i += 64) {
    EXPECT_NE(one.substr(i, 64), std::string(64, 0));
    EXPECT_NE(one.substr(i, 64), two.substr(i, 64));
  }
  EXPECT_EQ(guest.get<uint8_t>(buffer + Bytes), 0);
  EXPECT_EQ(wm_wasi_random_get(guest, Guest::Size - 16, 16), 0);
  EXPECT_EQ(wm_wasi_random_get(guest, Guest::Size - 16, 17), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_random_get(guest, -1, 2), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_random_get(guest, 16, -1), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_random_get(guest, Guest::Size, 0), 0);
}
