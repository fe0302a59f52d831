// Files by path. What looks an object up opens it beneath its directory and
// works on the descriptor; what changes a directory opens the directory that
// holds the last component beneath, and names that component alone. Nothing
// here hands the kernel a path of the guest's that it could follow outside.
#include "ports/linux/files.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/stat.h>

using namespace linux_files;

/// A descriptor that is closed at the end of its block.
class ScopedFd {
public:
  explicit ScopedFd(int fd) : Fd(fd) {}
  ~ScopedFd() {
    if (Fd >= 0)
      linuxCall(__NR_close, Fd);
  }
  ScopedFd(const ScopedFd &) = delete;
  int get() const { return Fd; }
  int release() {
    int fd = Fd;
    Fd = -1;
    return fd;
  }

private:
  int Fd;
};

/// Of a failed resolution: EXDEV is the attempt to leave the directory.
static int resolutionError(int error) {
  return error == -EXDEV ? -PORT_EPERM : (int)portResult(error);
}

/// Whether writing would reach more than files: through /proc/self/mem a
/// guest that was granted / would write to the host's memory.
static bool isProcess(int fd) {
  // struct statfs starts with the file system's type, and is shorter.
  long buffer[64];
  long error = linuxCall(__NR_fstatfs, fd, buffer);
  return error || buffer[0] == PROC_SUPER_MAGIC;
}

int port_open(int directory, const char *path, uint32_t flags) {
  bool reads = flags & PORT_READ;
  bool writes = flags & PORT_WRITE;
  int how = O_NOCTTY | (writes ? (reads ? O_RDWR : O_WRONLY) : O_RDONLY);
  if (flags & PORT_APPEND)
    how |= O_APPEND;
  if (flags & PORT_DSYNC)
    how |= O_DSYNC;
  if (flags & (PORT_SYNC | PORT_RSYNC))
    how |= O_SYNC;
  if (flags & PORT_NONBLOCK)
    how |= O_NONBLOCK;
  if (flags & PORT_CREATE)
    how |= O_CREAT;
  if (flags & PORT_EXCLUSIVE)
    how |= O_EXCL;
  if (flags & PORT_TRUNCATE)
    how |= O_TRUNC;
  if (flags & PORT_ONLY_DIRECTORY)
    how |= O_DIRECTORY;
  if (!(flags & PORT_FOLLOW))
    how |= O_NOFOLLOW;
  ScopedFd fd(aboveStreams(openBeneath(directory, path, how, 0666)));
  if (fd.get() < 0)
    return resolutionError(fd.get());
  if (writes && isProcess(fd.get()))
    return -PORT_EPERM;
  return fd.release();
}

int port_make_directory(int directory, char *path) {
  Parent parent;
  if (int error = parent.resolve(directory, path))
    return resolutionError(error);
  return (int)portResult(
      linuxCall(__NR_mkdirat, parent.fd(), parent.name(), 0777));
}

static int unlink(int directory, char *path, int flags) {
  Parent parent;
  if (int error = parent.resolve(directory, path))
    return resolutionError(error);
  return (int)portResult(
      linuxCall(__NR_unlinkat, parent.fd(), parent.name(), flags));
}

int port_remove_directory(int directory, char *path) {
  return unlink(directory, path, AT_REMOVEDIR);
}

int port_unlink(int directory, char *path) {
  return unlink(directory, path, 0);
}

int port_rename(int oldDirectory, char *oldPath, int newDirectory,
                char *newPath) {
  Parent from, to;
  if (int error = from.resolve(oldDirectory, oldPath))
    return resolutionError(error);
  if (int error = to.resolve(newDirectory, newPath))
    return resolutionError(error);
  return (int)portResult(
      linuxCall(__NR_renameat2, from.fd(), from.name(), to.fd(), to.name(), 0));
}

int port_link(int oldDirectory, char *oldPath, bool follow, int newDirectory,
              char *newPath) {
  Parent from, to;
  int error = follow ? from.resolveFollowing(oldDirectory, oldPath)
                     : from.resolve(oldDirectory, oldPath);
  if (error)
    return resolutionError(error);
  // With a trailing slash the kernel would follow a link to look it up; only
  // a directory could be meant, and those cannot be linked.
  const char *name = from.name();
  if (name[port_length(name) - 1] == '/') {
    ScopedFd fd(openBeneath(oldDirectory, oldPath, O_PATH | O_DIRECTORY, 0));
    return fd.get() < 0 ? resolutionError(fd.get()) : -PORT_EPERM;
  }
  error = to.resolve(newDirectory, newPath);
  if (error)
    return resolutionError(error);
  return (int)portResult(
      linuxCall(__NR_linkat, from.fd(), name, to.fd(), to.name(), 0));
}

int port_symlink(const char *target, int directory, char *path) {
  Parent parent;
  if (int error = parent.resolve(directory, path))
    return resolutionError(error);
  return (int)portResult(
      linuxCall(__NR_symlinkat, target, parent.fd(), parent.name()));
}

int64_t port_read_link(int directory, const char *path, void *buffer,
                       size_t size) {
  ScopedFd fd(openBeneath(directory, path, O_PATH | O_NOFOLLOW, 0));
  if (fd.get() < 0)
    return resolutionError(fd.get());
  long result = linuxCall(__NR_readlinkat, fd.get(), "", buffer, size);
  // So it says with an empty path where there is no link.
  return portResult(result == -ENOENT ? -EINVAL : result);
}

/// Whether a path is one name in the directory itself.
static bool isName(const char *path) {
  if (path[0] == 0 || path[0] == '.') // or a hidden file: no matter
    return false;
  for (; *path; ++path)
    if (*path == '/')
      return false;
  return true;
}

int port_get_stat_at(int directory, const char *path, bool follow,
                     port_stat *stat) {
  // What is neither followed nor has directories on its way stays beneath.
  if (isName(path)) {
    int error = getStat(directory, path, AT_SYMLINK_NOFOLLOW, stat);
    if (error || !follow || stat->type != PORT_SYMBOLIC_LINK)
      return (int)portResult(error);
  }
  ScopedFd fd(
      openBeneath(directory, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0));
  if (fd.get() < 0)
    return resolutionError(fd.get());
  return (int)portResult(getStat(fd.get(), "", AT_EMPTY_PATH, stat));
}

int port_set_times_at(int directory, const char *path, bool follow,
                      const port_times *times) {
  ScopedFd fd(
      openBeneath(directory, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0));
  if (fd.get() < 0)
    return resolutionError(fd.get());
  int error = setTimes(fd.get(), "", AT_EMPTY_PATH, times);
  // Before Linux 5.8 an empty path is not taken here.
  return error == -EINVAL ? -PORT_ENOTSUP : (int)portResult(error);
}
