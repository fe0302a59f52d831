// Where a signal interrupted a thread, on RISC-V.
#pragma once

#include "ports/linux/switch.h"

#include <linux/signal.h>
// After the signals: it lacks includes of its own.
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

class Context {
public:
  explicit Context(void *context)
      : registers(
            static_cast<struct ucontext *>(context)->uc_mcontext.sc_regs) {}

  const void *pc() const {
    return reinterpret_cast<const void *>(registers.pc);
  }
  const void *stack() const {
    return reinterpret_cast<const void *>(registers.sp);
  }
  /// The return from the handler restores the signal mask and goes on in
  /// wm_port_unwind, which takes nothing from the stack.
  void unwind(wm_activation *activation, int result) {
    registers.a0 = reinterpret_cast<uint64_t>(activation);
    registers.a1 = static_cast<uint64_t>(result);
    registers.pc = reinterpret_cast<uint64_t>(&wm_port_unwind);
  }

  /// Whether an access failed that the kernel was making in its place, so that
  /// the signal does not tell its address: of unaligned ones, where the
  /// processor has none, it gives the instruction's.
  bool isEmulated(const siginfo_t *info) const {
    return info->si_signo == SIGBUS && info->si_code == BUS_ADRALN &&
           info->si_addr == pc();
  }

  /// Goes on elsewhere in the same function.
  void resumeAt(const void *pc) {
    registers.pc = reinterpret_cast<uint64_t>(pc);
  }

private:
  struct user_regs_struct &registers;
};
