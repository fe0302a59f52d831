// Entering guest code, and what leaves it early. A fault counts as a trap only
// when this thread is in guest code, the instruction belongs to compiled code
// and the address to a memory of the same store, or to the guard of the guest's
// stack. Every other fault goes to whoever handled it before.
// The sandbox rests on this file.
#include "ports/linux/switch.h"
#include "ports/linux/syscall.h"
#include "runtime/instance.h"
#include "runtime/port.h"
#include "runtime/process.h"

#include <linux/signal.h>
// After the signals: it lacks includes of its own.
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

namespace {

using Handler = void (*)(int, siginfo_t *, void *);

struct AlternateStack {
  AlternateStack *next;
  long thread;
  void *low;
  uint64_t size;
};

struct Thread {
  wm_activation *activation; // innermost
  bool has_signal_stack;
};

struct PortState {
  uint8_t lock;
  uint64_t users;               // of the handlers: instances
  AlternateStack *stacks;       // of signal handlers, one for each thread
  AlternateStack first_stack;   // most programs need no other
  struct sigaction previous[2]; // SIGSEGV, SIGBUS
};

constexpr uint64_t SignalStack = 64 << 10;

} // namespace

extern "C" {
// One state for all objects of the process, see runtime/process.h. The handler
// reads the thread's part, so it must not need an allocation.
WM_API PortState wm_port_state = {};
WM_API __attribute__((
    tls_model("initial-exec"))) __thread Thread wm_port_thread = {};
}

static bool isIn(const void *address, const void *begin, const void *end) {
  return address >= begin && address < end;
}

//===-- Faults ------------------------------------------------------------===//

static bool isGuestCode(const wm_store *store, const void *pc) {
  for (wm_instance *i = store->instances; i; i = i->next)
    if (isIn(pc, i->module->code_begin, i->module->code_end))
      return true;
  return false;
}

static bool isGuestMemory(const wm_store *store, const uint8_t *address) {
  for (wm_instance *i = store->instances; i; i = i->next)
    for (uint32_t m = 0; m < i->module->num_memories; ++m) {
      const wm_memory *memory = wm_instance_memory(i, m);
      if (memory &&
          isIn(address, memory->base, memory->base + memory->reserved))
        return true;
    }
  return false;
}

static wm_trap_code classify(const wm_activation *activation, const void *pc,
                             const void *stack, const uint8_t *address) {
  const wm_store *store =
      activation->instance ? activation->instance->store : nullptr;
  if (!store)
    return WM_TRAP_none;
  // Also in the runtime's functions that guest code calls on its own stack: how
  // deep it is, the guest decides. The host has a stack of its own.
  const uint8_t *guard = store->stack_low - store->stack_guard;
  if (isIn(address, guard, store->stack_low) &&
      isIn(stack, guard, store->stack_high))
    return WM_TRAP_stack_exhausted;
  if (isGuestCode(store, pc) && isGuestMemory(store, address))
    return WM_TRAP_memory_bounds;
  return WM_TRAP_none;
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
  wm_activation *activation = wm_port_thread.activation;
  struct sigcontext &registers =
      static_cast<struct ucontext *>(context)->uc_mcontext;
  const void *pc = reinterpret_cast<const void *>(registers.rip);
  wm_trap_code trap = WM_TRAP_none;
  if (activation && info->si_code > 0)
    trap = classify(activation, pc, reinterpret_cast<void *>(registers.rsp),
                    static_cast<uint8_t *>(info->si_addr));
  if (trap == WM_TRAP_none) {
    passOn(signal, info, context);
    return;
  }
  // The return from the handler restores the signal mask and goes on in
  // wm_port_unwind, already on the host's stack.
  activation->trap_pc = pc;
  registers.rdi = reinterpret_cast<uint64_t>(activation->host_stack);
  registers.rsi = static_cast<uint64_t>(trap);
  registers.rsp = registers.rdi;
  registers.rip = reinterpret_cast<uint64_t>(&wm_port_unwind);
}

//===-- Preparation -------------------------------------------------------===//

namespace {
class Lock {
public:
  Lock() {
    while (__atomic_exchange_n(&wm_port_state.lock, 1, __ATOMIC_ACQUIRE))
      linuxCall(__NR_sched_yield);
  }
  ~Lock() { __atomic_store_n(&wm_port_state.lock, 0, __ATOMIC_RELEASE); }
};
} // namespace

/// A stack for signal handlers: of a thread that has ended, or a new one.
static AlternateStack *takeSignalStack() {
  long thread = linuxCall(__NR_gettid);
  Lock lock;
  for (AlternateStack *s = wm_port_state.stacks; s; s = s->next) {
    constexpr long NoSuchThread = -3;
    if (s->thread != thread && linuxCall(__NR_tgkill, linuxCall(__NR_getpid),
                                         s->thread, 0) != NoSuchThread)
      continue;
    s->thread = thread;
    return s;
  }
  void *memory = port_reserve(SignalStack);
  if (!memory)
    return nullptr;
  if (!port_commit(memory, SignalStack)) {
    port_release(memory, SignalStack);
    return nullptr;
  }
  // The first one's pages stay untouched until there is a signal.
  AlternateStack *stack = &wm_port_state.first_stack;
  if (!stack->low) {
    *stack = {nullptr, thread, memory, SignalStack};
  } else {
    stack = static_cast<AlternateStack *>(memory);
    *stack = {nullptr, thread, stack + 1, SignalStack - sizeof(*stack)};
  }
  stack->next = wm_port_state.stacks;
  wm_port_state.stacks = stack;
  return stack;
}

/// Handlers cannot run on a guest's stack that is exhausted.
static void prepareThread() {
  wm_port_thread.has_signal_stack = true;
  stack_t current = {};
  linuxCall(__NR_sigaltstack, nullptr, &current);
  if (!(current.ss_flags & SS_DISABLE))
    return; // the host's own
  AlternateStack *stack = takeSignalStack();
  if (!stack)
    return;
  stack_t wanted = {};
  wanted.ss_sp = stack->low;
  wanted.ss_size = stack->size;
  linuxCall(__NR_sigaltstack, &wanted, nullptr);
}

extern "C" {

static constexpr int Signals[2] = {SIGSEGV, SIGBUS};

static bool setAction(int signal, const struct sigaction *action,
                      struct sigaction *previous) {
  constexpr long MaskSize = 8;
  return linuxCall(__NR_rt_sigaction, signal, action, previous, MaskSize) == 0;
}

bool port_init() {
  Lock lock;
  if (wm_port_state.users++)
    return true;
  struct sigaction action = {};
  action.sa_handler =
      reinterpret_cast<__sighandler_t>(reinterpret_cast<void *>(&onFault));
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER;
  action.sa_restorer = wm_port_restore;
  for (int i = 0; i < 2; ++i)
    if (!setAction(Signals[i], &action, &wm_port_state.previous[i])) {
      --wm_port_state.users;
      return false;
    }
  return true;
}

void port_finish() {
  Lock lock;
  if (--wm_port_state.users)
    return;
  for (int i = 0; i < 2; ++i) {
    // Who came later and passes faults on to us has to stay.
    struct sigaction current;
    if (setAction(Signals[i], nullptr, &current) &&
        reinterpret_cast<void *>(current.sa_handler) ==
            reinterpret_cast<void *>(&onFault))
      setAction(Signals[i], &wm_port_state.previous[i], nullptr);
  }
}

//===-- Entry and exit ----------------------------------------------------===//

/// Where to go on with the store's stack.
static uint8_t *stackFor(const wm_store *store) {
  const wm_activation *entered = store->activation;
  if (!entered)
    return store->stack_high;
  // The host was called by guest code of this store, and calls back.
  if (!entered->guest_stack) {
    static const char text[] =
        "wasmetal: guest code entered from guest code without port_leave\n";
    port_message(text, sizeof(text) - 1);
    __builtin_trap();
  }
  return reinterpret_cast<uint8_t *>(
      reinterpret_cast<uintptr_t>(entered->guest_stack) & ~uintptr_t(15));
}

__attribute__((noinline)) wm_trap_code port_enter(wm_activation *activation,
                                                  wm_instance *instance,
                                                  void (*function)(void *),
                                                  void *argument) {
  if (!wm_port_thread.has_signal_stack)
    prepareThread();
  wm_store *store = instance ? instance->store : nullptr;
  wm_activation *outer = wm_port_thread.activation;
  wm_activation *outer_of_store = store ? store->activation : nullptr;
  activation->outer = outer;
  activation->instance = instance;
  activation->guest_stack = nullptr;
  void *stack = store ? stackFor(store) : nullptr;
  if (store)
    store->activation = activation;
  wm_port_thread.activation = activation;
  wm_trap_code trap = static_cast<wm_trap_code>(
      wm_port_switch(&activation->host_stack, stack, function, argument));
  wm_port_thread.activation = outer;
  if (store)
    store->activation = outer_of_store;
  activation->trap = trap;
  return trap;
}

void port_trap(wm_trap_code code, const void *pc) {
  wm_activation *activation = wm_port_thread.activation;
  if (!activation) {
    static const char text[] = "wasmetal: trap outside of any entry\n";
    port_message(text, sizeof(text) - 1);
    __builtin_trap();
  }
  activation->trap_pc = pc;
  wm_port_unwind(activation->host_stack, code);
}
}
