// Threads that wait for each other: futexes. Requests to stop the guest end the
// wait as they end any other system call (interrupt.cpp).
// https://man7.org/linux/man-pages/man2/futex.2.html
#include "ports/linux/waiting.h"
#include "runtime/port.h"

#include <asm/errno.h>
#include <linux/futex.h>
#include <linux/time.h>
#include <linux/time_types.h>

static constexpr uint64_t Second = 1'000'000'000;

extern "C" {

void port_yield() { linuxCall(__NR_sched_yield); }

uint64_t port_deadline(uint64_t nanoseconds) {
  __kernel_timespec now = {};
  linuxCall(__NR_clock_gettime, CLOCK_MONOTONIC, &now);
  uint64_t time = static_cast<uint64_t>(now.tv_sec) * Second +
                  static_cast<uint64_t>(now.tv_nsec);
  uint64_t deadline;
  return __builtin_add_overflow(time, nanoseconds, &deadline) ? PORT_NO_DEADLINE
                                                              : deadline;
}

void port_sleep(const uint32_t *word, uint64_t deadline) {
  __kernel_timespec until = {};
  until.tv_sec = static_cast<__kernel_time64_t>(deadline / Second);
  until.tv_nsec = static_cast<long long>(deadline % Second);
  // Absolute times, by the monotonic clock.
  constexpr long Wait = FUTEX_WAIT_BITSET_PRIVATE;
  while (!__atomic_load_n(word, __ATOMIC_ACQUIRE)) {
    long result = linuxWaiting(__NR_futex, word, Wait, 0,
                               deadline == PORT_NO_DEADLINE ? nullptr : &until,
                               nullptr, FUTEX_BITSET_MATCH_ANY);
    if (result == -ETIMEDOUT || result == -EINTR)
      return;
  }
}

void port_wake(uint32_t *word) {
  linuxCall(__NR_futex, word, FUTEX_WAKE_PRIVATE, 1);
}
}
