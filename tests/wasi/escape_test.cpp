// Attempts to reach what was not granted, with openat2 and with the walk.
#include "guest.h"

#include <atomic>
#include <cerrno>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>

using namespace wasi;

BOTH_RESOLUTIONS(Escape);

/// Every path by which `outside/secret` or `outside` might be reached.
static const char *const Attempts[] = {
    "../outside/secret",
    "../outside",
    "..",
    "../",
    "d/../../outside/secret",
    "d/e/../../../outside/secret",
    "./.././outside/secret",
    "d/../../root/../outside/secret",
    "//etc/passwd",
    "/etc/passwd",
    "/",
    "/proc/self/root/etc/passwd",
    "up/outside/secret",
    "up/../outside/secret",
    "absolute",
    "absolute/passwd",
    "to_secret",
    "to_outside/secret",
    "to_outside/.",
    "to_outside/",
    "d/chain",
    "d/chain/../secret",
    "../root/inside",
    "up/root/inside",
};

static void makeTraps(const Folder &folder) {
  folder.mkdir_("root/d");
  folder.mkdir_("root/d/e");
  folder.write("root/inside", "inside");
  folder.symlink_("..", "root/up");
  folder.symlink_("/etc", "root/absolute");
  folder.symlink_("../outside/secret", "root/to_secret");
  folder.symlink_("../outside", "root/to_outside");
  folder.symlink_("e/../../to_outside", "root/d/chain");
}

TEST_P(Escape, LookingUpIsRefused) {
  makeTraps(folder);
  for (const char *path : Attempts) {
    int32_t fd;
    EXPECT_EQ(guest.openPath(path, fd), PORT_EPERM) << path;
    EXPECT_EQ(guest.openPath(path, fd, OpenDirectory), PORT_EPERM) << path;
    // Before it looks, the kernel refuses to create what ends with a slash.
    int32_t error =
        guest.openPath(path, fd, OpenCreate | OpenTruncate, ReadWrite);
    bool isEarly = path[std::strlen(path) - 1] == '/' && error == PORT_EISDIR;
    EXPECT_TRUE(error == PORT_EPERM || isEarly) << path << ": " << error;
    Filestat stat;
    EXPECT_EQ(guest.stat(path, stat, LookupSymlinkFollow), PORT_EPERM) << path;
    int32_t text = guest.text(path);
    EXPECT_EQ(wm_wasi_path_filestat_set_times(guest, 3, LookupSymlinkFollow,
                                              text, (int32_t)std::strlen(path),
                                              1, 1, FstMtim),
              PORT_EPERM)
        << path;
    EXPECT_EQ(guest.link(path, "stolen", LookupSymlinkFollow), PORT_EPERM)
        << path;
  }
  EXPECT_FALSE(folder.exists("root/stolen"));
  EXPECT_EQ(folder.read("outside/secret"), "outside");
}

TEST_P(Escape, ChangingIsRefused) {
  makeTraps(folder);
  for (std::string prefix :
       {"../outside", "up/outside", "to_outside", "d/chain", "to_outside/.",
        "d/../../outside", "/tmp", "absolute"}) {
    std::string made = prefix + "/made", secret = prefix + "/secret", text;
    EXPECT_EQ(guest.onPath(wm_wasi_path_create_directory, made), PORT_EPERM);
    EXPECT_EQ(guest.onPath(wm_wasi_path_remove_directory, made), PORT_EPERM);
    EXPECT_EQ(guest.onPath(wm_wasi_path_unlink_file, secret), PORT_EPERM);
    EXPECT_EQ(guest.symlink("x", made), PORT_EPERM);
    EXPECT_EQ(guest.readlink(secret, text), PORT_EPERM);
    EXPECT_EQ(guest.rename("inside", made), PORT_EPERM);
    EXPECT_EQ(guest.rename(secret, "stolen"), PORT_EPERM);
    EXPECT_EQ(guest.link("inside", made), PORT_EPERM);
    EXPECT_EQ(guest.link(secret, "stolen"), PORT_EPERM);
    int32_t fd;
    EXPECT_EQ(guest.openPath(made, fd, OpenCreate, ReadWrite, 0), PORT_EPERM);
  }
  EXPECT_TRUE(folder.exists("root/inside"));
  EXPECT_FALSE(folder.exists("root/stolen"));
  EXPECT_FALSE(folder.exists("outside/made"));
  EXPECT_EQ(folder.read("outside/secret"), "outside");
}

TEST_P(Escape, LinksAreChangedNotFollowed) {
  makeTraps(folder);
  EXPECT_NE(guest.onPath(wm_wasi_path_create_directory, "to_outside/"), 0);
  EXPECT_NE(guest.onPath(wm_wasi_path_remove_directory, "to_outside/"), 0);
  EXPECT_NE(guest.onPath(wm_wasi_path_unlink_file, "to_outside/"), 0);
  EXPECT_NE(guest.rename("to_outside/", "x"), 0);
  EXPECT_NE(guest.rename("d/", "to_outside/"), 0);
  EXPECT_EQ(guest.link("to_outside/", "x"), PORT_EPERM);
  std::string text;
  EXPECT_EQ(guest.readlink("to_outside/", text), PORT_EPERM);
  EXPECT_EQ(guest.readlink("to_outside", text), 0);
  EXPECT_EQ(text, "../outside");
  // A dangling link outwards creates nothing there.
  folder.symlink_("../outside/made", "root/dangling");
  int32_t fd;
  EXPECT_EQ(guest.openPath("dangling", fd, OpenCreate, ReadWrite), PORT_EPERM);
  EXPECT_FALSE(folder.exists("outside/made"));
  EXPECT_EQ(guest.onPath(wm_wasi_path_unlink_file, "to_secret"), 0);
  EXPECT_EQ(folder.read("outside/secret"), "outside");
}

TEST_P(Escape, MagicLinksAreNotFollowed) {
  Guest other;
  other.Preopens = {{"/proc", "/proc"}};
  other.Config.preopens = other.Preopens.data();
  other.Config.preopen_count = 1;
  ASSERT_TRUE(other.init());
  int secret = open(folder.path("outside/secret").c_str(), O_RDONLY);
  std::string process = std::to_string(getpid());
  int32_t fd;
  for (std::string path :
       {process + "/root/etc/passwd", process + "/cwd/.",
        process + "/fd/" + std::to_string(secret), process + "/exe"})
    EXPECT_NE(other.openPath(path, fd), 0) << path;
  // Reading plain files there is fine; writing would reach the process.
  EXPECT_EQ(other.openPath(process + "/status", fd), 0);
  EXPECT_EQ(other.openPath(process + "/mem", fd, 0, RightFdWrite), PORT_EPERM);
  EXPECT_EQ(other.openPath(process + "/comm", fd, 0, ReadWrite), PORT_EPERM);
  close(secret);
}

TEST_P(Escape, RacingRenamesNeverLeadOutside) {
  // One thread swaps a directory and a link to the outside, and moves a
  // directory out of the granted tree and back, while the guest resolves.
  folder.mkdir_("root/swap");
  folder.write("root/swap/data", "inside");
  folder.symlink_("../outside", "root/link");
  folder.write("outside/data", "outside");
  folder.write("outside/victim", "outside");
  folder.mkdir_("root/a");
  folder.write("root/a/data", "inside");
  folder.mkdir_("root/a/b");
  folder.mkdir_("root/a/b/c");

  std::atomic<bool> isDone = false;
  std::atomic<int> swaps = 0;
  std::thread racer([&] {
    std::string swap = folder.path("root/swap"),
                link = folder.path("root/link");
    std::string in = folder.path("root/a/b"), out = folder.path("outside/b");
    while (!isDone) {
      syscall(SYS_renameat2, AT_FDCWD, swap.c_str(), AT_FDCWD, link.c_str(),
              RENAME_EXCHANGE);
      ::rename(in.c_str(), out.c_str());
      ::rename(out.c_str(), in.c_str());
      ++swaps;
    }
    // Leave things in a known order.
    ::rename(out.c_str(), in.c_str());
  });

  int reached = 0, refused = 0, escaped = 0;
  for (int i = 0; i < 20000; ++i) {
    static const char *const paths[] = {
        "swap/data",
        "swap/./data",
        "a/b/c/../../data",
        "link/data",
        "a/b/../data",
        "swap/../a/data",
        "a/b/c/../../../swap/data",
    };
    const char *path = paths[i % 7];
    int32_t fd, error;
    switch (i / 7 % 8) {
    case 0:
      error = guest.onPath(wm_wasi_path_create_directory, "swap/made");
      break;
    case 1:
      error = guest.onPath(wm_wasi_path_unlink_file, "swap/victim");
      break;
    case 2:
      error = guest.rename("a/data", "swap/moved");
      if (!error)
        guest.rename("swap/moved", "a/data");
      break;
    case 3:
      error = guest.openPath("swap/created", fd, OpenCreate, ReadWrite);
      if (!error)
        wm_wasi_fd_close(guest, fd);
      break;
    default:
      error = guest.openPath(path, fd);
      if (!error) {
        std::string text;
        guest.read(fd, text);
        escaped += text == "outside";
        wm_wasi_fd_close(guest, fd);
      }
    }
    (error ? refused : reached)++;
  }
  isDone = true;
  racer.join();
  EXPECT_EQ(escaped, 0);
  EXPECT_FALSE(folder.exists("outside/made"));
  EXPECT_FALSE(folder.exists("outside/moved"));
  EXPECT_FALSE(folder.exists("outside/created"));
  EXPECT_EQ(folder.read("outside/victim"), "outside");
  // The race took place: both sides of it were seen.
  EXPECT_GT(swaps, 100);
  EXPECT_GT(reached, 100);
  EXPECT_GT(refused, 100);
}

/// A filter of system calls as containers have them: openat2 answers `error`.
static bool forbidOpenat2(unsigned error) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog filter = {4, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(Fallback, WalksWhereOpenat2IsMissingOrForbidden) {
  Folder folder;
  makeTraps(folder);
  for (unsigned error : {ENOSYS, EPERM}) {
    pid_t child = fork();
    if (child == 0) {
      Guest guest;
      if (!guest.init(folder) || !forbidOpenat2(error))
        _exit(1);
      int32_t fd;
      std::string text;
      if (guest.openPath("d/e/../../inside", fd) || guest.read(fd, text) ||
          text != "inside")
        _exit(2);
      if (guest.openPath("to_secret", fd) != PORT_EPERM)
        _exit(3);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0) << error;
  }
}
