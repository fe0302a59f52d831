// Where a signal interrupted a thread, on x86-64.
#pragma once

#include "ports/linux/switch.h"

#include <linux/signal.h>
// After the signals: it lacks includes of its own.
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

class Context {
public:
  explicit Context(void *context)
      : registers(static_cast<struct ucontext *>(context)->uc_mcontext) {}

  const void *pc() const {
    return reinterpret_cast<const void *>(registers.rip);
  }
  const void *stack() const {
    return reinterpret_cast<const void *>(registers.rsp);
  }
  /// The return from the handler restores the signal mask and goes on in
  /// wm_port_unwind, which takes nothing from the stack.
  void unwind(wm_activation *activation, int result) {
    registers.rdi = reinterpret_cast<uint64_t>(activation);
    registers.rsi = static_cast<uint64_t>(result);
    registers.rip = reinterpret_cast<uint64_t>(&wm_port_unwind);
  }

  /// Whether an access failed that the kernel was making in its place, so that
  /// the signal does not tell its address.
  bool isEmulated(const siginfo_t *) const { return false; }

  /// Goes on elsewhere in the same function.
  void resumeAt(const void *pc) {
    registers.rip = reinterpret_cast<uint64_t>(pc);
  }

private:
  struct sigcontext &registers;
};
