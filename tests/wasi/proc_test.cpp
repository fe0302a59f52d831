// The end of the process and signals.
#include "guest.h"
#include "runtime/port.h"

#include <csignal>
#include <sys/wait.h>

/// How a child that does `work` ends.
template <typename Work> static int statusOf(Work work) {
  pid_t child = fork();
  if (child == 0) {
    work();
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(Process, ExitsWithTheGuestsCode) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  for (int code : {0, 1, 42, 255}) {
    int status = statusOf([&] { wm_wasi_proc_exit(guest, code); });
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), code);
  }
}

TEST(Process, RaisesSignalsByWasisNumbers) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  struct {
    int wasi, host;
  } signals[] = {
      {1, SIGHUP}, {6, SIGABRT}, {9, SIGKILL}, {15, SIGTERM}, {30, SIGSYS}};
  for (auto [number, host] : signals) {
    int status = statusOf([&, number = number, host = host] {
      if (host != SIGKILL)
        signal(host, SIG_DFL); // the sanitizer's
      wm_wasi_proc_raise(guest, number);
    });
    ASSERT_TRUE(WIFSIGNALED(status)) << number;
    EXPECT_EQ(WTERMSIG(status), host);
  }
  EXPECT_EQ(wm_wasi_proc_raise(guest, 0), 0);
  EXPECT_EQ(wm_wasi_proc_raise(guest, 16), 0); // SIGCHLD, ignored
  EXPECT_EQ(wm_wasi_proc_raise(guest, 31), PORT_EINVAL);
  EXPECT_EQ(wm_wasi_proc_raise(guest, -1), PORT_EINVAL);
}

TEST(Process, Yields) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  EXPECT_EQ(wm_wasi_sched_yield(guest), 0);
}
