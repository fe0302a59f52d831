// Installing signal handlers, and passing on what is not ours. A host that
// owns all handlers (the Go runtime, a JVM) installs none of ours and calls
// wm_handle_signal from its own.
#include "ports/linux/fault.h"
#include "runtime/instance.h"

using Handler = void (*)(int, siginfo_t *, void *);

static constexpr int Signals[HandledSignals] = {SIGSEGV, SIGBUS};

static bool setAction(int signal, const struct sigaction *action,
                      struct sigaction *previous) {
  constexpr long MaskSize = 8;
  return linuxCall(__NR_rt_sigaction, signal, action, previous, MaskSize) == 0;
}

// The type of siginfo has another name in the host's libc.
__attribute__((no_sanitize("function"))) static void
passOn(int signal, siginfo_t *info, void *context) {
  struct sigaction &previous = wm_port_state.previous[signal == SIGBUS];
  if (previous.sa_handler == SIG_IGN && info->si_code <= 0)
    return;
  if (previous.sa_handler == SIG_DFL || previous.sa_handler == SIG_IGN) {
    // The faulting instruction runs again and meets the default action.
    struct sigaction standard = {};
    linuxCall(__NR_rt_sigaction, signal, &standard, 0, 8);
    if (info->si_code <= 0)
      linuxCall(__NR_tgkill, linuxCall(__NR_getpid), linuxCall(__NR_gettid),
                signal);
    return;
  }
  if (previous.sa_flags & SA_SIGINFO)
    reinterpret_cast<Handler>(reinterpret_cast<void *>(previous.sa_handler))(
        signal, info, context);
  else
    previous.sa_handler(signal);
}

static void onFault(int signal, siginfo_t *info, void *context) {
  if (!wm_handle_signal(signal, info, context))
    passOn(signal, info, context);
}

extern "C" {

WM_API bool wm_handle_signal(int signal, void *info, void *context) {
  wm_thread *self = wm_port_self;
  if (!self || (signal != SIGSEGV && signal != SIGBUS))
    return false;
  return handleFault(self, static_cast<siginfo_t *>(info), Context(context));
}

WM_API bool wm_set_signal_handling(bool host_handles_signals) {
  Lock lock;
  if (wm_port_state.users)
    return false;
  wm_port_state.is_host_handling = host_handles_signals;
  return true;
}

bool port_init() {
  Lock lock;
  wm_port_process &state = wm_port_state;
  if (state.users++ || state.is_host_handling)
    return true;
  struct sigaction action = {};
  action.sa_handler =
      reinterpret_cast<__sighandler_t>(reinterpret_cast<void *>(&onFault));
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER;
  action.sa_restorer = wm_port_restore;
  for (int i = 0; i < HandledSignals; ++i)
    if (!setAction(Signals[i], &action, &state.previous[i])) {
      --state.users;
      return false;
    }
  return true;
}

void port_finish() {
  Lock lock;
  wm_port_process &state = wm_port_state;
  if (--state.users || state.is_host_handling)
    return;
  for (int i = 0; i < HandledSignals; ++i) {
    // Who came later and passes faults on to us has to stay.
    struct sigaction current;
    if (setAction(Signals[i], nullptr, &current) &&
        reinterpret_cast<void *>(current.sa_handler) ==
            reinterpret_cast<void *>(&onFault))
      setAction(Signals[i], &state.previous[i], nullptr);
  }
}
}
