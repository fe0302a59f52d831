// Hosts with signal handlers of their own: before ours, after ours, instead.
#include "tests/runtime/test_module.h"

#include <csetjmp>
#include <csignal>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

GUEST static int64_t trap(wm_instance *instance, int64_t, int64_t) {
  return *reinterpret_cast<volatile int8_t *>(memoryAt(instance, 0)->base +
                                              (1 << 16));
}

static struct sigaction Ours;
static volatile int NumFaults;
static volatile int *const Wild = reinterpret_cast<int *>(16);

/// Installs what a host might: skips its own faults, which it recognises.
static void install(void (*handler)(int, siginfo_t *, void *)) {
  static char stack[64 << 10];
  stack_t alternate = {};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof(stack);
  sigaltstack(&alternate, nullptr);
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  action.sa_sigaction = handler;
  sigaction(SIGSEGV, &action, &Ours);
}

static sigjmp_buf AfterFault;

static void leaveFault(siginfo_t *info) {
  if (info->si_addr != const_cast<int *>(Wild))
    _exit(3);
  NumFaults = NumFaults + 1;
  siglongjmp(AfterFault, 1);
}

static void faultInHost() {
  if (sigsetjmp(AfterFault, 1) == 0)
    *Wild = 1;
}

/// In a process of its own: faults and traps in turn.
static int mix(Instance &i, uint32_t index) {
  for (int round = 0; round < 100; ++round) {
    if (i.call(index) != WM_TRAPPED || i.error.trap != WM_TRAP_memory_bounds)
      return 1;
    faultInHost();
    if (NumFaults != round + 1)
      return 2;
  }
  return 0;
}

class Handler : public testing::Test {
protected:
  Handler() {
    module.addMemory(1, 1);
    index = module.addFunction(trap);
    descriptor = module.finish();
  }
  template <typename Run> static int inChild(Run run) {
    pid_t child = fork();
    if (child == 0)
      _exit(run());
    int status = -1;
    waitpid(child, &status, 0);
    return status;
  }
  TestModule module;
  uint32_t index;
  const wm_module *descriptor;
};

TEST_F(Handler, InstalledBeforeGetsItsOwnFaults) {
  EXPECT_EQ(0, inChild([&] {
              install([](int, siginfo_t *info, void *) { leaveFault(info); });
              Instance i(descriptor);
              return mix(i, index);
            }));
}

TEST_F(Handler, InstalledAfterMayPassOn) {
  EXPECT_EQ(0, inChild([&] {
              Instance i(descriptor);
              // The runtime's type of siginfo has another name.
              install([](int signal, siginfo_t *info, void *context)
                          __attribute__((no_sanitize("function"))) {
                            if (info->si_addr == const_cast<int *>(Wild))
                              leaveFault(info);
                            Ours.sa_sigaction(signal, info, context);
                          });
              return mix(i, index);
            }));
}

TEST_F(Handler, OfTheHostAloneAsks) {
  EXPECT_EQ(0, inChild([&] {
              if (!wm_set_signals(true, 50))
                return 4;
              install([](int signal, siginfo_t *info, void *context) {
                if (!wm_handle_signal(signal, info, context))
                  leaveFault(info);
              });
              struct sigaction before, current;
              sigaction(SIGBUS, nullptr, &before);
              Instance i(descriptor);
              sigaction(SIGBUS, nullptr, &current);
              if (current.sa_handler != before.sa_handler)
                return 5;
              return mix(i, index);
            }));
}

TEST_F(Handler, CannotChangeWhileThereAreInstances) {
  Instance i(descriptor);
  EXPECT_FALSE(wm_set_signals(true, 50));
}
