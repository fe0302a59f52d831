// Sockets, on descriptors that are ones: a stream of the host's, or what was
// accepted from it.
#include "libc_backing/wasi_files.h"

using namespace wasi;

#define WASI_SOCKET(entry, fd, needed)                                         \
  WASI_FD(entry, fd, 0);                                                       \
  if (entry->type != PORT_SOCKET_STREAM && entry->type != PORT_SOCKET_DGRAM)   \
    return PORT_ENOTSOCK;                                                      \
  if ((needed) & ~entry->rights)                                               \
  return missingRight(*entry, (needed) & ~entry->rights)

int32_t wm_wasi_sock_accept(wm_instance *instance, int32_t fd, int32_t flags,
                            int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_SOCKET(entry, fd, RightSockAccept);
  if (flags & ~PORT_NONBLOCK)
    return PORT_EINVAL;
  GuestResult<int32_t> number;
  if (!number.find(memory, result))
    return PORT_EFAULT;
  FdEntry accepted = {};
  accepted.host = port_accept(entry->host, flags & PORT_NONBLOCK);
  if (accepted.host < 0)
    return errnoOf(accepted.host);
  accepted.type = entry->type;
  accepted.rights = RightsSocket;
  accepted.isOwned = true;
  int32_t newFd = state->fds.add(accepted);
  if (newFd < 0) {
    port_close(accepted.host);
    return errnoOf(newFd);
  }
  number.set(newFd);
  return Success;
}

int32_t wm_wasi_sock_recv(wm_instance *instance, int32_t fd, int32_t iovs,
                          int32_t count, int32_t flags, int32_t result,
                          int32_t result_flags) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_SOCKET(entry, fd, RightFdRead);
  if (flags & ~(ReceivePeek | ReceiveWaitall))
    return PORT_EINVAL;
  GuestResult<uint32_t> size;
  GuestResult<uint16_t> resultFlags;
  IovecReader reader(memory, iovs, count);
  if (!reader.isValid() || !size.find(memory, result) ||
      !resultFlags.find(memory, result_flags))
    return PORT_EFAULT;
  port_iovec chunk[IovecReader::Chunk];
  uint64_t total;
  int number = reader.next(chunk, total);
  if (number < 0)
    return PORT_EFAULT;
  bool isTruncated;
  int64_t received =
      port_receive(entry->host, chunk, number, flags & ReceivePeek,
                   flags & ReceiveWaitall, &isTruncated);
  if (received < 0)
    return errnoOf(received);
  size.set((uint32_t)received);
  resultFlags.set(isTruncated ? (uint16_t)ReceivedTruncated : (uint16_t)0);
  return Success;
}

int32_t wm_wasi_sock_send(wm_instance *instance, int32_t fd, int32_t iovs,
                          int32_t count, int32_t flags, int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  WASI_SOCKET(entry, fd, RightFdWrite);
  if (flags)
    return PORT_EINVAL;
  GuestResult<uint32_t> size;
  IovecReader reader(memory, iovs, count);
  if (!reader.isValid() || !size.find(memory, result))
    return PORT_EFAULT;
  port_iovec chunk[IovecReader::Chunk];
  uint64_t total;
  int number = reader.next(chunk, total);
  if (number < 0)
    return PORT_EFAULT;
  // Half of a datagram must not go out as if it were one.
  if (entry->type == PORT_SOCKET_DGRAM && !reader.isAtEnd())
    return PORT_EMSGSIZE;
  int64_t sent = port_send(entry->host, chunk, number);
  if (sent < 0)
    return errnoOf(sent);
  size.set((uint32_t)sent);
  return Success;
}

int32_t wm_wasi_sock_shutdown(wm_instance *instance, int32_t fd, int32_t how) {
  WASI_FILE_STATE(instance);
  WASI_SOCKET(entry, fd, RightSockShutdown);
  if (how == 0 || how & ~(ShutdownRead | ShutdownWrite))
    return PORT_EINVAL;
  return errnoOf(
      port_shutdown(entry->host, how & ShutdownRead, how & ShutdownWrite));
}
