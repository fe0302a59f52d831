// Files by descriptor, over the kernel's own system calls and structures.
#include "ports/linux/files.h"
#include "ports/linux/waiting.h"

#include <asm/errno.h>
#include <asm/ioctls.h>
#include <linux/fadvise.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <linux/time_types.h>

#define ENOTSUP EOPNOTSUPP

using namespace linux_files;

namespace linux_files {

long portResult(long result) {
  if (result >= 0)
    return result;
  switch (-result) {
#define PORT_ERROR(name, number)                                               \
  case name:                                                                   \
    return -number;
#include "runtime/port_errors.def"
  default:
    return -PORT_EIO;
  }
}

int aboveStreams(int fd) {
  if (fd < 0 || fd > 2)
    return fd;
  long above = linuxCall(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  linuxCall(__NR_close, fd);
  return (int)above;
}

} // namespace linux_files

uint32_t port_open_limit() { return 1 << 16; }

int port_open_directory(const char *hostPath) {
  long fd = linuxCall(__NR_openat, AT_FDCWD, hostPath,
                      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return (int)portResult(aboveStreams((int)fd));
}

void port_close(int fd) { linuxCall(__NR_close, fd); }

int64_t port_read(int fd, const port_iovec *iovecs, int count) {
  return portResult(linuxWaiting(__NR_readv, fd, iovecs, count));
}

int64_t port_write(int fd, const port_iovec *iovecs, int count) {
  return portResult(linuxWaiting(__NR_writev, fd, iovecs, count));
}

// The offset is one argument on 64-bit processors; the sixth, its upper half,
// is shifted out.
int64_t port_pread(int fd, const port_iovec *iovecs, int count,
                   uint64_t offset) {
  return portResult(linuxCall(__NR_preadv, fd, iovecs, count, offset, 0));
}

int64_t port_pwrite(int fd, const port_iovec *iovecs, int count,
                    uint64_t offset) {
  return portResult(linuxCall(__NR_pwritev, fd, iovecs, count, offset, 0));
}

int64_t port_seek(int fd, int64_t offset, int whence) {
  return portResult(linuxCall(__NR_lseek, fd, offset, whence));
}

int port_sync(int fd, bool dataOnly) {
  return (int)portResult(linuxCall(dataOnly ? __NR_fdatasync : __NR_fsync, fd));
}

int port_advise(int fd, uint64_t offset, uint64_t length, port_advice advice) {
  static const unsigned char advices[] = {
      POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
      POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  return (int)portResult(
      linuxCall(__NR_fadvise64, fd, offset, length, advices[advice]));
}

int port_allocate(int fd, uint64_t offset, uint64_t length) {
  return (int)portResult(linuxCall(__NR_fallocate, fd, 0, offset, length));
}

int port_set_size(int fd, uint64_t size) {
  return (int)portResult(linuxCall(__NR_ftruncate, fd, size));
}

static uint8_t fileType(unsigned mode) {
  switch (mode & S_IFMT) {
  case S_IFBLK:
    return PORT_BLOCK_DEVICE;
  case S_IFCHR:
    return PORT_CHARACTER_DEVICE;
  case S_IFDIR:
    return PORT_DIRECTORY;
  case S_IFREG:
    return PORT_REGULAR_FILE;
  case S_IFLNK:
    return PORT_SYMBOLIC_LINK;
  case S_IFSOCK:
    return PORT_SOCKET_STREAM;
  default:
    return PORT_UNKNOWN;
  }
}

static uint64_t nanoseconds(const statx_timestamp &time) {
  return (uint64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int linux_files::getStat(int fd, const char *path, int flags, port_stat *stat) {
  struct statx from;
  long error = linuxCall(__NR_statx, fd, path, flags, STATX_BASIC_STATS, &from);
  if (error)
    return (int)error;
  // As the C libraries make one number of both.
  uint64_t major = from.stx_dev_major;
  uint64_t minor = from.stx_dev_minor;
  stat->device = (major & 0xfffff000) << 32 | (major & 0xfff) << 8 |
                 (minor & 0xffffff00) << 12 | (minor & 0xff);
  stat->inode = from.stx_ino;
  stat->links = from.stx_nlink;
  stat->size = from.stx_size;
  stat->accessed = nanoseconds(from.stx_atime);
  stat->modified = nanoseconds(from.stx_mtime);
  stat->changed = nanoseconds(from.stx_ctime);
  stat->type = fileType(from.stx_mode);
  return 0;
}

int port_get_stat(int fd, port_stat *stat) {
  int error = getStat(fd, "", AT_EMPTY_PATH, stat);
  if (error)
    return (int)portResult(error);
  if (stat->type == PORT_SOCKET_STREAM) {
    enum { SolSocket = 1, SoType = 3, SockDgram = 2 };
    int type = 0;
    unsigned size = sizeof type;
    if (linuxCall(__NR_getsockopt, fd, SolSocket, SoType, &type, &size) == 0 &&
        type == SockDgram)
      stat->type = PORT_SOCKET_DGRAM;
  }
  return 0;
}

static __kernel_timespec timespec(port_time_choice choice, uint64_t time) {
  enum { UtimeNow = (1 << 30) - 1, UtimeOmit = (1 << 30) - 2 };
  __kernel_timespec result = {};
  result.tv_nsec = choice == PORT_TIME_NOW ? UtimeNow : UtimeOmit;
  if (choice == PORT_TIME_SET) {
    result.tv_sec = (long long)(time / 1000000000);
    result.tv_nsec = (long long)(time % 1000000000);
  }
  return result;
}

int linux_files::setTimes(int fd, const char *path, int flags,
                          const port_times *times) {
  __kernel_timespec both[2] = {timespec(times->set_accessed, times->accessed),
                               timespec(times->set_modified, times->modified)};
  return (int)linuxCall(__NR_utimensat, fd, path, both, flags);
}

int port_set_times(int fd, const port_times *times) {
  return (int)portResult(setTimes(fd, nullptr, 0, times));
}

int port_get_flags(int fd) {
  long flags = linuxCall(__NR_fcntl, fd, F_GETFL);
  if (flags < 0)
    return (int)portResult(flags);
  uint32_t result = 0;
  if (flags & O_APPEND)
    result |= PORT_APPEND;
  if (flags & O_NONBLOCK)
    result |= PORT_NONBLOCK;
  if (flags & O_DSYNC)
    result |= PORT_DSYNC;
  if ((flags & O_SYNC) == O_SYNC) // which Linux does not tell from O_RSYNC
    result |= PORT_SYNC | PORT_RSYNC;
  if ((flags & O_ACCMODE) != O_WRONLY)
    result |= PORT_READ;
  if ((flags & O_ACCMODE) != O_RDONLY)
    result |= PORT_WRITE;
  return (int)result;
}

int port_set_flags(int fd, uint32_t flags) {
  long now = linuxCall(__NR_fcntl, fd, F_GETFL);
  if (now < 0)
    return (int)portResult(now);
  now &= ~(long)(O_APPEND | O_NONBLOCK);
  if (flags & PORT_APPEND)
    now |= O_APPEND;
  if (flags & PORT_NONBLOCK)
    now |= O_NONBLOCK;
  return (int)portResult(linuxCall(__NR_fcntl, fd, F_SETFL, now));
}

int port_read_directory(int fd, uint64_t cookie,
                        bool (*visit)(void *context, const port_entry *entry),
                        void *context) {
  struct Entry { // linux_dirent64 is not in the kernel's headers for users
    uint64_t inode;
    int64_t next;
    uint16_t size;
    uint8_t type;
    char name[1];
  };
  long error = linuxCall(__NR_lseek, fd, cookie, 0);
  if (error < 0)
    return (int)portResult(error);
  alignas(Entry) char buffer[2048];
  for (;;) {
    long size = linuxCall(__NR_getdents64, fd, buffer, sizeof buffer);
    if (size <= 0)
      return (int)portResult(size);
    for (long offset = 0; offset < size;) {
      const Entry *from = (const Entry *)(buffer + offset);
      offset += from->size;
      port_entry entry;
      entry.next = (uint64_t)from->next;
      entry.inode = from->inode;
      entry.name = from->name;
      entry.name_size = (uint32_t)port_length(from->name);
      // Types are those of a mode, shifted.
      entry.type = fileType((unsigned)from->type << 12);
      if (!visit(context, &entry))
        return 0;
    }
  }
}

int64_t port_available(int fd) {
  int available = 0;
  long error = linuxCall(__NR_ioctl, fd, FIONREAD, &available);
  if (error)
    return portResult(error);
  return available < 0 ? 0 : available;
}
