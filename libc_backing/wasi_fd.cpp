// Files by descriptor.
#include "libc_backing/wasi_files.h"

using namespace wasi;

int32_t wm_wasi_fd_advise(wm_instance *instance, int32_t fd, int64_t offset,
                          int64_t length, int32_t advice) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdAdvise);
  if ((uint32_t)advice > PORT_ADVICE_NOREUSE || offset < 0 || length < 0)
    return PORT_EINVAL;
  if (entry->type == PORT_DIRECTORY)
    return PORT_EBADF;
  return errnoOf(port_advise(entry->host, (uint64_t)offset, (uint64_t)length,
                             (port_advice)advice));
}

int32_t wm_wasi_fd_allocate(wm_instance *instance, int32_t fd, int64_t offset,
                            int64_t length) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdAllocate);
  return errnoOf(
      port_allocate(entry->host, (uint64_t)offset, (uint64_t)length));
}

int32_t wm_wasi_fd_close(wm_instance *instance, int32_t fd) {
  WASI_FILE_STATE(instance);
  return state->fds.close(fd);
}

int32_t wm_wasi_fd_datasync(wm_instance *instance, int32_t fd) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdDatasync);
  return errnoOf(port_sync(entry->host, true));
}

int32_t wm_wasi_fd_sync(wm_instance *instance, int32_t fd) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdSync);
  return errnoOf(port_sync(entry->host, false));
}

int32_t wm_wasi_fd_fdstat_get(wm_instance *instance, int32_t fd,
                              int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, 0);
  GuestResult<Fdstat> place;
  if (!place.find(memory, result))
    return PORT_EFAULT;
  int flags = port_get_flags(entry->host);
  if (flags < 0)
    return errnoOf(flags);
  Fdstat stat = {};
  stat.type = entry->type;
  stat.flags = (uint16_t)(flags & FdFlagsAll);
  stat.rightsBase = entry->rights;
  stat.rightsInheriting = entry->inheriting;
  place.set(stat);
  return Success;
}

int32_t wm_wasi_fd_fdstat_set_flags(wm_instance *instance, int32_t fd,
                                    int32_t flags) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdFdstatSetFlags);
  if (flags & ~FdFlagsAll)
    return PORT_EINVAL;
  int now = port_get_flags(entry->host);
  if (now < 0)
    return errnoOf(now);
  constexpr int Changeable = PORT_APPEND | PORT_NONBLOCK;
  if ((flags ^ now) & FdFlagsAll & ~Changeable)
    return PORT_ENOTSUP;
  return errnoOf(port_set_flags(entry->host, (uint32_t)flags));
}

int32_t wm_wasi_fd_fdstat_set_rights(wm_instance *instance, int32_t fd,
                                     int64_t base, int64_t inheriting) {
  WASI_FILE_STATE(instance);
  return state->fds.restrict(fd, (uint64_t)base, (uint64_t)inheriting);
}

int32_t wm_wasi_fd_filestat_get(wm_instance *instance, int32_t fd,
                                int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, RightFdFilestatGet);
  GuestResult<Filestat> place;
  if (!place.find(memory, result))
    return PORT_EFAULT;
  port_stat stat;
  int error = port_get_stat(entry->host, &stat);
  if (error)
    return errnoOf(error);
  place.set(filestat(stat));
  return Success;
}

int32_t wm_wasi_fd_filestat_set_size(wm_instance *instance, int32_t fd,
                                     int64_t size) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdFilestatSetSize);
  return errnoOf(port_set_size(entry->host, (uint64_t)size));
}

int32_t wm_wasi_fd_filestat_set_times(wm_instance *instance, int32_t fd,
                                      int64_t access, int64_t modification,
                                      int32_t flags) {
  WASI_FILE_STATE(instance);
  WASI_FD(entry, fd, RightFdFilestatSetTimes);
  port_times times;
  if (!timesOf(access, modification, flags, times))
    return PORT_EINVAL;
  return errnoOf(port_set_times(entry->host, &times));
}

int32_t wm_wasi_fd_prestat_get(wm_instance *instance, int32_t fd,
                               int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, 0);
  if (!entry->preopen)
    return PORT_EBADF;
  Prestat stat = {};
  stat.nameSize = (uint32_t)port_length(entry->preopen);
  if (!memory.store((uint32_t)result, stat))
    return PORT_EFAULT;
  return Success;
}

int32_t wm_wasi_fd_prestat_dir_name(wm_instance *instance, int32_t fd,
                                    int32_t path, int32_t length) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, 0);
  if (!entry->preopen)
    return PORT_EBADF;
  size_t size = port_length(entry->preopen);
  if (size > (uint32_t)length)
    return PORT_ENAMETOOLONG;
  uint8_t *at;
  if (!memory.range((uint32_t)path, size, at))
    return PORT_EFAULT;
  __builtin_memcpy(at, entry->preopen, size);
  return Success;
}

int32_t wm_wasi_fd_renumber(wm_instance *instance, int32_t fd, int32_t to) {
  WASI_FILE_STATE(instance);
  return state->fds.renumber(fd, to);
}

static Errno seek(wm_instance *instance, int32_t fd, int64_t offset,
                  int32_t whence, uint64_t right, int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, right);
  if ((uint32_t)whence > 2)
    return PORT_EINVAL;
  GuestResult<uint64_t> place;
  if (!place.find(memory, result))
    return PORT_EFAULT;
  int64_t position = port_seek(entry->host, offset, whence);
  if (position < 0)
    return errnoOf(position);
  place.set((uint64_t)position);
  return Success;
}

int32_t wm_wasi_fd_seek(wm_instance *instance, int32_t fd, int64_t offset,
                        int32_t whence, int32_t result) {
  return seek(instance, fd, offset, whence, RightFdSeek, result);
}

int32_t wm_wasi_fd_tell(wm_instance *instance, int32_t fd, int32_t result) {
  return seek(instance, fd, 0, 1, RightFdTell, result);
}

namespace {
/// A guest's buffer that takes the entries of a directory.
struct DirentWriter {
  uint8_t *buffer;
  uint64_t size;
  uint64_t used;
  uint64_t self; // the directory's own inode

  void put(const void *from, uint64_t count) {
    uint64_t fits = count < size - used ? count : size - used;
    __builtin_memcpy(buffer + used, from, fits);
    used += fits;
  }

  /// The last entry is cut where the buffer ends: that tells the guest that
  /// there are more.
  static bool visit(void *context, const port_entry *from) {
    DirentWriter *writer = (DirentWriter *)context;
    Dirent entry = {};
    entry.next = from->next;
    entry.inode = from->inode;
    entry.nameSize = from->name_size;
    entry.type = from->type;
    // What is above a granted directory is nobody's business.
    if (from->name_size == 2 && from->name[0] == '.' && from->name[1] == '.')
      entry.inode = writer->self;
    writer->put(&entry, sizeof entry);
    writer->put(from->name, from->name_size);
    return writer->used < writer->size;
  }
};
} // namespace

int32_t wm_wasi_fd_readdir(wm_instance *instance, int32_t fd, int32_t buffer,
                           int32_t length, int64_t cookie, int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, RightFdReaddir);
  GuestResult<uint32_t> used;
  DirentWriter writer = {};
  writer.size = (uint32_t)length;
  if (!memory.range((uint32_t)buffer, writer.size, writer.buffer) ||
      !used.find(memory, result))
    return PORT_EFAULT;
  port_stat stat;
  int error = port_get_stat(entry->host, &stat);
  if (error)
    return errnoOf(error);
  writer.self = stat.inode;
  if (writer.size)
    error = port_read_directory(entry->host, (uint64_t)cookie,
                                DirentWriter::visit, &writer);
  if (error)
    return errnoOf(error);
  used.set((uint32_t)writer.used);
  return Success;
}
