// Makes and ends the WASI state of an instance, and what its functions share.
#include "libc_backing/wasi_files.h"

#include "runtime/port.h"

using namespace wasi;

Errno wasi::missingRight(const FdEntry &entry, uint64_t missing) {
  // Where POSIX has an error of its own, programs expect that.
  if (entry.type == PORT_DIRECTORY && missing & RightFdRead)
    return PORT_EISDIR;
  constexpr uint64_t Modes = RightFdRead | RightFdWrite;
  constexpr uint64_t Positions = RightFdSeek | RightFdTell;
  if (missing & Modes || (entry.type == PORT_DIRECTORY && missing & Positions))
    return PORT_EBADF;
  constexpr uint64_t Directories = RightsDirectory & ~RightsRegularFile;
  if (entry.type != PORT_DIRECTORY && missing & Directories)
    return PORT_ENOTDIR;
  if (entry.type != PORT_REGULAR_FILE && missing & Positions)
    return PORT_ESPIPE;
  constexpr uint64_t Sockets = RightSockShutdown | RightSockAccept;
  bool isSocket =
      entry.type == PORT_SOCKET_STREAM || entry.type == PORT_SOCKET_DGRAM;
  if (!isSocket && missing & Sockets)
    return PORT_ENOTSOCK;
  return PORT_ENOTCAPABLE;
}

uint64_t wasi::possibleRights(int host, uint8_t type, uint32_t flags) {
  uint64_t rights;
  switch (type) {
  case PORT_DIRECTORY:
    return RightsDirectory;
  case PORT_REGULAR_FILE:
  case PORT_BLOCK_DEVICE:
    rights = RightsRegularFile;
    break;
  case PORT_SOCKET_DGRAM:
  case PORT_SOCKET_STREAM:
    rights = RightsSocket;
    break;
  default:
    // A terminal is known to wasi-libc by not having these.
    rights = RightsAnyFile;
    if (port_seek(host, 0, 1) >= 0)
      rights |= RightFdSeek | RightFdTell;
  }
  if (!(flags & PORT_READ))
    rights &= ~RightFdRead;
  if (!(flags & PORT_WRITE))
    rights &= ~(RightFdWrite | RightFdAllocate | RightFdFilestatSetSize);
  return rights;
}

Filestat wasi::filestat(const port_stat &stat) {
  Filestat result = {};
  result.device = stat.device;
  result.inode = stat.inode;
  result.type = stat.type;
  result.links = stat.links;
  result.size = stat.size;
  result.accessed = stat.accessed;
  result.modified = stat.modified;
  result.changed = stat.changed;
  return result;
}

bool wasi::timesOf(int64_t accessed, int64_t modified, int32_t flags,
                   port_times &out) {
  constexpr int32_t Accessed = FstAtim | FstAtimNow;
  constexpr int32_t Modified = FstMtim | FstMtimNow;
  if (flags & ~FstAll || (flags & Accessed) == Accessed ||
      (flags & Modified) == Modified)
    return false;
  out.accessed = (uint64_t)accessed;
  out.modified = (uint64_t)modified;
  out.set_accessed = flags & FstAtim      ? PORT_TIME_SET
                     : flags & FstAtimNow ? PORT_TIME_NOW
                                          : PORT_TIME_KEEP;
  out.set_modified = flags & FstMtim      ? PORT_TIME_SET
                     : flags & FstMtimNow ? PORT_TIME_NOW
                                          : PORT_TIME_KEEP;
  return true;
}

int IovecReader::next(port_iovec (&chunk)[Chunk], uint64_t &total) {
  int count = 0;
  total = 0;
  for (; Left && count < Chunk; --Left, Address += sizeof(Iovec)) {
    Iovec iovec;
    uint8_t *buffer;
    if (!Memory.load(Address, iovec) ||
        !Memory.range(iovec.buffer, iovec.size, buffer))
      return -1;
    if (iovec.size == 0)
      continue;
    chunk[count++] = {buffer, iovec.size};
    total += iovec.size;
  }
  return count;
}

/// Adds the host's stream `host`; one that is closed stays unused.
static void addStream(FileState *state, int host) {
  FdEntry entry = {};
  entry.host = host;
  port_stat stat;
  int flags = state->config.has_no_streams ? -1 : port_get_flags(host);
  bool isOpen = flags >= 0 && port_get_stat(host, &stat) == 0;
  if (isOpen) {
    entry.type = stat.type;
    entry.rights = possibleRights(host, stat.type, (uint32_t)flags);
    // A directory as a stream was not granted as one.
    if (stat.type == PORT_DIRECTORY)
      entry.rights = RightFdFilestatGet;
  }
  int32_t fd = state->fds.add(entry);
  if (!isOpen && fd >= 0)
    state->fds.close(fd);
}

static const char *reason(int error) {
  switch (error) {
  case PORT_ENOENT:
    return "no such file or directory";
  case PORT_ENOTDIR:
    return "not a directory";
  case PORT_EACCES:
    return "permission denied";
  case PORT_EMFILE:
  case PORT_ENFILE:
    return "too many open files";
  case PORT_ELOOP:
    return "too many symbolic links";
  default:
    return "the system refuses";
  }
}

/// Joins up to four strings into a buffer that may be too short.
static void say(char *out, size_t size, const char *first, const char *second,
                const char *third, const char *fourth) {
  if (size == 0)
    return;
  size_t used = 0;
  const char *parts[] = {first, second, third, fourth};
  for (const char *part : parts)
    for (; *part && used + 1 < size; ++part)
      out[used++] = *part;
  out[used] = 0;
}

bool wm_wasi_init(wm_instance *instance, const wm_wasi_config *config,
                  char *message, size_t message_size) {
  wm_wasi_destroy(instance);
  uint64_t head = roundToPage(sizeof(FileState));
  uint32_t limit = port_open_limit();
  uint64_t table = (uint64_t)limit * sizeof(FdEntry);
  uint64_t size = head + roundToPage(table);
  FileState *state = (FileState *)port_reserve(size);
  if (!state || !port_commit(state, head)) {
    if (state)
      port_release(state, size);
    say(message, message_size, "out of memory", "", "", "");
    return false;
  }
  state->config = *config;
  state->users = 1;
  state->reservation = size;
  state->fds.init((FdEntry *)((char *)state + head), limit);

  // A closed stream keeps its number free until the preopens have theirs.
  bool isClosed[3];
  for (int i = 0; i < 3; ++i) {
    addStream(state, i);
    isClosed[i] = !FdUse(state->fds, i);
    FdEntry placeholder = {};
    if (isClosed[i])
      state->fds.add(placeholder);
  }
  bool isDone = true;
  for (uint32_t i = 0; i < config->preopen_count && isDone; ++i) {
    const wm_wasi_preopen &preopen = config->preopens[i];
    FdEntry entry = {};
    entry.host = port_open_directory(preopen.host);
    entry.type = PORT_DIRECTORY;
    entry.rights = RightsDirectory;
    entry.inheriting = RightsAll;
    entry.preopen = preopen.guest;
    entry.isOwned = true;
    int error = entry.host < 0 ? -entry.host : 0;
    if (!error) {
      int32_t fd = state->fds.add(entry);
      if (fd < 0) {
        error = -fd;
        port_close(entry.host);
      }
    }
    if (error) {
      say(message, message_size, "cannot open directory \"", preopen.host,
          "\": ", reason(error));
      isDone = false;
    }
  }
  for (int i = 0; i < 3; ++i)
    if (isClosed[i])
      state->fds.close(i);
  instance->wasi = state;
  if (!isDone)
    wm_wasi_destroy(instance);
  return isDone;
}

void wm_wasi_destroy(wm_instance *instance) {
  FileState *state = (FileState *)stateOf(instance);
  instance->wasi = nullptr;
  if (!state || __atomic_sub_fetch(&state->users, 1, __ATOMIC_ACQ_REL))
    return;
  state->fds.closeAll();
  port_release(state, state->reservation);
}

void wm_wasi_share(wm_instance *instance, wm_instance *user) {
  instance->wasi = user->wasi;
  if (FileState *state = (FileState *)stateOf(instance))
    __atomic_add_fetch(&state->users, 1, __ATOMIC_RELAXED);
}
