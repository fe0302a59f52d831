// Stopping guest code from outside, and time limits. A request stands in
// store->interrupt; a signal makes the thread notice. The handler that finds
// the thread in guest code ends the entry at once, as a fault would. Else:
//
// - In a function of the host, it does nothing: guest code looks at the request
//   when the call has returned, and from there on signals find guest code.
// - In a system call that waits for the guest, it ends that call.
// - Anywhere else (the runtime, on the way in or out, another signal handler
//   above guest code) it comes again a moment later. On the way in, guest code
//   looks at the request as its first act.
//
// The sandbox rests on this file.
#include "ports/linux/interrupt.h"
#include "ports/linux/fault.h"
#include "ports/linux/waiting.h"
#include "runtime/instance.h"

static uint32_t requestOf(const wm_store *store) {
  return __atomic_load_n(&store->interrupt, __ATOMIC_RELAXED);
}

//===-- Time limits -------------------------------------------------------===//

// Each thread has one timer, for the next of its limits or for another try. It
// is set outside of guest code, or by the handler above guest code: when the
// former sets it, no try is due, as guest code will look at the request itself.

static constexpr uint64_t Never = ~0ull;
static constexpr uint64_t Second = 1'000'000'000;
static constexpr long MonotonicClock = 1;

struct KernelTime {
  int64_t seconds, nanoseconds;
};

static uint64_t now() {
  KernelTime time = {};
  linuxCall(__NR_clock_gettime, MonotonicClock, &time);
  return static_cast<uint64_t>(time.seconds) * Second +
         static_cast<uint64_t>(time.nanoseconds);
}

/// The thread's timer, which sends the interrupt signal to it.
static bool needTimer(wm_thread *self) {
  int process = static_cast<int>(linuxCall(__NR_getpid));
  if (self->process != process) {
    // Timers do not survive a fork.
    self->id = linuxThreadId(self);
    self->process = process;
    self->has_timer = false;
  }
  if (self->has_timer)
    return true;
  struct sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = wm_port_state.interrupt_signal;
  event._sigev_un._tid = self->id;
  self->has_timer =
      linuxCall(__NR_timer_create, MonotonicClock, &event, &self->timer) == 0;
  return self->has_timer;
}

/// Never: no signal.
static void setTimer(wm_thread *self, uint64_t time) {
  struct {
    KernelTime interval, value;
  } wanted = {};
  if (time != Never)
    wanted.value = {static_cast<int64_t>(time / Second),
                    static_cast<int64_t>(time % Second)};
  constexpr long Absolute = 1;
  linuxCall(__NR_timer_settime, self->timer, Absolute, &wanted, nullptr);
}

/// Requests what exceeded limits ask for. Returns when the next one ends.
static uint64_t raiseExceeded(const wm_time_limit *limit, uint64_t time) {
  uint64_t next = Never;
  for (; limit; limit = limit->outer)
    if (limit->deadline <= time)
      __atomic_fetch_or(&limit->store->interrupt, WM_REQUEST_TIME,
                        __ATOMIC_RELAXED);
    else if (limit->deadline < next)
      next = limit->deadline;
  return next;
}

//===-- The handler -------------------------------------------------------===//

void handleInterrupt(wm_thread *self, Context context) {
  uint64_t next = Never;
  if (self->limit) {
    next = raiseExceeded(self->limit, now());
    if (next != Never)
      setTimer(self, next);
  }
  wm_activation *activation = self->activation;
  if (!activation || !requestOf(activation->store))
    return;
  if (activation->guest_stack) {
    const wm_port_window &window = self->window;
    if (context.pc() >= window.begin && context.pc() < window.end)
      context.resumeAt(window.cancel);
    return;
  }
  if (isGuestCode(activation->store, context.pc())) {
    activation->trap_pc = context.pc();
    context.unwind(activation, wm_take_request(activation->store));
    return;
  }
  constexpr uint64_t Moment = 50'000;
  if (needTimer(self)) {
    uint64_t again = now() + Moment;
    setTimer(self, again < next ? again : next);
  }
}

//===-- Waiting -----------------------------------------------------------===//

static constexpr long Interrupted = -4; // EINTR

long linuxWaitingCall(long number, const long (&arguments)[6]) {
  wm_thread *self = wm_port_self;
  wm_activation *activation = self ? self->activation : nullptr;
  if (!activation)
    return linuxCall(number, arguments[0], arguments[1], arguments[2],
                     arguments[3], arguments[4], arguments[5]);
  wm_port_waiting waiting = {&activation->store->interrupt,
                             &self->window,
                             number,
                             {arguments[0], arguments[1], arguments[2],
                              arguments[3], arguments[4], arguments[5]}};
  // Signals that are nothing to the guest do not end its calls.
  long result = Interrupted;
  while (result == Interrupted && !requestOf(activation->store))
    result = wm_port_wait(&waiting);
  self->window = {}; // this code may be unloaded
  return result;
}

//===-- The interface -----------------------------------------------------===//

extern "C" {

WM_API void wm_interrupt(wm_instance *instance) {
  wm_store *store = instance->store;
  __atomic_fetch_or(&store->interrupt, WM_REQUEST_INTERRUPT, __ATOMIC_SEQ_CST);
  // A thread that becomes the owner after this looks at the request after that.
  // The signal itself is a barrier for a thread that has been the owner.
  wm_thread *owner = __atomic_load_n(&store->owner, __ATOMIC_SEQ_CST);
  if (owner)
    linuxCall(__NR_tgkill, linuxCall(__NR_getpid), linuxThreadId(owner),
              wm_port_state.interrupt_signal);
}

WM_API bool wm_interrupt_clear(wm_instance *instance) {
  return __atomic_fetch_and(&instance->store->interrupt, ~WM_REQUEST_INTERRUPT,
                            __ATOMIC_SEQ_CST) &
         WM_REQUEST_INTERRUPT;
}
WM_API wm_status wm_limit_begin(wm_time_limit *limit, wm_instance *instance,
                                uint64_t nanoseconds) {
  wm_thread *self = wm_port_self ? wm_port_self : prepareThread();
  if (!self || !needTimer(self))
    return WM_NO_MEMORY;
  uint64_t time = now();
  limit->store = instance->store;
  limit->outer = self->limit;
  if (__builtin_add_overflow(time, nanoseconds, &limit->deadline))
    limit->deadline = Never;
  __atomic_store_n(&self->limit, limit, __ATOMIC_RELEASE);
  setTimer(self, raiseExceeded(limit, time));
  return WM_OK;
}

WM_API void wm_limit_end(wm_time_limit *limit) {
  wm_thread *self = wm_port_self;
  __atomic_store_n(&self->limit, limit->outer, __ATOMIC_RELEASE);
  __atomic_fetch_and(&limit->store->interrupt, ~uint32_t(WM_REQUEST_TIME),
                     __ATOMIC_RELAXED);
  uint64_t next = Never;
  if (limit->outer)
    next = raiseExceeded(limit->outer, now());
  setTimer(self, next);
}
}
