// Waiting for clocks, and for streams, which are always ready.
#include "libc_backing/streams/wasi_streams.h"

using namespace wasi;

namespace {
/// Realtime and monotonic, by their numbers.
struct Clocks {
  uint64_t time[2] = {};
  Clocks() {
    for (int i = PORT_REALTIME; i <= PORT_MONOTONIC; ++i)
      port_clock_time((port_clock)i, &time[i]);
  }
};
} // namespace

/// How long until a clock's subscription is due; an errno for one that never
/// will be.
static Errno timeLeft(const Subscription &from, const Clocks &start,
                      const Clocks &now, uint64_t &left) {
  uint32_t clock = from.clock.id;
  // Nothing sleeps until processor time has passed.
  if (clock > PORT_MONOTONIC)
    return clock > PORT_THREAD_CPUTIME ? PORT_EINVAL : PORT_ENOTSUP;
  if (from.clock.flags & ~ClockAbstime)
    return PORT_EINVAL;
  uint64_t due = from.clock.timeout;
  if (!(from.clock.flags & ClockAbstime) &&
      __builtin_add_overflow(start.time[clock], due, &due))
    due = UINT64_MAX;
  left = due > now.time[clock] ? due - now.time[clock] : 0;
  return Success;
}

int32_t wm_wasi_poll_oneoff(wm_instance *instance, int32_t in, int32_t out,
                            int32_t count, int32_t result) {
  WASI_STATE(instance);
  GuestMemory memory(instance);
  uint32_t number = (uint32_t)count;
  GuestResult<uint32_t> told;
  uint8_t *subscriptions, *events;
  if (number == 0)
    return PORT_EINVAL;
  if (!memory.range((uint32_t)in, (uint64_t)number * sizeof(Subscription),
                    subscriptions) ||
      !memory.range((uint32_t)out, (uint64_t)number * sizeof(Event), events) ||
      !told.find(memory, result))
    return PORT_EFAULT;
  Clocks start;
  for (;;) {
    Clocks now;
    uint64_t wait = UINT64_MAX;
    uint32_t written = 0;
    for (uint32_t i = 0; i < number; ++i) {
      Subscription from;
      __builtin_memcpy(&from, subscriptions + i * sizeof from, sizeof from);
      if (from.tag > EventFdWrite)
        return PORT_EINVAL;
      Event event = {};
      event.userdata = from.userdata;
      event.type = from.tag;
      uint64_t left = 0;
      if (from.tag == EventClock)
        event.error = (uint16_t)timeLeft(from, start, now, left);
      else if (!isOpenStream((StreamState *)state, (int32_t)from.fd))
        event.error = PORT_EBADF;
      wait = left < wait ? left : wait;
      if (left)
        continue;
      __builtin_memcpy(events + written++ * sizeof event, &event, sizeof event);
    }
    if (written) {
      told.set(written);
      return Success;
    }
    if (int error = port_wait(nullptr, 0, &wait))
      return -error;
  }
}
