// Sockets, as a stream of the host's.
#include "guest.h"

#include <sys/socket.h>
#include <sys/un.h>

using namespace wasi;

class Sock : public testing::Test {
protected:
  /// Gives the guest one end of a pair as its stream 0.
  void connect(int type) {
    ASSERT_EQ(socketpair(AF_UNIX, type, 0, ends), 0);
    take(ends[0]);
  }
  void take(int fd) {
    saved = dup(0);
    dup2(fd, 0);
    ASSERT_TRUE(guest.init(folder));
  }
  void TearDown() override {
    if (saved >= 0) {
      dup2(saved, 0);
      close(saved);
    }
    for (int end : ends)
      if (end >= 0)
        close(end);
  }
  int32_t receive(std::string &out, uint32_t size, int32_t flags,
                  uint16_t &resultFlags, int32_t fd = 0) {
    int32_t buffer = guest.room(size), result = guest.room(4),
            more = guest.room(2);
    int32_t error =
        wm_wasi_sock_recv(guest, fd, guest.put(Iovec{(uint32_t)buffer, size}),
                          1, flags, result, more);
    if (!error) {
      out = guest.string(buffer, guest.get<uint32_t>(result));
      resultFlags = guest.get<uint16_t>(more);
    }
    return error;
  }
  int32_t send(std::string_view text, int32_t flags = 0, int32_t fd = 0) {
    int32_t iovec =
        guest.put(Iovec{(uint32_t)guest.text(text), (uint32_t)text.size()});
    int32_t result = guest.room(4);
    int32_t error = wm_wasi_sock_send(guest, fd, iovec, 1, flags, result);
    if (!error) {
      EXPECT_EQ(guest.get<uint32_t>(result), text.size());
    }
    return error;
  }

  Folder folder;
  Guest guest;
  int ends[2] = {-1, -1};
  int saved = -1;
  std::string text;
  uint16_t flags;
};

TEST_F(Sock, StreamsBothWays) {
  connect(SOCK_STREAM);
  EXPECT_EQ(guest.fdstat(0).type, PORT_SOCKET_STREAM);
  ASSERT_EQ(::send(ends[1], "hello", 5, 0), 5);
  ASSERT_EQ(receive(text, 3, ReceivePeek, flags), 0);
  EXPECT_EQ(text, "hel");
  ASSERT_EQ(receive(text, 5, ReceiveWaitall, flags), 0);
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(flags, 0);
  ASSERT_EQ(send("answer"), 0);
  char buffer[16];
  EXPECT_EQ(recv(ends[1], buffer, sizeof buffer, 0), 6);
  EXPECT_EQ(send("x", 1), PORT_EINVAL);
  EXPECT_EQ(receive(text, 3, 4, flags), PORT_EINVAL);
}

TEST_F(Sock, TellsWhatADatagramLost) {
  connect(SOCK_DGRAM);
  EXPECT_EQ(guest.fdstat(0).type, PORT_SOCKET_DGRAM);
  ASSERT_EQ(::send(ends[1], "hello", 5, 0), 5);
  ASSERT_EQ(receive(text, 3, 0, flags), 0);
  EXPECT_EQ(text, "hel");
  EXPECT_EQ(flags, ReceivedTruncated);
}

TEST_F(Sock, ShutsDownWithoutASignal) {
  connect(SOCK_STREAM);
  EXPECT_EQ(wm_wasi_sock_shutdown(guest, 0, 0), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_sock_shutdown(guest, 0, 4), PORT_EINVAL);
  ASSERT_EQ(wm_wasi_sock_shutdown(guest, 0, ShutdownWrite), 0);
  EXPECT_EQ(send("x"), PORT_EPIPE);
  char buffer[4];
  EXPECT_EQ(recv(ends[1], buffer, sizeof buffer, 0), 0);
  ASSERT_EQ(::send(ends[1], "y", 1, 0), 1);
  ASSERT_EQ(receive(text, 4, 0, flags), 0);
  EXPECT_EQ(text, "y");
  ASSERT_EQ(wm_wasi_sock_shutdown(guest, 0, ShutdownRead | ShutdownWrite), 0);
  ASSERT_EQ(receive(text, 4, 0, flags), 0);
  EXPECT_EQ(text, "");
}

TEST_F(Sock, Accepts) {
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s",
                folder.path("outside/socket").c_str());
  ASSERT_EQ(bind(listener, (sockaddr *)&address, sizeof address), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ends[0] = listener;
  take(listener);
  ends[1] = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::connect(ends[1], (sockaddr *)&address, sizeof address), 0);
  int32_t result = guest.room(4);
  EXPECT_EQ(wm_wasi_sock_accept(guest, 0, 1, result), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_sock_accept(guest, 0, 0, -4), PORT_EFAULT);
  ASSERT_EQ(wm_wasi_sock_accept(guest, 0, PORT_NONBLOCK, result), 0);
  int32_t fd = guest.get<int32_t>(result);
  EXPECT_EQ(fd, 4);
  EXPECT_EQ(guest.fdstat(fd).flags, PORT_NONBLOCK);
  EXPECT_EQ(receive(text, 4, 0, flags, fd), PORT_EAGAIN);
  ASSERT_EQ(send("hi", 0, fd), 0);
  char buffer[4];
  EXPECT_EQ(recv(ends[1], buffer, sizeof buffer, 0), 2);
}

TEST_F(Sock, OtherFilesAreNone) {
  ASSERT_TRUE(guest.init(folder));
  int32_t result = guest.room(8);
  folder.write("root/file", "");
  int32_t file;
  ASSERT_EQ(guest.openPath("file", file, 0, ReadWrite), 0);
  for (int32_t fd : {file, (int32_t)Guest::Root}) {
    EXPECT_EQ(wm_wasi_sock_accept(guest, fd, 0, result), PORT_ENOTSOCK);
    EXPECT_EQ(wm_wasi_sock_shutdown(guest, fd, 1), PORT_ENOTSOCK);
    EXPECT_EQ(receive(text, 4, 0, flags, fd), PORT_ENOTSOCK);
    EXPECT_EQ(send("x", 0, fd), PORT_ENOTSOCK);
  }
  EXPECT_EQ(wm_wasi_sock_accept(guest, 40, 0, result), PORT_EBADF);
  EXPECT_EQ(send("x", 0, -1), PORT_EBADF);
}

TEST_F(Sock, BadAddressesAreFaults) {
  connect(SOCK_STREAM);
  int32_t good = guest.put(Iovec{0, 4});
  int32_t bad = guest.put(Iovec{UINT32_MAX, 4});
  int32_t result = guest.room(4);
  ASSERT_EQ(::send(ends[1], "data", 4, 0), 4);
  EXPECT_EQ(wm_wasi_sock_recv(guest, 0, bad, 1, 0, result, result),
            PORT_EFAULT);
  EXPECT_EQ(wm_wasi_sock_recv(guest, 0, good, -1, 0, result, result),
            PORT_EFAULT);
  EXPECT_EQ(wm_wasi_sock_recv(guest, 0, good, 1, 0, -3, result), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_sock_recv(guest, 0, good, 1, 0, result, -1), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_sock_send(guest, 0, bad, 1, 0, result), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_sock_send(guest, 0, good, 1, 0, -3), PORT_EFAULT);
  ASSERT_EQ(receive(text, 4, 0, flags), 0);
  EXPECT_EQ(text, "data");
}
