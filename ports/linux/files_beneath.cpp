// Resolves paths beneath a directory: the sandbox's file system rests on this.
// The kernel does it with openat2 (Linux 5.6). Where that is missing or
// forbidden by a filter, a walk opens each directory in turn without following
// links, keeps the descriptors of all directories on the way, so that `..`
// goes back to where the walk came from whatever was renamed since, and reads
// symbolic links itself.
#include "ports/linux/files.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>

namespace linux_files {

enum : int {
  MaxLinks = 40,  // as the kernel
  MaxDepth = 256, // directories held open by a walk
  MaxPath = 4096, // with the final zero
  MaxName = 255,
  MaxRetries = 64, // of openat2 against a storm of renames
  OpenDirectory = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
};

// Set once and for all when the kernel lacks openat2, or by a test.
static bool IsWalking;

void forceWalk(bool force) {
  __atomic_store_n(&IsWalking, force, __ATOMIC_RELAXED);
}

/// One resolution, component by component.
class Walk {
public:
  Walk(int root) : Root(root) {}
  ~Walk() {
    while (Depth)
      close();
  }

  /// Finds the directory and the name of the last component. A name is "."
  /// where the path ends in a directory already opened.
  int toParent(const char *path, bool followLast);
  int top() const { return Depth ? Fds[Depth - 1] : Root; }
  const char *name() const { return Name; }
  bool mustBeDirectory() const { return MustBeDirectory; }
  /// Gives up the ownership of top(); false where that is the root.
  bool takeTop() { return Depth && Depth--; }

private:
  void close() { linuxCall(__NR_close, Fds[--Depth]); }
  /// Puts what the symbolic link Name says before the rest of the path.
  int expand();
  int enter();

  int Root;
  int Depth = 0;
  int Links = 0;
  bool MustBeDirectory = false;
  char *Rest = nullptr; // in Buffer, which it fills to its end
  char Name[MaxName + 1];
  int Fds[MaxDepth];
  char Buffer[MaxPath];
};

int Walk::expand() {
  // The target is read into the free space before the rest.
  long room = Rest - Buffer;
  long size = linuxCall(__NR_readlinkat, top(), Name, Buffer, room);
  if (size < 0)
    return (int)size;
  if (++Links > MaxLinks)
    return -ELOOP;
  if (size == 0)
    return -ENOENT;
  if (Buffer[0] == '/')
    return -EXDEV;
  if (size >= room)
    return -ENAMETOOLONG;
  // Rest is empty or starts with a slash: both parts join as they are.
  __builtin_memmove(Rest - size, Buffer, (size_t)size);
  Rest -= size;
  return 0;
}

int Walk::enter() {
  if (Depth == MaxDepth)
    return -ENAMETOOLONG;
  long fd = linuxCall(__NR_openat, top(), Name, OpenDirectory, 0);
  if (fd < 0)
    return (int)fd;
  Fds[Depth++] = (int)fd;
  return 0;
}

int Walk::toParent(const char *path, bool followLast) {
  size_t size = port_length(path);
  if (size == 0)
    return -ENOENT;
  if (size >= MaxPath)
    return -ENAMETOOLONG;
  if (path[0] == '/')
    return -EXDEV;
  Rest = Buffer + MaxPath - (size + 1);
  __builtin_memcpy(Rest, path, size + 1);

  for (;;) {
    while (*Rest == '/')
      ++Rest;
    if (!*Rest) { // after `..`, `.` or a link to a directory
      Name[0] = '.';
      Name[1] = 0;
      MustBeDirectory = true;
      return 0;
    }
    int nameSize = 0;
    for (; *Rest && *Rest != '/'; ++Rest, ++nameSize) {
      if (nameSize == MaxName)
        return -ENAMETOOLONG;
      Name[nameSize] = *Rest;
    }
    Name[nameSize] = 0;

    if (Name[0] == '.' && !Name[1])
      continue;
    if (Name[0] == '.' && Name[1] == '.' && !Name[2]) {
      if (Depth == 0)
        return -EXDEV;
      close();
      continue;
    }

    const char *after = Rest;
    while (*after == '/')
      ++after;
    bool isLast = !*after;
    if (isLast) {
      MustBeDirectory = *Rest == '/';
      if (!followLast && !MustBeDirectory)
        return 0;
      int error = expand();
      if (!error)
        continue;
      // Not a link, or nothing yet: the caller's operation will see.
      return error == -EINVAL || error == -ENOENT ? 0 : error;
    }

    int error = enter();
    if (error == -ENOTDIR || error == -ELOOP) {
      error = expand();
      if (error == -EINVAL)
        return -ENOTDIR;
    }
    if (error)
      return error;
  }
}

static int openWalking(int directory, const char *path, int flags, int mode) {
  // Between the look at the last component and its opening, it may become a
  // link: O_NOFOLLOW then refuses, and the walk starts again.
  for (int retry = 0;; ++retry) {
    Walk walk(directory);
    int error = walk.toParent(path, !(flags & O_NOFOLLOW));
    if (error)
      return error;
    int more = O_NOFOLLOW;
    if (walk.mustBeDirectory()) {
      if (flags & O_CREAT)
        return -EISDIR;
      more |= O_DIRECTORY;
    }
    long fd =
        linuxCall(__NR_openat, walk.top(), walk.name(), flags | more, mode);
    bool becameLink = fd == -ELOOP && !(flags & O_NOFOLLOW);
    if (!becameLink || retry == MaxLinks) {
      // O_PATH | O_NOFOLLOW opens a link instead of refusing it.
      return (int)fd;
    }
  }
}

/// Whether openat2 itself is what the system refuses.
static bool lacksOpenat2(int directory) {
  open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  long fd = linuxCall(__NR_openat2, directory, ".", &how, sizeof how);
  if (fd >= 0)
    linuxCall(__NR_close, fd);
  return fd == -ENOSYS || fd == -EPERM;
}

int openBeneath(int directory, const char *path, int flags, int mode) {
  flags |= O_CLOEXEC;
  if (__atomic_load_n(&IsWalking, __ATOMIC_RELAXED))
    return openWalking(directory, path, flags, mode);

  open_how how = {};
  how.flags = (unsigned)flags;
  how.mode = flags & O_CREAT ? (unsigned)mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int retry = 0; retry < MaxRetries; ++retry) {
    long fd = linuxCall(__NR_openat2, directory, path, &how, sizeof how);
    if (fd == -EAGAIN) // `..` while something was renamed
      continue;
    if ((fd == -ENOSYS || fd == -EPERM) && lacksOpenat2(directory)) {
      forceWalk(true);
      break;
    }
    return (int)fd;
  }
  return openWalking(directory, path, flags, mode);
}

Parent::~Parent() {
  if (IsOwned)
    linuxCall(__NR_close, Fd);
}

int Parent::resolve(int directory, char *path) {
  size_t size = port_length(path);
  if (size == 0)
    return -ENOENT;
  if (size >= MaxPath)
    return -ENAMETOOLONG;
  if (path[0] == '/')
    return -EXDEV;
  size_t end = size;
  while (path[end - 1] == '/')
    --end;
  size_t start = end;
  while (start && path[start - 1] != '/')
    --start;
  size_t nameSize = end - start;
  if (nameSize > MaxName)
    return -ENAMETOOLONG;
  __builtin_memcpy(Name, path + start, nameSize);
  // The operations that use this never follow a last component, and the
  // kernel gives a trailing slash its meaning.
  if (end < size)
    Name[nameSize++] = '/';
  Name[nameSize] = 0;

  if (Name[0] == '.' && Name[1] == '.' && (!Name[2] || Name[2] == '/')) {
    int fd = openBeneath(directory, path, O_PATH | O_DIRECTORY, 0);
    if (fd < 0)
      return fd;
    linuxCall(__NR_close, fd);
  }
  if (start == 0) {
    Fd = directory;
    return 0;
  }
  char first = path[start];
  path[start] = 0;
  Fd = openBeneath(directory, path, O_PATH | O_DIRECTORY, 0);
  path[start] = first;
  if (Fd < 0)
    return Fd;
  IsOwned = true;
  return 0;
}

int Parent::resolveFollowing(int directory, const char *path) {
  Walk walk(directory);
  int error = walk.toParent(path, true);
  if (error)
    return error;
  size_t size = port_length(walk.name());
  __builtin_memcpy(Name, walk.name(), size);
  if (walk.mustBeDirectory())
    Name[size++] = '/';
  Name[size] = 0;
  Fd = walk.top();
  IsOwned = walk.takeTop();
  return 0;
}

} // namespace linux_files
