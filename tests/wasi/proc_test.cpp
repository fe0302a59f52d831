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

TEST(Process, AsksForTheEndWithTheGuestsCode) {
  Guest guest;
  wm_store store = {};
  wm_instance *instance = guest;
  instance->store = &store;
  for (int code : {0, 1, 42, 255, -1}) {
    store.interrupt = 0;
    wm_wasi_proc_exit(guest, code);
    EXPECT_EQ(store.interrupt, uint32_t(WM_REQUEST_EXIT));
    EXPECT_EQ(store.error.exit_code, code);
  }
  instance->store = nullptr;
}

TEST(Process, OfAHostGetsNoSignals) {
  Guest guest;
  ASSERT_TRUE(guest.init());
  EXPECT_EQ(wm_wasi_proc_raise(guest, 9), PORT_ENOTCAPABLE);
}

TEST(Process, RaisesSignalsByWasisNumbers) {
  Guest guest;
  guest.Config.is_process = true;
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
