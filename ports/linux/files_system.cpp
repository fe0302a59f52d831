// Sockets, random numbers, waiting, signals and the end of the process.
#include "ports/linux/files.h"
#include "ports/linux/waiting.h"

#include <asm/errno.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/time_types.h>

using namespace linux_files;

static_assert(PORT_POLL_IN == POLLIN && PORT_POLL_OUT == POLLOUT &&
              PORT_POLL_ERROR == POLLERR && PORT_POLL_HANGUP == POLLHUP &&
              PORT_POLL_INVALID == POLLNVAL &&
              sizeof(port_poll) == sizeof(pollfd));

namespace {
enum {
  MsgPeek = 0x2,
  MsgTruncated = 0x20,
  MsgWaitAll = 0x100,
  MsgNoSignal = 0x4000,
  SockCloexec = O_CLOEXEC,
  SockNonblock = O_NONBLOCK,
};

/// struct user_msghdr, which the kernel keeps to itself.
struct Message {
  void *name;
  int nameSize;
  const port_iovec *iovecs;
  size_t count;
  void *control;
  size_t controlSize;
  unsigned flags;
};
} // namespace

int port_accept(int fd, bool nonblocking) {
  long accepted = linuxWaiting(__NR_accept4, fd, nullptr, nullptr,
                               SockCloexec | (nonblocking ? SockNonblock : 0));
  return (int)portResult(aboveStreams((int)accepted));
}

int64_t port_receive(int fd, const port_iovec *iovecs, int count, bool peek,
                     bool waitAll, bool *truncated) {
  Message message = {};
  message.iovecs = iovecs;
  message.count = (size_t)count;
  int flags = (peek ? MsgPeek : 0) | (waitAll ? MsgWaitAll : 0);
  long size = linuxWaiting(__NR_recvmsg, fd, &message, flags);
  *truncated = message.flags & MsgTruncated;
  return portResult(size);
}

int64_t port_send(int fd, const port_iovec *iovecs, int count) {
  Message message = {};
  message.iovecs = iovecs;
  message.count = (size_t)count;
  return portResult(linuxWaiting(__NR_sendmsg, fd, &message, MsgNoSignal));
}

int port_shutdown(int fd, bool reading, bool writing) {
  int how = reading && writing ? 2 : writing ? 1 : 0;
  return (int)portResult(linuxCall(__NR_shutdown, fd, how));
}

int port_random(void *buffer, size_t size) {
  for (size_t done = 0; done < size;) {
    long result =
        linuxCall(__NR_getrandom, (char *)buffer + done, size - done, 0);
    if (result < 0)
      return (int)portResult(result);
    done += (size_t)result;
  }
  return 0;
}

int port_wait(port_poll *polls, uint64_t count, const uint64_t *timeout) {
  __kernel_timespec time = {};
  if (timeout) {
    time.tv_sec = (long long)(*timeout / 1000000000);
    time.tv_nsec = (long long)(*timeout % 1000000000);
  }
  return (int)portResult(linuxWaiting(__NR_ppoll, polls, count,
                                      timeout ? &time : nullptr, nullptr, 8));
}

int port_raise(int signal) {
  // Linux has SIGSTKFLT where WASI goes on with SIGCHLD.
  int number = signal < 16 ? signal : signal + 1;
  long process = linuxCall(__NR_getpid);
  long thread = linuxCall(__NR_gettid);
  return (int)portResult(linuxCall(__NR_tgkill, process, thread, number));
}
