// Threads: a record and a signal stack for each, and which of them a store
// belongs to. The sandbox rests on this file: two threads in one store would
// share one stack.
//
// A store belongs to the thread that entered it last, also after it has left,
// so that entering again needs no atomic instruction, which would cost as much
// as all the rest. The entering thread announces itself, then looks whether it
// is the owner, and withdraws the announcement once it is inside. Another one
// that wants the store makes itself the owner, then looks whether the former
// owner has announced itself or is inside. Between these two steps stands a
// barrier that the kernel runs on every processor: either the announcement is
// seen, or the former owner sees that it is none any more. Only the owner, or
// who is inside, writes to the store.
#include "ports/linux/thread.h"

#include <linux/membarrier.h>

extern "C" {
WM_API wm_port_process wm_port_state = {};
WM_API __attribute__((
    tls_model("initial-exec"))) __thread wm_thread *wm_port_self = nullptr;
}

//===-- Records -----------------------------------------------------------===//

static constexpr uint64_t SignalStack = 64 << 10;

/// Whether the thread has ended, as threads should: not inside of a call.
static bool hasEnded(const wm_thread *thread, int process) {
  constexpr long NoSuchThread = -3;
  return !thread->activation &&
         linuxCall(__NR_tgkill, process, thread->id, 0) == NoSuchThread;
}

/// The record of a thread that has ended, or a new one.
static wm_thread *takeRecord(int process, int id, bool needs_stack) {
  Lock lock(wm_port_state.lock);
  wm_port_process &state = wm_port_state;
  if (state.process != process) {
    // After a fork, the one thread that is left keeps the record that it has,
    // under whatever number; all others are lost.
    state.process = process;
    state.threads = nullptr;
  }
  wm_thread *thread = state.threads;
  while (thread && !((thread->signal_stack || !needs_stack) &&
                     (thread->id == id || hasEnded(thread, process))))
    thread = thread->next;
  if (!thread) {
    uint64_t size = needs_stack ? SignalStack : port_page_size();
    void *memory = nullptr;
    if (needs_stack || state.has_first) {
      memory = port_reserve(size);
      if (!memory)
        return nullptr;
      if (!port_commit(memory, size)) {
        port_release(memory, size);
        return nullptr;
      }
    }
    // The first one's stack stays untouched until there is a signal.
    thread = state.has_first ? static_cast<wm_thread *>(memory) : &state.first;
    thread->signal_stack = needs_stack ? memory : nullptr;
    thread->next = state.threads;
    state.threads = thread;
    state.has_first = true;
  }
  if (thread->has_timer) // of the thread that has ended
    linuxCall(__NR_timer_delete, thread->timer);
  thread->has_timer = false;
  thread->activation = nullptr;
  thread->limit = nullptr;
  thread->entering = nullptr;
  thread->process = process;
  thread->id = id;
  return thread;
}

wm_thread *prepareThread() {
  stack_t current = {};
  linuxCall(__NR_sigaltstack, nullptr, &current);
  bool needs_stack = current.ss_flags & SS_DISABLE;
  int process = static_cast<int>(linuxCall(__NR_getpid));
  int id = static_cast<int>(linuxCall(__NR_gettid));
  wm_thread *thread = takeRecord(process, id, needs_stack);
  if (!thread)
    return nullptr;
  // Threads that are made to receive no signals have to receive this one.
  uint64_t mask = 1ull << (wm_port_state.interrupt_signal - 1);
  linuxCall(__NR_rt_sigprocmask, SIG_UNBLOCK, &mask, nullptr, sizeof(mask));
  if (needs_stack) {
    uint64_t used = thread == &wm_port_state.first ? 0 : sizeof(wm_thread);
    stack_t wanted = {};
    wanted.ss_sp = static_cast<char *>(thread->signal_stack) + used;
    wanted.ss_size = SignalStack - used;
    linuxCall(__NR_sigaltstack, &wanted, nullptr);
  }
  wm_port_self = thread;
  return thread;
}

//===-- Owners ------------------------------------------------------------===//

/// After it, every thread of the process has passed a full memory barrier.
static bool barrierOnAllThreads() {
  constexpr long NotRegistered = -1;
  long result =
      linuxCall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  if (result == NotRegistered &&
      linuxCall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0,
                0) == 0)
    result = linuxCall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  return result == 0;
}

bool takeStore(wm_store *store, wm_thread *self) {
  // Not announced while waiting for who does the same.
  __atomic_store_n(&self->entering, nullptr, __ATOMIC_RELEASE);
  Lock lock(wm_port_state.lock);
  wm_thread *former = store->owner;
  if (former == self)
    return true;
  __atomic_store_n(&store->owner, self, __ATOMIC_SEQ_CST);
  if (!former)
    return true;
  if (barrierOnAllThreads() &&
      __atomic_load_n(&former->entering, __ATOMIC_ACQUIRE) != store &&
      !__atomic_load_n(&store->activation, __ATOMIC_ACQUIRE))
    return true;
  __atomic_store_n(&store->owner, former, __ATOMIC_SEQ_CST);
  // A request that was made meanwhile went to this thread.
  if (__atomic_load_n(&store->interrupt, __ATOMIC_SEQ_CST))
    linuxCall(__NR_tgkill, linuxCall(__NR_getpid), linuxThreadId(former),
              wm_port_state.interrupt_signal);
  return false;
}
