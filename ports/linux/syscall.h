// System calls without a libc: the runtime links into glibc, musl and no-libc
// programs alike. The processor's own part is in a folder of its name.
#pragma once

#include <asm/unistd.h>

#if defined(__x86_64__)
#include "ports/linux/x86_64/syscall.h"
#elif defined(__aarch64__)
#include "ports/linux/aarch64/syscall.h"
#elif defined(__riscv)
#include "ports/linux/riscv64/syscall.h"
#else
#error "no system call sequence for this processor"
#endif

/// Makes a system call: integers and pointers as arguments. Negative results
/// down to -4095 are errors, the negated errno.
template <typename... Arguments>
static inline long linuxCall(long number, Arguments... arguments) {
  static_assert(sizeof...(Arguments) <= 6);
  return linuxSyscall(number, (long)arguments...);
}
