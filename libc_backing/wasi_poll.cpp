// Waiting for clocks and descriptors.
#include "libc_backing/wasi_files.h"
#include "runtime/port.h"

using namespace wasi;

namespace {
/// A subscription, read once, and what came of it.
struct Watch {
  FdEntry *use; // of a descriptor that is waited for
  uint64_t userdata;
  uint64_t timeout; // of a clock: when, by that clock
  uint32_t clock;
  uint16_t error; // answered at once
  uint8_t type;   // EventType
};

/// Room for many subscriptions; few need no memory but the stack's.
class WatchList {
public:
  enum : uint32_t { Small = 32 };

  explicit WatchList(FdTable &table) : Table(table) {}
  bool reserve(uint32_t count) {
    Watches = SmallWatches;
    Polls = SmallPolls;
    if (count <= Small)
      return true;
    uint64_t size = (uint64_t)count * (sizeof(Watch) + sizeof(port_poll));
    Size = roundToPage(size);
    Room = port_reserve(Size);
    if (!Room || !port_commit(Room, Size))
      return false;
    Watches = (Watch *)Room;
    Polls = (port_poll *)(Watches + count);
    return true;
  }
  ~WatchList() {
    for (uint32_t i = 0; i < Count; ++i)
      if (Watches[i].use)
        Table.release(Watches[i].use);
    if (Room)
      port_release(Room, Size);
  }

  uint32_t Count = 0; // of those that are filled in
  Watch *Watches;
  port_poll *Polls; // one for each; without a descriptor -1, which is ignored

private:
  FdTable &Table;
  void *Room = nullptr;
  uint64_t Size = 0;
  Watch SmallWatches[Small];
  port_poll SmallPolls[Small];
};
} // namespace

/// Takes a subscription in; `isReady` when it is answered without waiting.
static void watch(FileState *state, const Subscription &from, Watch &watch,
                  port_poll &poll, bool &isReady) {
  watch = {};
  poll = {-1, 0, 0};
  watch.userdata = from.userdata;
  watch.type = from.tag;
  if (from.tag == EventClock) {
    uint64_t now;
    watch.clock = from.clock.id;
    // Nothing sleeps until processor time has passed.
    if (watch.clock > PORT_MONOTONIC)
      watch.error =
          watch.clock > PORT_THREAD_CPUTIME ? PORT_EINVAL : PORT_ENOTSUP;
    else if (from.clock.flags & ~ClockAbstime)
      watch.error = PORT_EINVAL;
    else if (int error = port_clock_time((port_clock)watch.clock, &now))
      watch.error = (uint16_t)-error;
    watch.timeout = from.clock.timeout;
    if (!watch.error && !(from.clock.flags & ClockAbstime) &&
        __builtin_add_overflow(now, watch.timeout, &watch.timeout))
      watch.timeout = UINT64_MAX;
  } else {
    FdEntry entry;
    watch.use = state->fds.use((int32_t)from.fd, entry);
    if (!watch.use)
      watch.error = PORT_EBADF;
    else if (!(entry.rights & RightPollFdReadwrite))
      watch.error = PORT_ENOTCAPABLE;
    else
      poll = {entry.host,
              from.tag == EventFdRead ? PORT_POLL_IN : PORT_POLL_OUT, 0};
  }
  isReady |= watch.error != 0;
}

/// How long until the first clock has come to its time: false if there is no
/// clock to wait for.
static bool untilFirst(const Watch *watches, uint32_t count, uint64_t &wait) {
  bool found = false;
  uint64_t now[2] = {};
  port_clock_time(PORT_REALTIME, &now[PORT_REALTIME]);
  port_clock_time(PORT_MONOTONIC, &now[PORT_MONOTONIC]);
  for (uint32_t i = 0; i < count; ++i) {
    const Watch &watch = watches[i];
    if (watch.type != EventClock || watch.error)
      continue;
    uint64_t time = now[watch.clock];
    uint64_t left = watch.timeout > time ? watch.timeout - time : 0;
    if (!found || left < wait)
      wait = left;
    found = true;
  }
  return found;
}

/// Fills `event` when the subscription has something to tell.
static bool tell(const Watch &watch, const port_poll &poll,
                 const uint64_t (&now)[2], Event &event) {
  event = {};
  event.userdata = watch.userdata;
  event.type = watch.type;
  event.error = watch.error;
  if (watch.error)
    return true;
  if (watch.type == EventClock)
    return now[watch.clock] >= watch.timeout;
  if (!poll.results)
    return false;
  if (poll.results & PORT_POLL_INVALID)
    event.error = PORT_EBADF;
  else if (watch.type == EventFdRead) {
    int64_t available = port_available(poll.fd);
    event.bytes = available > 0 ? (uint64_t)available : 0;
  }
  if (poll.results & PORT_POLL_HANGUP)
    event.flags = EventHangup;
  if (poll.results & PORT_POLL_ERROR && !(poll.results & poll.events))
    event.error = PORT_EPIPE;
  return true;
}

int32_t wm_wasi_poll_oneoff(wm_instance *instance, int32_t in, int32_t out,
                            int32_t count, int32_t result) {
  WASI_FILE_STATE(instance);
  GuestMemory memory(instance);
  uint32_t number = (uint32_t)count;
  GuestResult<uint32_t> told;
  uint8_t *ignored, *events;
  if (number == 0)
    return PORT_EINVAL;
  if (!memory.range((uint32_t)in, (uint64_t)number * sizeof(Subscription),
                    ignored) ||
      !memory.range((uint32_t)out, (uint64_t)number * sizeof(Event), events) ||
      !told.find(memory, result))
    return PORT_EFAULT;
  WatchList list(state->fds);
  if (!list.reserve(number))
    return PORT_ENOMEM;
  bool isReady = false;
  for (uint32_t i = 0; i < number; ++i) {
    Subscription from;
    memory.load((uint32_t)in + i * (uint32_t)sizeof from, from);
    if (from.tag > EventFdWrite)
      return PORT_EINVAL;
    watch(state, from, list.Watches[i], list.Polls[i], isReady);
    ++list.Count;
  }

  for (;;) {
    uint64_t wait = 0;
    bool hasLimit = isReady || untilFirst(list.Watches, number, wait);
    int ready = port_wait(list.Polls, number, hasLimit ? &wait : nullptr);
    if (ready < 0)
      return errnoOf(ready);
    uint64_t now[2] = {};
    port_clock_time(PORT_REALTIME, &now[PORT_REALTIME]);
    port_clock_time(PORT_MONOTONIC, &now[PORT_MONOTONIC]);
    uint32_t written = 0;
    for (uint32_t i = 0; i < number; ++i) {
      Event event;
      if (!tell(list.Watches[i], list.Polls[i], now, event))
        continue;
      __builtin_memcpy(events + (uint64_t)written++ * sizeof event, &event,
                       sizeof event);
    }
    if (written) {
      told.set(written);
      return Success;
    }
    // The realtime clock was set back meanwhile: wait on.
  }
}
