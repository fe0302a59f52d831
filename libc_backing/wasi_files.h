// Descriptors of ports with files, and what their functions share.
#pragma once

#include "libc_backing/fd_table.h"
#include "libc_backing/wasi_state.h"

namespace wasi {

enum : uint32_t { MaxPath = 4096 }; // with the final zero

struct FileState : State {
  uint64_t reservation; // bytes, of this and the table behind it
  uint32_t users;       // instances; it ends with the last one
  FdTable fds;
};

/// What a function begins with, as WASI_STATE.
#define WASI_FILE_STATE(instance)                                              \
  wasi::FileState *state =                                                     \
      static_cast<wasi::FileState *>(wasi::stateOf(instance));                 \
  if (!state)                                                                  \
  return PORT_ENOSYS

/// Finds an open descriptor with the rights `needed` as `entry`, or answers the
/// error.
#define WASI_FD(entry, fd, needed)                                             \
  wasi::FdUse entry(state->fds, fd);                                           \
  if (!entry)                                                                  \
    return PORT_EBADF;                                                         \
  if (((needed) & ~entry->rights) != 0)                                        \
  return wasi::missingRight(*entry, (needed) & ~entry->rights)

/// The errno for an operation that a descriptor has no right to.
Errno missingRight(const FdEntry &entry, uint64_t missing);

/// The rights that a file of `type` can have. `flags` are port_get_flags's:
/// they tell what it was opened for.
uint64_t possibleRights(int host, uint8_t type, uint32_t flags);

Filestat filestat(const port_stat &stat);
/// False for contradicting flags.
bool timesOf(int64_t accessed, int64_t modified, int32_t flags,
             port_times &out);

/// Guest buffers as the port takes them. Empty ones are left out: they would
/// only take room.
class IovecReader {
public:
  enum : int { Chunk = 64 };

  IovecReader(const GuestMemory &memory, int32_t iovecs, int32_t count)
      : Memory(memory), Address((uint32_t)iovecs), Left((uint32_t)count) {}
  /// Whether the array itself is in memory.
  bool isValid() const {
    uint8_t *ignored;
    return Memory.range(Address, (uint64_t)Left * sizeof(Iovec), ignored);
  }
  /// Fills `chunk`; returns how many, or -1 where a buffer is not in memory.
  /// `total`: their bytes.
  int next(port_iovec (&chunk)[Chunk], uint64_t &total);
  bool isAtEnd() const { return Left == 0; }

private:
  const GuestMemory &Memory;
  uint32_t Address;
  uint32_t Left;
};

} // namespace wasi
