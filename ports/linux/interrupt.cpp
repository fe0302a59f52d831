// Stopping guest code from outside. A request stands in store->interrupt; a
// signal makes the thread notice. The handler that finds the thread in guest
// code ends the entry at once, as a fault would. Else:
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

//===-- Timers ------------------------------------------------------------===//

/// The thread's timer, which sends the interrupt signal to the thread. Made
/// outside of guest code or by the handler above guest code, never by both.
static bool needTimer(wm_thread *self) {
  if (self->has_timer)
    return true;
  struct sigevent event = {};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = wm_port_state.interrupt_signal;
  event._sigev_un._tid = linuxThreadId(self);
  constexpr long Monotonic = 1;
  self->has_timer =
      linuxCall(__NR_timer_create, Monotonic, &event, &self->timer) == 0;
  return self->has_timer;
}

static void setTimer(wm_thread *self, uint64_t nanoseconds) {
  constexpr uint64_t Second = 1'000'000'000;
  struct {
    struct {
      int64_t seconds, nanoseconds;
    } interval, value;
  } wanted = {};
  wanted.value.seconds = static_cast<int64_t>(nanoseconds / Second);
  wanted.value.nanoseconds = static_cast<int64_t>(nanoseconds % Second);
  linuxCall(__NR_timer_settime, self->timer, 0, &wanted, nullptr);
}

//===-- The handler -------------------------------------------------------===//

void handleInterrupt(wm_thread *self, Context context) {
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
  if (needTimer(self))
    setTimer(self, Moment);
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
}
