// Every function with garbage: whatever the guest passes, the host neither
// crashes nor hangs, and nothing outside of the granted directory changes.
#include "guest.h"

#include <csignal>
#include <random>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

using namespace wasi;

namespace {
class Fuzzer {
public:
  Fuzzer(Guest &guest, unsigned seed) : guest(guest), random(seed) {}

  template <typename R, typename... A> void call(R (*f)(wm_instance *, A...)) {
    f(guest, pick(A{})...);
  }

  /// Garbage, small numbers, flags and paths, so that some of it makes sense.
  void fillMemory() {
    static const char *const paths[] = {
        "a",  "b",          "a/b",         "../outside/secret",
        "..", "up/outside", "/tmp/x",      ".",
        "a/", "link",       "link/secret", "a/../../outside"};
    for (uint32_t at = 0; at < Guest::Size; at += 8) {
      uint32_t words[2] = {number(), number()};
      std::memcpy(guest.Memory.base + at, words, 8);
      if (random() % 8 == 0 && at + 24 <= Guest::Size)
        std::strncpy((char *)guest.Memory.base + at, paths[random() % 12], 24);
      at += random() % 2 ? 0 : 16; // words follow, or the rest of the path
    }
  }

private:
  uint32_t number() {
    switch (random() % 8) {
    case 0:
      return Guest::Size - random() % 70;
    case 1:
      return UINT32_MAX - random() % 70;
    case 2:
      return random();
    case 3:
    case 4:
      return random() % Guest::Size;
    default:
      return random() % 17;
    }
  }
  int32_t pick(int32_t) { return (int32_t)number(); }
  int64_t pick(int64_t) {
    switch (random() % 4) {
    case 0:
      return (int64_t)((uint64_t)random() << 32 | random());
    case 1:
      return RightsAll;
    case 2:
      return -(int64_t)(random() % 5);
    default:
      return random() % 100;
    }
  }

  Guest &guest;
  std::mt19937 random;
};
} // namespace

static int fuzz(const Folder &folder, bool walk, unsigned seed) {
  // Without effects beyond: no large files, no output, no waiting.
  int null = open("/dev/null", O_RDWR);
  dup2(null, 0);
  dup2(null, 1);
  rlimit small = {1 << 16, 1 << 16};
  setrlimit(RLIMIT_FSIZE, &small);
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  sigaction(SIGALRM, &action, nullptr);
  itimerval timer = {{0, 2000}, {0, 2000}};
  setitimer(ITIMER_REAL, &timer, nullptr);
  umask(0);

  linux_files::forceWalk(walk);
  Guest guest;
  const char *argv[] = {"program"};
  guest.Config.argc = 1;
  guest.Config.argv = argv;
  for (int round = 0; round < 60; ++round) {
    if (!guest.init(folder))
      return 1;
    // Not the test's own messages.
    wm_wasi_fd_close(guest, 2);
    Fuzzer fuzzer(guest, seed * 1000 + (unsigned)round);
    fuzzer.fillMemory();
    for (int i = 0; i < 40; ++i) {
#define WASI(name, signature)                                                  \
  if constexpr (std::string_view(#name) != "proc_exit" &&                      \
                std::string_view(#name) != "proc_raise")                       \
    fuzzer.call(wm_wasi_##name);
#include "libc_backing/wasi.def"
      wm_wasi_proc_raise(guest, 31 + i);
    }
    wm_wasi_destroy(guest);
  }
  return 0;
}

class Fuzz : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(, Fuzz, testing::Bool(), resolutionName);

TEST_P(Fuzz, GarbageHasNoEffectOutside) {
  Folder folder;
  folder.mkdir_("root/a");
  folder.write("root/b", "text");
  folder.symlink_("../outside", "root/link");
  folder.symlink_("..", "root/up");
  struct ::stat before, after;
  ::stat(folder.path("outside").c_str(), &before);
  for (unsigned seed = 1; seed <= 4; ++seed) {
    pid_t child = fork();
    if (child == 0)
      _exit(fuzz(folder, GetParam(), seed));
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 0) << seed;
  }
  ::stat(folder.path("outside").c_str(), &after);
  EXPECT_EQ(folder.read("outside/secret"), "outside");
  EXPECT_EQ(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
  EXPECT_EQ(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
  EXPECT_EQ(before.st_nlink, after.st_nlink);
}
