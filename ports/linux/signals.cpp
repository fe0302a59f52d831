// Installing signal handlers, and passing on what is not ours. A host that
// owns all handlers (the Go runtime, a JVM) installs none of ours and calls
// wm_handle_signal from its own.
#include "ports/linux/fault.h"
#include "ports/linux/interrupt.h"
#include "runtime/instance.h"

using Handler = void (*)(int, siginfo_t *, void *);

enum { Segv, Bus, Interrupt };

/// The signals that we handle, by their index in wm_port_process::previous.
static int signalAt(int index) {
  return index == Segv  ? SIGSEGV
         : index == Bus ? SIGBUS
                        : wm_port_state.interrupt_signal;
}

static bool hasHandler(const wm_port_action &action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

static bool setAction(int signal, const wm_port_action *action,
                      wm_port_action *previous) {
  constexpr long MaskSize = 8;
  return linuxCall(__NR_rt_sigaction, signal, action, previous, MaskSize) == 0;
}

// The type of siginfo has another name in the host's libc.
__attribute__((no_sanitize("function"))) static void
callHandler(const wm_port_action &action, int signal, siginfo_t *info,
            void *context) {
  if (action.sa_flags & SA_SIGINFO)
    reinterpret_cast<Handler>(reinterpret_cast<void *>(action.sa_handler))(
        signal, info, context);
  else
    action.sa_handler(signal);
}

static void onFault(int signal, siginfo_t *info, void *context) {
  if (wm_handle_signal(signal, info, context))
    return;
  const wm_port_action &previous =
      wm_port_state.previous[signal == SIGBUS ? Bus : Segv];
  bool is_fault = info->si_code > 0; // and not sent by somebody
  if (hasHandler(previous)) {
    callHandler(previous, signal, info, context);
  } else if (is_fault || previous.sa_handler == SIG_DFL) {
    // The faulting instruction runs again and meets the default action.
    wm_port_action standard = {};
    setAction(signal, &standard, nullptr);
    if (!is_fault)
      linuxCall(__NR_tgkill, linuxCall(__NR_getpid), linuxCall(__NR_gettid),
                signal);
  }
}

static void onInterrupt(int signal, siginfo_t *info, void *context) {
  wm_handle_signal(signal, info, context);
  // Whoever used this signal before cannot be told apart.
  const wm_port_action &previous = wm_port_state.previous[Interrupt];
  if (hasHandler(previous))
    callHandler(previous, signal, info, context);
}

static void *handlerAt(int index) {
  return reinterpret_cast<void *>(index == Interrupt ? &onInterrupt : &onFault);
}

extern "C" {

WM_API bool wm_handle_signal(int signal, void *info, void *context) {
  wm_thread *self = wm_port_self;
  if (signal == wm_port_state.interrupt_signal) {
    if (self)
      handleInterrupt(self, Context(context));
    return true;
  }
  if (!self || (signal != SIGSEGV && signal != SIGBUS))
    return false;
  return handleFault(self, static_cast<siginfo_t *>(info), Context(context));
}

WM_API bool wm_set_signals(bool host_handles, int interrupt_signal) {
  constexpr int FirstRealTime = 32, Last = 64;
  if (interrupt_signal < FirstRealTime || interrupt_signal > Last)
    return false;
  Lock lock(wm_port_state.lock);
  wm_port_process &state = wm_port_state;
  if (state.users)
    return false;
  state.is_host_handling = host_handles;
  state.interrupt_signal = interrupt_signal;
  return true;
}

bool port_init() {
  Lock lock(wm_port_state.lock);
  wm_port_process &state = wm_port_state;
  if (state.users++ || state.is_host_handling)
    return true;
  wm_port_action action = {};
  // Nobody but a waiting guest needs to know that there was a signal.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
#ifdef SA_RESTORER // elsewhere handlers return to code of the kernel's
  action.sa_flags |= SA_RESTORER;
  action.sa_restorer = wm_port_restore;
#endif
  for (int i = 0; i < HandledSignals; ++i) {
    action.sa_handler = reinterpret_cast<__sighandler_t>(handlerAt(i));
    if (setAction(signalAt(i), &action, &state.previous[i]))
      continue;
    --state.users;
    return false;
  }
  return true;
}

void port_finish() {
  Lock lock(wm_port_state.lock);
  wm_port_process &state = wm_port_state;
  if (--state.users || state.is_host_handling)
    return;
  // One that was sent, and not yet delivered, must not end the process.
  wm_port_action &interrupt = state.previous[Interrupt];
  if (interrupt.sa_handler == SIG_DFL)
    interrupt.sa_handler = SIG_IGN;
  for (int i = 0; i < HandledSignals; ++i) {
    // Who came later and passes signals on to us has to stay.
    wm_port_action current;
    if (setAction(signalAt(i), nullptr, &current) &&
        reinterpret_cast<void *>(current.sa_handler) == handlerAt(i))
      setAction(signalAt(i), &state.previous[i], nullptr);
  }
}
}
