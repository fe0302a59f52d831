// Streams by descriptor. Of what takes a file, nothing is supported.
#include "libc_backing/streams/wasi_streams.h"

using namespace wasi;

/// A read ends with the first buffer that gets something, as the next might
/// wait for data when there is some already. A write goes on until the port
/// takes less than it was offered.
static Errno transfer(wm_instance *instance, int32_t fd, int32_t iovs,
                      int32_t count, int32_t result, uint32_t mode) {
  WASI_STREAM(instance, fd);
  if (!(port_get_flags(fd) & mode))
    return PORT_EBADF;
  GuestMemory memory(instance);
  GuestResult<uint32_t> moved;
  uint8_t *at;
  if (!memory.range((uint32_t)iovs, (uint64_t)(uint32_t)count * sizeof(Iovec),
                    at) ||
      !moved.find(memory, result))
    return PORT_EFAULT;
  // The count is the guest's: 32 bits. One buffer has less than 2^31 bytes.
  constexpr uint32_t Enough = 1u << 31;
  uint32_t done = 0;
  for (uint32_t i = 0; i < (uint32_t)count && done < Enough; ++i) {
    Iovec iovec;
    __builtin_memcpy(&iovec, at + i * sizeof iovec, sizeof iovec);
    uint8_t *buffer;
    int64_t size = -PORT_EFAULT;
    if (memory.range(iovec.buffer, iovec.size, buffer)) {
      if (iovec.size == 0)
        continue;
      port_iovec one = {buffer, iovec.size};
      size =
          mode == PORT_READ ? port_read(fd, &one, 1) : port_write(fd, &one, 1);
    }
    if (size < 0) {
      if (done)
        break;
      return errnoOf(size);
    }
    done += (uint32_t)size;
    if (mode == PORT_READ || (uint32_t)size < iovec.size)
      break;
  }
  moved.set(done);
  return Success;
}

int32_t wm_wasi_fd_read(wm_instance *instance, int32_t fd, int32_t iovs,
                        int32_t count, int32_t result) {
  return transfer(instance, fd, iovs, count, result, PORT_READ);
}

int32_t wm_wasi_fd_write(wm_instance *instance, int32_t fd, int32_t iovs,
                         int32_t count, int32_t result) {
  return transfer(instance, fd, iovs, count, result, PORT_WRITE);
}

int32_t wm_wasi_fd_close(wm_instance *instance, int32_t fd) {
  WASI_STREAM(instance, fd);
  state->closed |= 1u << fd;
  return Success;
}

int32_t wm_wasi_fd_fdstat_get(wm_instance *instance, int32_t fd,
                              int32_t result) {
  WASI_STREAM(instance, fd);
  Fdstat stat = {};
  stat.type = PORT_CHARACTER_DEVICE;
  stat.rightsBase = RightFdFilestatGet | RightPollFdReadwrite |
                    (port_get_flags(fd) & PORT_READ ? RightFdRead : 0) |
                    (port_get_flags(fd) & PORT_WRITE ? RightFdWrite : 0);
  if (!GuestMemory(instance).store((uint32_t)result, stat))
    return PORT_EFAULT;
  return Success;
}

int32_t wm_wasi_fd_filestat_get(wm_instance *instance, int32_t fd,
                                int32_t result) {
  WASI_STREAM(instance, fd);
  Filestat stat = {};
  stat.inode = (uint64_t)fd;
  stat.type = PORT_CHARACTER_DEVICE;
  if (!GuestMemory(instance).store((uint32_t)result, stat))
    return PORT_EFAULT;
  return Success;
}

int32_t wm_wasi_fd_seek(wm_instance *instance, int32_t fd, int64_t, int32_t,
                        int32_t) {
  WASI_STREAM(instance, fd);
  return PORT_ESPIPE;
}

int32_t wm_wasi_fd_tell(wm_instance *instance, int32_t fd, int32_t) {
  WASI_STREAM(instance, fd);
  return PORT_ESPIPE;
}

int32_t wm_wasi_fd_sync(wm_instance *instance, int32_t fd) {
  WASI_STREAM(instance, fd);
  return errnoOf(port_sync(fd, false));
}

int32_t wm_wasi_fd_datasync(wm_instance *instance, int32_t fd) {
  WASI_STREAM(instance, fd);
  return errnoOf(port_sync(fd, true));
}

// C libraries ask for directories until there are no more descriptors.
int32_t wm_wasi_fd_prestat_get(wm_instance *, int32_t, int32_t) {
  return PORT_EBADF;
}
int32_t wm_wasi_fd_prestat_dir_name(wm_instance *, int32_t, int32_t, int32_t) {
  return PORT_EBADF;
}

//===-- Files and sockets -------------------------------------------------===//

#define NOT_SUPPORTED(name, ...)                                               \
  int32_t wm_wasi_##name(wm_instance *, __VA_ARGS__) { return PORT_ENOSYS; }
#define I int32_t
#define L int64_t

NOT_SUPPORTED(fd_advise, I, L, L, I)
NOT_SUPPORTED(fd_allocate, I, L, L)
NOT_SUPPORTED(fd_fdstat_set_flags, I, I)
NOT_SUPPORTED(fd_fdstat_set_rights, I, L, L)
NOT_SUPPORTED(fd_filestat_set_size, I, L)
NOT_SUPPORTED(fd_filestat_set_times, I, L, L, I)
NOT_SUPPORTED(fd_pread, I, I, I, L, I)
NOT_SUPPORTED(fd_pwrite, I, I, I, L, I)
NOT_SUPPORTED(fd_readdir, I, I, I, L, I)
NOT_SUPPORTED(fd_renumber, I, I)
NOT_SUPPORTED(path_create_directory, I, I, I)
NOT_SUPPORTED(path_filestat_get, I, I, I, I, I)
NOT_SUPPORTED(path_filestat_set_times, I, I, I, I, L, L, I)
NOT_SUPPORTED(path_link, I, I, I, I, I, I, I)
NOT_SUPPORTED(path_open, I, I, I, I, I, L, L, I, I)
NOT_SUPPORTED(path_readlink, I, I, I, I, I, I)
NOT_SUPPORTED(path_remove_directory, I, I, I)
NOT_SUPPORTED(path_rename, I, I, I, I, I, I)
NOT_SUPPORTED(path_symlink, I, I, I, I, I)
NOT_SUPPORTED(path_unlink_file, I, I, I)
NOT_SUPPORTED(sock_accept, I, I, I)
NOT_SUPPORTED(sock_recv, I, I, I, I, I, I)
NOT_SUPPORTED(sock_send, I, I, I, I, I)
NOT_SUPPORTED(sock_shutdown, I, I)
