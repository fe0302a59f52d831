// Streams, clocks and random numbers by semihosting. There are no files: what
// needs one answers `nosys`.
#include "ports/cortex_m/port.h"
#include "ports/cortex_m/semihosting.h"
#include "runtime/port_files.h"

enum { NumStreams = 3 };

/// The debugger's handle of a stream: its console opened to read, to write, to
/// append.
static int32_t handleOf(int stream) {
  static int32_t handles[NumStreams]; // 0: not opened yet
  if (!handles[stream]) {
    static constexpr char Console[] = ":tt";
    constexpr uint32_t ModesApart = 4; // r, w, a
    struct {
      const char *name;
      uint32_t mode;
      uint32_t size;
    } arguments = {Console, static_cast<uint32_t>(stream) * ModesApart,
                   sizeof(Console) - 1};
    handles[stream] = semihosting(SYS_OPEN, &arguments);
  }
  return handles[stream];
}

/// How many bytes were moved, or -1.
static __attribute__((noinline)) int32_t transfer(semihosting_call call,
                                                  int stream, void *buffer,
                                                  size_t size) {
  struct {
    int32_t handle;
    void *buffer;
    size_t size;
  } arguments = {handleOf(stream), buffer, size};
  if (arguments.handle == -1)
    return -1;
  size_t left = static_cast<size_t>(semihosting(call, &arguments));
  return left > size ? -1 : static_cast<int32_t>(size - left);
}

static int64_t transferAll(semihosting_call call, int stream,
                           const port_iovec *iovecs, int count) {
  int32_t total = 0;
  for (int i = 0; i < count; ++i) {
    int32_t moved = transfer(call, stream, iovecs[i].base, iovecs[i].size);
    if (moved < 0)
      return total ? total : -PORT_EIO;
    total += moved;
    if (static_cast<size_t>(moved) < iovecs[i].size)
      break;
  }
  return total;
}

extern "C" {

void port_message(const char *text, uint64_t size) {
  transfer(SYS_WRITE, 2, const_cast<char *>(text), static_cast<size_t>(size));
}

void wm_exit(int code) {
  constexpr uint32_t ApplicationExit = 0x20026;
  struct {
    uint32_t reason;
    int32_t code;
  } arguments = {ApplicationExit, code};
  for (;;)
    semihosting(SYS_EXIT_EXTENDED, &arguments);
}

int64_t port_read(int fd, const port_iovec *iovecs, int count) {
  return transferAll(SYS_READ, fd, iovecs, count);
}

int64_t port_write(int fd, const port_iovec *iovecs, int count) {
  return transferAll(SYS_WRITE, fd, iovecs, count);
}

int port_get_flags(int fd) { return fd == 0 ? PORT_READ : PORT_WRITE; }

int port_sync(int, bool) { return 0; }
void port_yield() {}

//===-- Clocks ------------------------------------------------------------===//

static constexpr uint64_t Second = 1'000'000'000;

int port_clock_resolution(port_clock clock, uint64_t *nanoseconds) {
  if (clock == PORT_REALTIME) {
    *nanoseconds = Second;
    return 0;
  }
  int32_t frequency = semihosting(SYS_TICKFREQ, nullptr);
  if (frequency <= 0)
    return -PORT_ENOSYS;
  *nanoseconds = Second / static_cast<uint32_t>(frequency);
  return 0;
}

int port_clock_time(port_clock clock, uint64_t *nanoseconds) {
  if (clock == PORT_REALTIME) {
    *nanoseconds =
        static_cast<uint32_t>(semihosting(SYS_TIME, nullptr)) * Second;
    return 0;
  }
  uint64_t tick, ticks = 0;
  if (port_clock_resolution(clock, &tick) < 0 ||
      semihosting(SYS_ELAPSED, &ticks) < 0)
    return -PORT_ENOSYS;
  *nanoseconds = ticks * tick;
  return 0;
}

/// There is nothing to wait for but the time.
int port_wait(port_poll *, uint64_t, const uint64_t *timeout) {
  uint64_t begin, now;
  if (int error = port_clock_time(PORT_MONOTONIC, &begin))
    return error;
  do {
    if (int error = port_clock_time(PORT_MONOTONIC, &now))
      return error;
  } while (!timeout || now - begin < *timeout);
  return 0;
}

uint64_t port_deadline(uint64_t nanoseconds) {
  uint64_t now, deadline;
  return port_clock_time(PORT_MONOTONIC, &now) < 0 ||
                 __builtin_add_overflow(now, nanoseconds, &deadline)
             ? PORT_NO_DEADLINE
             : deadline;
}

/// There is no other thread that would set the word: an interrupt may.
void port_sleep(const uint32_t *word, uint64_t deadline) {
  uint64_t now = 0;
  while (!*static_cast<const volatile uint32_t *>(word) && now < deadline)
    if (port_clock_time(PORT_MONOTONIC, &now) < 0)
      return;
}

void port_wake(uint32_t *) {}

//===-- Random numbers ----------------------------------------------------===//

/// A board without a source of entropy: numbers that differ from start to
/// start by the clocks, good for hash tables, not for keys. A board that has a
/// source defines this function itself.
__attribute__((weak)) int port_random(void *buffer, size_t size) {
  static uint64_t state;
  uint64_t time = 0;
  port_clock_time(PORT_REALTIME, &time);
  state ^= time;
  port_clock_time(PORT_MONOTONIC, &time);
  state += time;
  uint8_t *to = static_cast<uint8_t *>(buffer);
  for (size_t i = 0; i < size; ++i) {
    state += !state; // what follows would keep a zero
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    to[i] = static_cast<uint8_t>(state >> 24);
  }
  return 0;
}

int port_raise(int) { return -PORT_ENOSYS; }
}
