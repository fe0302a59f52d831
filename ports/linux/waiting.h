// System calls that may wait for long while a guest is to be stopped.
#pragma once

#include "ports/linux/syscall.h"

/// A system call that may wait for long, for guest code: a request ends it with
/// EINTR, also one that was made just before it. Requests follow at once, as
/// who calls for the guest looks for them when this has returned.
long linuxWaitingCall(long number, const long (&arguments)[6]);

template <typename... Arguments>
static inline long linuxWaiting(long number, Arguments... arguments) {
  static_assert(sizeof...(Arguments) <= 6);
  const long words[6] = {(long)arguments...};
  return linuxWaitingCall(number, words);
}
