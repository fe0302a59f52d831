// Files by path, always beneath a directory that the guest holds: the port
// resolves them. Paths are copied out of the guest's memory first.
#include "libc_backing/wasi_files.h"

using namespace wasi;

namespace {
/// A guest's path, copied out of its reach.
struct Path {
  char text[MaxPath];

  Errno copy(const GuestMemory &memory, int32_t path, int32_t length) {
    uint8_t *from;
    uint32_t size = (uint32_t)length;
    if (!memory.range((uint32_t)path, size, from))
      return PORT_EFAULT;
    if (size >= MaxPath)
      return PORT_ENAMETOOLONG;
    __builtin_memcpy(text, from, size);
    text[size] = 0;
    if (port_length(text) != size) // cut short: it would name another file
      return PORT_EINVAL;
    return Success;
  }
};
} // namespace

/// Finds the directory `fd` as `entry` and copies a path beneath it to `name`.
#define WASI_PATH(entry, name, fd, needed, path, length)                       \
  WASI_FD(entry, fd, 0);                                                       \
  if (entry->type != PORT_DIRECTORY)                                           \
    return PORT_ENOTDIR;                                                       \
  if ((needed) & ~entry->rights)                                               \
    return PORT_ENOTCAPABLE;                                                   \
  Path name;                                                                   \
  if (Errno error = name.copy(memory, path, length))                           \
  return error

/// An operation that takes a path and nothing else.
static int32_t onPath(wm_instance *instance, int32_t fd, int32_t path,
                      int32_t length, uint64_t needed,
                      int (*operation)(int directory, char *path)) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(entry, name, fd, needed, path, length);
  return errnoOf(operation(entry->host, name.text));
}

int32_t wm_wasi_path_create_directory(wm_instance *instance, int32_t fd,
                                      int32_t path, int32_t length) {
  return onPath(instance, fd, path, length, RightPathCreateDirectory,
                port_make_directory);
}

int32_t wm_wasi_path_remove_directory(wm_instance *instance, int32_t fd,
                                      int32_t path, int32_t length) {
  return onPath(instance, fd, path, length, RightPathRemoveDirectory,
                port_remove_directory);
}

int32_t wm_wasi_path_unlink_file(wm_instance *instance, int32_t fd,
                                 int32_t path, int32_t length) {
  return onPath(instance, fd, path, length, RightPathUnlinkFile, port_unlink);
}

int32_t wm_wasi_path_filestat_get(wm_instance *instance, int32_t fd,
                                  int32_t flags, int32_t path, int32_t length,
                                  int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(entry, name, fd, RightPathFilestatGet, path, length);
  if (flags & ~LookupSymlinkFollow)
    return PORT_EINVAL;
  GuestResult<Filestat> place;
  if (!place.find(memory, result))
    return PORT_EFAULT;
  port_stat stat;
  int error = port_get_stat_at(entry->host, name.text,
                               flags & LookupSymlinkFollow, &stat);
  if (error)
    return errnoOf(error);
  place.set(filestat(stat));
  return Success;
}

int32_t wm_wasi_path_filestat_set_times(wm_instance *instance, int32_t fd,
                                        int32_t flags, int32_t path,
                                        int32_t length, int64_t access,
                                        int64_t modification,
                                        int32_t time_flags) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(entry, name, fd, RightPathFilestatSetTimes, path, length);
  port_times times;
  if (flags & ~LookupSymlinkFollow ||
      !timesOf(access, modification, time_flags, times))
    return PORT_EINVAL;
  return errnoOf(port_set_times_at(entry->host, name.text,
                                   flags & LookupSymlinkFollow, &times));
}

int32_t wm_wasi_path_link(wm_instance *instance, int32_t old_fd,
                          int32_t old_flags, int32_t old_path,
                          int32_t old_length, int32_t new_fd, int32_t new_path,
                          int32_t new_length) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(from, name, old_fd, RightPathLinkSource, old_path, old_length);
  WASI_PATH(to, newName, new_fd, RightPathLinkTarget, new_path, new_length);
  if (old_flags & ~LookupSymlinkFollow)
    return PORT_EINVAL;
  return errnoOf(port_link(from->host, name.text,
                           old_flags & LookupSymlinkFollow, to->host,
                           newName.text));
}

int32_t wm_wasi_path_rename(wm_instance *instance, int32_t old_fd,
                            int32_t old_path, int32_t old_length,
                            int32_t new_fd, int32_t new_path,
                            int32_t new_length) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(from, name, old_fd, RightPathRenameSource, old_path, old_length);
  WASI_PATH(to, newName, new_fd, RightPathRenameTarget, new_path, new_length);
  return errnoOf(port_rename(from->host, name.text, to->host, newName.text));
}

// A link to an absolute path would be of no use to the guest, and might lead
// the host's other programs astray.
int32_t wm_wasi_path_symlink(wm_instance *instance, int32_t old_path,
                             int32_t old_length, int32_t fd, int32_t new_path,
                             int32_t new_length) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(entry, newName, fd, RightPathSymlink, new_path, new_length);
  Path name;
  if (Errno error = name.copy(memory, old_path, old_length))
    return error;
  if (name.text[0] == '/')
    return PORT_EPERM;
  return errnoOf(port_symlink(name.text, entry->host, newName.text));
}

int32_t wm_wasi_path_readlink(wm_instance *instance, int32_t fd, int32_t path,
                              int32_t length, int32_t buffer, int32_t size,
                              int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_PATH(entry, name, fd, RightPathReadlink, path, length);
  GuestResult<uint32_t> used;
  uint8_t *at;
  if (!memory.range((uint32_t)buffer, (uint32_t)size, at) ||
      !used.find(memory, result))
    return PORT_EFAULT;
  // Read as a whole, so that a short buffer, even an empty one, gets what
  // fits and no error.
  Path target;
  int64_t count = port_read_link(entry->host, name.text, target.text, MaxPath);
  if (count < 0)
    return errnoOf(count);
  if (count > (int64_t)(uint32_t)size)
    count = (uint32_t)size;
  __builtin_memcpy(at, target.text, (size_t)count);
  used.set((uint32_t)count);
  return Success;
}

int32_t wm_wasi_path_open(wm_instance *instance, int32_t fd,
                          int32_t lookup_flags, int32_t path, int32_t length,
                          int32_t open_flags, int64_t base, int64_t inheriting,
                          int32_t fd_flags, int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  uint64_t needed = RightPathOpen;
  if (open_flags & OpenCreate)
    needed |= RightPathCreateFile;
  if (open_flags & OpenTruncate)
    needed |= RightPathFilestatSetSize;
  WASI_PATH(entry, name, fd, needed, path, length);
  constexpr int32_t MakesFile = OpenCreate | OpenExclusive | OpenTruncate;
  if (lookup_flags & ~LookupSymlinkFollow || open_flags & ~OpenAll ||
      fd_flags & ~FdFlagsAll ||
      (open_flags & OpenDirectory && open_flags & MakesFile))
    return PORT_EINVAL;
  GuestResult<int32_t> number;
  if (!number.find(memory, result))
    return PORT_EFAULT;
  uint64_t rights = (uint64_t)base & RightsAll;
  uint64_t newInheriting = (uint64_t)inheriting & RightsAll;
  if ((rights | newInheriting) & ~entry->inheriting)
    return PORT_ENOTCAPABLE;

  uint32_t flags = (uint32_t)fd_flags;
  if (lookup_flags & LookupSymlinkFollow)
    flags |= PORT_FOLLOW;
  if (open_flags & OpenCreate)
    flags |= PORT_CREATE;
  if (open_flags & OpenExclusive)
    flags |= PORT_EXCLUSIVE;
  if (open_flags & OpenTruncate)
    flags |= PORT_TRUNCATE;
  // Of a directory nothing is written but what it contains; the system says
  // so to who asks for that.
  constexpr uint64_t Writing =
      RightFdWrite | RightFdAllocate | RightFdFilestatSetSize;
  bool writes = rights & (open_flags & OpenDirectory ? RightFdWrite : Writing);
  if (open_flags & OpenDirectory)
    flags |= PORT_ONLY_DIRECTORY;
  if (writes)
    flags |= PORT_WRITE;
  if (!writes || rights & (RightFdRead | RightFdReaddir))
    flags |= PORT_READ;

  FdEntry opened = {};
  opened.host = port_open(entry->host, name.text, flags);
  if (opened.host < 0)
    return errnoOf(opened.host);
  port_stat stat;
  int32_t newFd = port_get_stat(opened.host, &stat);
  if (newFd == 0) {
    opened.type = stat.type;
    opened.rights = rights & possibleRights(opened.host, stat.type, flags);
    if (stat.type == PORT_DIRECTORY)
      opened.inheriting = newInheriting;
    opened.isOwned = true;
    newFd = state->fds.add(opened);
  }
  if (newFd < 0) {
    port_close(opened.host);
    return errnoOf(newFd);
  }
  number.set(newFd);
  return Success;
}
