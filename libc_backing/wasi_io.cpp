// Reading and writing: the guest's buffers go to the system as they are, in
// one call for up to 64 of them.
#include "libc_backing/wasi_files.h"

using namespace wasi;

using Transfer = int64_t (*)(int fd, const port_iovec *iovecs, int count,
                             uint64_t offset);

static int64_t readHere(int fd, const port_iovec *iovecs, int count, uint64_t) {
  return port_read(fd, iovecs, count);
}

static int64_t writeHere(int fd, const port_iovec *iovecs, int count,
                         uint64_t) {
  return port_write(fd, iovecs, count);
}

/// A read ends with its first chunk, as a second one might wait for data when
/// there is some already. A write goes on until the system takes less than it
/// was offered.
static Errno transfer(wm_instance *instance, int32_t fd, int32_t iovs,
                      int32_t count, uint64_t offset, int32_t result,
                      uint64_t rights, bool isWrite, Transfer move) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_FD(entry, fd, rights);
  GuestResult<uint32_t> moved;
  IovecReader reader(memory, iovs, count);
  if (!reader.isValid() || !moved.find(memory, result))
    return PORT_EFAULT;
  // The count is the guest's: 32 bits. One call moves less than 2^31 bytes.
  constexpr uint64_t Enough = 1ull << 31;
  uint64_t done = 0;
  do {
    port_iovec chunk[IovecReader::Chunk];
    uint64_t total;
    int number = reader.next(chunk, total);
    int64_t size = number < 0 ? -PORT_EFAULT
                              : move(entry->host, chunk, number, offset + done);
    if (size < 0) {
      if (done)
        break;
      return errnoOf(size);
    }
    done += (uint64_t)size;
    if ((uint64_t)size < total)
      break;
  } while (isWrite && !reader.isAtEnd() && done < Enough);
  moved.set((uint32_t)done);
  return Success;
}

int32_t wm_wasi_fd_read(wm_instance *instance, int32_t fd, int32_t iovs,
                        int32_t count, int32_t result) {
  return transfer(instance, fd, iovs, count, 0, result, RightFdRead, false,
                  readHere);
}

int32_t wm_wasi_fd_write(wm_instance *instance, int32_t fd, int32_t iovs,
                         int32_t count, int32_t result) {
  return transfer(instance, fd, iovs, count, 0, result, RightFdWrite, true,
                  writeHere);
}

int32_t wm_wasi_fd_pread(wm_instance *instance, int32_t fd, int32_t iovs,
                         int32_t count, int64_t offset, int32_t result) {
  return transfer(instance, fd, iovs, count, (uint64_t)offset, result,
                  RightFdRead | RightFdSeek, false, port_pread);
}

int32_t wm_wasi_fd_pwrite(wm_instance *instance, int32_t fd, int32_t iovs,
                          int32_t count, int64_t offset, int32_t result) {
  return transfer(instance, fd, iovs, count, (uint64_t)offset, result,
                  RightFdWrite | RightFdSeek, true, port_pwrite);
}
