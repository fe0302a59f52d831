// What the port keeps for the process and for each of its threads that enters
// guest code. One copy for all objects of the process, see runtime/process.h.
#pragma once

#include "ports/linux/syscall.h"
#include "runtime/lock.h"
#include "runtime/port.h"
#include "runtime/process.h"

#include <linux/signal.h>

#ifdef SA_RESTORER
using wm_port_action = struct sigaction;
#else
/// QEMU 7.2 reads and writes a restorer that the kernel does not know here.
struct wm_port_action : sigaction {
  unsigned long unused;
};
#endif

/// Instructions that a signal must not let a thread wait in, and where it goes
/// on instead.
struct wm_port_window {
  const void *begin, *end, *cancel;
};

/// An entry from the host into guest code. Lives on the host's stack.
struct wm_activation {
  void *host_stack;  // where to unwind to
  void *guest_stack; // the used part while a call is out of it
  wm_store *store;
  const void *trap_pc; // the instruction that trapped, in guest code
};

/// A thread that has entered guest code. Never given back, as a store may name
/// it as its owner for ever; taken over when its thread has ended.
struct wm_thread {
  wm_activation *activation; // innermost
  wm_store *entering;        // see wm_port_take_store
  wm_time_limit *limit;      // innermost
  wm_thread *next;
  int process, id; // the kernel's: see linuxThreadId
  int timer;       // sends the interrupt signal; valid with has_timer
  bool has_timer;
  wm_port_window window; // of the system call that it waits in
  void *signal_stack;    // for handlers; null: the host supplied one
};

enum { HandledSignals = 3 }; // SIGSEGV, SIGBUS, the interrupt signal

struct wm_port_process {
  uint8_t lock;
  int process;        // that the threads belong to: a fork begins anew
  uint64_t users;     // of the handlers: instances
  wm_thread *threads; // of this process
  wm_thread first;    // most programs need no other
  bool has_first;
  bool is_host_handling; // the host calls wm_handle_signal itself
  /// Far from those that C libraries, Go, the JVM and .NET use.
  int interrupt_signal = 50;
  wm_port_action previous[HandledSignals];
};

extern "C" {
extern wm_port_process wm_port_state;
/// This thread's record, or null. Handlers read it, so it must not need an
/// allocation.
extern
    __attribute__((tls_model("initial-exec"))) __thread wm_thread *wm_port_self;
}

/// The number that the kernel knows the thread by. After a fork, the one thread
/// that is left is the first of its process.
static inline int linuxThreadId(const wm_thread *thread) {
  int process = static_cast<int>(linuxCall(__NR_getpid));
  return thread->process == process ? thread->id : process;
}

/// Gives this thread its record and a stack for signal handlers, which cannot
/// run on a guest's stack that is exhausted. Null when memory is short.
wm_thread *prepareThread();

/// Makes this thread the owner of a store that another thread has used before
/// and is not in now. False if it is in use.
bool takeStore(wm_store *store, wm_thread *self);
