// Files by path: what each operation does, and its errors. Every test runs
// with openat2 and with the walk: both must answer the same.
#include "guest.h"

using namespace wasi;

BOTH_RESOLUTIONS(Path);

TEST_P(Path, OpensCreatesAndTruncates) {
  int32_t fd;
  EXPECT_EQ(guest.openPath("file", fd), PORT_ENOENT);
  ASSERT_EQ(guest.openPath("file", fd, OpenCreate, ReadWrite), 0);
  ASSERT_EQ(guest.write(fd, "text"), 0);
  EXPECT_EQ(folder.read("root/file"), "text");
  EXPECT_EQ(guest.openPath("file", fd, OpenCreate | OpenExclusive, ReadWrite),
            PORT_EEXIST);
  ASSERT_EQ(guest.openPath("file", fd, OpenCreate, ReadWrite), 0);
  std::string text;
  ASSERT_EQ(guest.read(fd, text), 0);
  EXPECT_EQ(text, "text");
  ASSERT_EQ(guest.openPath("file", fd, OpenTruncate, ReadWrite), 0);
  EXPECT_EQ(folder.read("root/file"), "");
  EXPECT_EQ(guest.openPath("file", fd, OpenDirectory), PORT_ENOTDIR);
  EXPECT_EQ(guest.openPath("file/", fd), PORT_ENOTDIR);
  EXPECT_EQ(guest.openPath("file/below", fd), PORT_ENOTDIR);
  EXPECT_EQ(guest.openPath("new/", fd, OpenCreate, ReadWrite), PORT_EISDIR);
  EXPECT_EQ(guest.openPath("none/file", fd), PORT_ENOENT);
}

TEST_P(Path, OpensDirectoriesAndBeneathThem) {
  folder.mkdir_("root/d");
  folder.mkdir_("root/d/e");
  folder.write("root/d/e/file", "deep");
  int32_t fd, file;
  EXPECT_EQ(guest.openPath("d", fd, 0, ReadWrite), PORT_EISDIR);
  for (const char *path : {"d", "d/", "d/.", "./d", "d/e/..", "d//e/../."}) {
    ASSERT_EQ(guest.openPath(path, fd, OpenDirectory, RightsDirectory), 0)
        << path;
    EXPECT_EQ(guest.fdstat(fd).rightsBase, +RightsDirectory);
    EXPECT_EQ(guest.openPath(path, file, OpenDirectory, RightsAll),
              PORT_EISDIR);
    ASSERT_EQ(guest.openPath("e/file", file, 0, RightFdRead, 1, 0, fd), 0);
    std::string text;
    ASSERT_EQ(guest.read(file, text), 0);
    EXPECT_EQ(text, "deep");
    // A directory is the end of the world for what it is given to.
    EXPECT_EQ(guest.openPath("../d/e/file", file, 0, RightFdRead, 1, 0, fd),
              PORT_EPERM);
  }
  for (const char *path : {".", "./", "d/..", "d/e/../.."}) {
    ASSERT_EQ(guest.openPath(path, fd, OpenDirectory), 0) << path;
  }
  EXPECT_EQ(guest.openPath("d", fd, OpenDirectory | OpenCreate), PORT_EINVAL);
  EXPECT_EQ(guest.openPath(".", fd, OpenCreate, ReadWrite), PORT_EISDIR);
}

TEST_P(Path, FollowsLinksAsAsked) {
  folder.mkdir_("root/d");
  folder.write("root/d/file", "target");
  folder.symlink_("d/file", "root/link");
  folder.symlink_("../link", "root/d/back");
  folder.symlink_("d", "root/directory");
  folder.symlink_("nothing", "root/dangling");
  folder.symlink_("d/", "root/slash");
  int32_t fd;
  std::string text;
  for (const char *path : {"link", "d/back", "directory/file", "slash/file",
                           "directory/../link", "d/../directory/back"}) {
    ASSERT_EQ(guest.openPath(path, fd), 0) << path;
    ASSERT_EQ(guest.read(fd, text), 0);
    EXPECT_EQ(text, "target");
  }
  EXPECT_EQ(guest.openPath("link", fd, 0, RightFdRead, 0), PORT_ELOOP);
  EXPECT_EQ(guest.openPath("directory/file", fd, 0, RightFdRead, 0), 0);
  EXPECT_EQ(guest.openPath("directory/", fd, OpenDirectory), 0);
  EXPECT_EQ(guest.openPath("slash", fd, OpenDirectory), 0);
  EXPECT_EQ(guest.openPath("dangling", fd), PORT_ENOENT);
  ASSERT_EQ(guest.openPath("dangling", fd, OpenCreate, ReadWrite), 0);
  ASSERT_EQ(guest.write(fd, "made"), 0);
  EXPECT_EQ(folder.read("root/nothing"), "made");
  EXPECT_EQ(guest.openPath("link", fd, OpenCreate | OpenExclusive, ReadWrite),
            PORT_EEXIST);
}

TEST_P(Path, LinksThatTurnInCirclesEnd) {
  folder.symlink_("loop", "root/loop");
  folder.symlink_("b/x", "root/a");
  folder.symlink_("a/y", "root/b");
  folder.write("root/file", "x");
  std::string last = "file";
  for (int i = 0; i < 45; ++i) {
    folder.symlink_(last, "root/chain" + std::to_string(i));
    last = "chain" + std::to_string(i);
  }
  int32_t fd;
  Filestat stat;
  EXPECT_EQ(guest.openPath("loop", fd), PORT_ELOOP);
  EXPECT_EQ(guest.openPath("loop/file", fd), PORT_ELOOP);
  EXPECT_EQ(guest.openPath("a", fd), PORT_ELOOP);
  EXPECT_EQ(guest.openPath("chain38", fd), 0);
  EXPECT_EQ(guest.openPath("chain44", fd), PORT_ELOOP);
  EXPECT_EQ(guest.stat("loop", stat, LookupSymlinkFollow), PORT_ELOOP);
  EXPECT_EQ(guest.stat("loop", stat), 0);
  EXPECT_EQ(guest.link("loop", "new", LookupSymlinkFollow), PORT_ELOOP);
}

TEST_P(Path, TellsWhatItIs) {
  folder.mkdir_("root/d");
  folder.write("root/d/file", "12345");
  folder.symlink_("d/file", "root/link");
  Filestat stat;
  ASSERT_EQ(guest.stat("d/file", stat), 0);
  EXPECT_EQ(stat.type, PORT_REGULAR_FILE);
  EXPECT_EQ(stat.size, 5u);
  ASSERT_EQ(guest.stat("link", stat), 0);
  EXPECT_EQ(stat.type, PORT_SYMBOLIC_LINK);
  EXPECT_EQ(stat.size, 6u);
  ASSERT_EQ(guest.stat("link", stat, LookupSymlinkFollow), 0);
  EXPECT_EQ(stat.type, PORT_REGULAR_FILE);
  for (const char *path : {"d", "d/", ".", "d/.."}) {
    ASSERT_EQ(guest.stat(path, stat), 0) << path;
    EXPECT_EQ(stat.type, PORT_DIRECTORY);
  }
  EXPECT_EQ(guest.stat("d/file/", stat), PORT_ENOTDIR);
  EXPECT_EQ(guest.stat("link/", stat), PORT_ENOTDIR);
  EXPECT_EQ(guest.stat("none", stat), PORT_ENOENT);
  EXPECT_EQ(guest.stat("d", stat, 2), PORT_EINVAL);
  int32_t path = guest.text("d");
  EXPECT_EQ(wm_wasi_path_filestat_get(guest, 3, 0, path, 1, Guest::Size - 63),
            PORT_EFAULT);
}

TEST_P(Path, SetsTimesOfFileOrLink) {
  folder.write("root/file", "");
  folder.symlink_("file", "root/link");
  auto set = [&](std::string_view path, int32_t lookup, int64_t time,
                 int32_t flags) {
    return wm_wasi_path_filestat_set_times(guest, 3, lookup, guest.text(path),
                                           (int32_t)path.size(), time, time,
                                           flags);
  };
  Filestat stat;
  ASSERT_EQ(set("file", 0, 1000000007, FstAtim | FstMtim), 0);
  ASSERT_EQ(guest.stat("file", stat), 0);
  EXPECT_EQ(stat.accessed, 1000000007u);
  EXPECT_EQ(stat.modified, 1000000007u);
  ASSERT_EQ(set("link", 0, 5, FstMtim), 0);
  ASSERT_EQ(guest.stat("file", stat), 0);
  EXPECT_EQ(stat.modified, 1000000007u);
  ASSERT_EQ(guest.stat("link", stat), 0);
  EXPECT_EQ(stat.modified, 5u);
  ASSERT_EQ(set("link", LookupSymlinkFollow, 6, FstMtim), 0);
  ASSERT_EQ(guest.stat("file", stat), 0);
  EXPECT_EQ(stat.modified, 6u);
  EXPECT_EQ(set("none", 0, 6, FstMtim), PORT_ENOENT);
  EXPECT_EQ(set("file", 0, 6, FstMtim | FstMtimNow), PORT_EINVAL);
  EXPECT_EQ(set("file", 4, 6, FstMtim), PORT_EINVAL);
  EXPECT_EQ(set("../outside/secret", 0, 6, FstMtim), PORT_EPERM);
  EXPECT_EQ(set("..", 0, 6, FstMtim), PORT_EPERM);
}

TEST_P(Path, MakesAndRemovesDirectories) {
  auto *make = wm_wasi_path_create_directory;
  auto *remove = wm_wasi_path_remove_directory;
  EXPECT_EQ(guest.onPath(make, "d"), 0);
  EXPECT_EQ(guest.onPath(make, "d/e/"), 0);
  EXPECT_TRUE(folder.exists("root/d/e"));
  EXPECT_EQ(guest.onPath(make, "d"), PORT_EEXIST);
  EXPECT_EQ(guest.onPath(make, "d/."), PORT_EEXIST);
  EXPECT_EQ(guest.onPath(make, "d/.."), PORT_EEXIST);
  EXPECT_EQ(guest.onPath(make, "."), PORT_EEXIST);
  EXPECT_EQ(guest.onPath(make, ".."), PORT_EPERM);
  EXPECT_EQ(guest.onPath(make, "none/d"), PORT_ENOENT);
  EXPECT_EQ(guest.onPath(remove, "d"), PORT_ENOTEMPTY);
  EXPECT_EQ(guest.onPath(remove, "d/e/."), PORT_EINVAL);
  EXPECT_EQ(guest.onPath(remove, "d/e/.."), PORT_ENOTEMPTY);
  EXPECT_EQ(guest.onPath(remove, "d/../.."), PORT_EPERM);
  EXPECT_EQ(guest.onPath(remove, "d/e//"), 0);
  EXPECT_EQ(guest.onPath(remove, "d"), 0);
  EXPECT_FALSE(folder.exists("root/d"));
  EXPECT_EQ(guest.onPath(remove, "d"), PORT_ENOENT);
  folder.write("root/file", "");
  EXPECT_EQ(guest.onPath(remove, "file"), PORT_ENOTDIR);
  EXPECT_EQ(guest.onPath(make, "file"), PORT_EEXIST);
  EXPECT_EQ(guest.onPath(make, "file/d"), PORT_ENOTDIR);
}

TEST_P(Path, UnlinksFilesAndLinksThemselves) {
  auto *unlink = wm_wasi_path_unlink_file;
  folder.mkdir_("root/d");
  folder.write("root/d/file", "");
  folder.symlink_("d", "root/link");
  EXPECT_EQ(guest.onPath(unlink, "d"), PORT_EISDIR);
  EXPECT_EQ(guest.onPath(unlink, "d/"), PORT_EISDIR);
  EXPECT_EQ(guest.onPath(unlink, "d/."), PORT_EISDIR);
  EXPECT_EQ(guest.onPath(unlink, ".."), PORT_EPERM);
  EXPECT_EQ(guest.onPath(unlink, "d/file/"), PORT_ENOTDIR);
  EXPECT_EQ(guest.onPath(unlink, "link/"), PORT_ENOTDIR);
  EXPECT_TRUE(folder.exists("root/d/file"));
  EXPECT_EQ(guest.onPath(unlink, "link/file"), 0);
  EXPECT_FALSE(folder.exists("root/d/file"));
  EXPECT_EQ(guest.onPath(unlink, "link"), 0);
  EXPECT_TRUE(folder.exists("root/d"));
  EXPECT_EQ(guest.onPath(unlink, "link"), PORT_ENOENT);
}

TEST_P(Path, Renames) {
  folder.mkdir_("root/d");
  folder.mkdir_("root/full");
  folder.write("root/full/x", "");
  folder.write("root/file", "text");
  folder.symlink_("file", "root/link");
  EXPECT_EQ(guest.rename("file", "d/moved"), 0);
  EXPECT_EQ(folder.read("root/d/moved"), "text");
  EXPECT_EQ(guest.rename("link", "link2"), 0); // the link itself
  EXPECT_TRUE(folder.exists("root/link2"));
  EXPECT_EQ(guest.rename("d", "full"), PORT_ENOTEMPTY);
  EXPECT_EQ(guest.rename("d/moved", "full"), PORT_EISDIR);
  EXPECT_EQ(guest.rename("d", "link2"), PORT_ENOTDIR);
  EXPECT_EQ(guest.rename("d", "d/inside"), PORT_EINVAL);
  EXPECT_EQ(guest.rename("none", "x"), PORT_ENOENT);
  EXPECT_EQ(guest.rename("d/moved/", "x"), PORT_ENOTDIR);
  EXPECT_EQ(guest.rename("d/", "e/"), 0);
  EXPECT_EQ(guest.rename("e/.", "x"), PORT_EBUSY);
  EXPECT_EQ(guest.rename("e/moved", "../outside/x"), PORT_EPERM);
  EXPECT_EQ(guest.rename("../outside/secret", "x"), PORT_EPERM);
  EXPECT_EQ(folder.read("root/e/moved"), "text");
  EXPECT_EQ(folder.read("outside/secret"), "outside");
}

TEST_P(Path, LinksHard) {
  folder.mkdir_("root/d");
  folder.write("root/file", "text");
  folder.symlink_("../file", "root/d/link");
  EXPECT_EQ(guest.link("file", "d/hard"), 0);
  EXPECT_EQ(folder.read("root/d/hard"), "text");
  EXPECT_EQ(guest.link("file", "d/hard"), PORT_EEXIST);
  EXPECT_EQ(guest.link("d/link", "same"), 0);
  Filestat stat;
  ASSERT_EQ(guest.stat("same", stat), 0);
  EXPECT_EQ(stat.type, PORT_SYMBOLIC_LINK);
  EXPECT_EQ(guest.link("d/link", "followed", LookupSymlinkFollow), 0);
  ASSERT_EQ(guest.stat("followed", stat), 0);
  EXPECT_EQ(stat.type, PORT_REGULAR_FILE);
  EXPECT_EQ(stat.links, 3u);
  EXPECT_EQ(guest.link("d", "x"), PORT_EPERM);
  EXPECT_EQ(guest.link("d/", "x"), PORT_EPERM);
  EXPECT_EQ(guest.link("file/", "x"), PORT_ENOTDIR);
  EXPECT_EQ(guest.link("file/", "x", LookupSymlinkFollow), PORT_ENOTDIR);
  EXPECT_EQ(guest.link("none", "x"), PORT_ENOENT);
  EXPECT_EQ(guest.link("file", "x", 2), PORT_EINVAL);
  EXPECT_EQ(guest.link("../outside/secret", "x"), PORT_EPERM);
  EXPECT_EQ(guest.link("file", "../outside/x"), PORT_EPERM);
}

TEST_P(Path, LinksByNameAndReadsThem) {
  folder.mkdir_("root/d");
  ASSERT_EQ(guest.symlink("some/where", "d/link"), 0);
  std::string text;
  ASSERT_EQ(guest.readlink("d/link", text), 0);
  EXPECT_EQ(text, "some/where");
  ASSERT_EQ(guest.readlink("d/link", text, 4), 0);
  EXPECT_EQ(text, "some");
  ASSERT_EQ(guest.readlink("d/link", text, 0), 0);
  EXPECT_EQ(text, "");
  EXPECT_EQ(guest.symlink("x", "d/link"), PORT_EEXIST);
  EXPECT_EQ(guest.symlink("", "empty"), PORT_ENOENT);
  EXPECT_EQ(guest.symlink("/etc/passwd", "absolute"), PORT_EPERM);
  EXPECT_EQ(guest.symlink("x", "../outside/link"), PORT_EPERM);
  EXPECT_FALSE(folder.exists("outside/link"));
  EXPECT_EQ(guest.readlink("d", text), PORT_EINVAL);
  EXPECT_EQ(guest.readlink(".", text), PORT_EINVAL);
  EXPECT_EQ(guest.readlink("none", text), PORT_ENOENT);
  int32_t path = guest.text("d/link");
  EXPECT_EQ(wm_wasi_path_readlink(guest, 3, path, 6, Guest::Size - 1, 2, 0),
            PORT_EFAULT);
  EXPECT_EQ(wm_wasi_path_readlink(guest, 3, path, 6, 0, 2, -2), PORT_EFAULT);
}

TEST_P(Path, BadOnesAreRefused) {
  int32_t fd;
  std::string text;
  folder.write("root/file", "");
  EXPECT_EQ(guest.openPath("", fd), PORT_ENOENT);
  EXPECT_EQ(guest.onPath(wm_wasi_path_create_directory, ""), PORT_ENOENT);
  EXPECT_EQ(guest.link("", "x", LookupSymlinkFollow), PORT_ENOENT);
  EXPECT_EQ(guest.openPath(std::string_view("file\0x", 6), fd), PORT_EINVAL);
  EXPECT_EQ(guest.openPath(std::string_view("file\0", 5), fd), PORT_EINVAL);
  EXPECT_EQ(guest.openPath(std::string(4096, 'x'), fd), PORT_ENAMETOOLONG);
  EXPECT_EQ(guest.openPath(std::string(256, 'x'), fd), PORT_ENAMETOOLONG);
  EXPECT_EQ(guest.onPath(wm_wasi_path_unlink_file, std::string(256, 'x')),
            PORT_ENAMETOOLONG);
  EXPECT_EQ(guest.openPath(std::string(255, 'x'), fd), PORT_ENOENT);
  std::string dots;
  for (int i = 0; i < 2000; ++i)
    dots += "./";
  EXPECT_EQ(guest.openPath(dots + "file", fd), 0);
  EXPECT_EQ(guest.openPath("file", fd, 16), PORT_EINVAL);
  EXPECT_EQ(guest.openPath("file", fd, 0, 2, 2), PORT_EINVAL);
  EXPECT_EQ(guest.openPath("file", fd, 0, 2, 1, 32), PORT_EINVAL);
  EXPECT_EQ(guest.openPath("file", fd, 0, 2, 1, 0, 99), PORT_EBADF);
  int32_t file;
  ASSERT_EQ(guest.openPath("file", file), 0);
  EXPECT_EQ(guest.openPath("file", fd, 0, 2, 1, 0, file), PORT_ENOTDIR);
  auto *make = wm_wasi_path_create_directory;
  EXPECT_EQ(make(guest, 3, Guest::Size - 2, 3), PORT_EFAULT);
  EXPECT_EQ(make(guest, 3, -1, 1), PORT_EFAULT);
  EXPECT_EQ(make(guest, 3, 0, -1), PORT_EFAULT);
  EXPECT_EQ(make(guest, 3, 1, INT32_MIN), PORT_EFAULT);
  int32_t name = guest.text("file");
  EXPECT_EQ(
      wm_wasi_path_open(guest, 3, 0, name, 4, 0, 2, 0, 0, Guest::Size - 3),
      PORT_EFAULT);
}

TEST_P(Path, DeepOnesAreFound) {
  std::string path = "root";
  for (int i = 0; i < 200; ++i) {
    path += "/d";
    folder.mkdir_(path);
  }
  folder.write(path + "/file", "deep");
  std::string inside = path.substr(5);
  int32_t fd;
  ASSERT_EQ(guest.openPath(inside + "/file", fd), 0);
  std::string up;
  for (int i = 0; i < 200; ++i)
    up += "/..";
  EXPECT_EQ(guest.openPath(inside + up + "/" + inside + "/file", fd), 0);
  EXPECT_EQ(guest.openPath(inside + up + "/../outside/secret", fd), PORT_EPERM);
}
