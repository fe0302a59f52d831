// Waiting for clocks and descriptors.
#include "guest.h"

#include <csignal>
#include <ctime>
#include <sys/time.h>

using namespace wasi;

static uint64_t now(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

class Poll : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(pipe(ends), 0);
    saved = dup(0);
    dup2(ends[0], 0);
    ASSERT_TRUE(guest.init(folder));
  }
  void TearDown() override {
    dup2(saved, 0);
    close(saved);
    close(ends[0]);
    if (ends[1] >= 0)
      close(ends[1]);
  }

  static Subscription clock(uint64_t userdata, uint32_t id, uint64_t timeout,
                            uint16_t flags = 0) {
    Subscription result = {};
    result.userdata = userdata;
    result.tag = EventClock;
    result.clock.id = id;
    result.clock.timeout = timeout;
    result.clock.flags = flags;
    return result;
  }
  static Subscription fd(uint64_t userdata, uint8_t type, int32_t fd) {
    Subscription result = {};
    result.userdata = userdata;
    result.tag = type;
    result.fd = (uint32_t)fd;
    return result;
  }

  int32_t poll(const std::vector<Subscription> &from,
               std::vector<Event> &events) {
    uint32_t count = (uint32_t)from.size();
    int32_t in = 4096, out = in + (int32_t)(count * sizeof from[0]);
    int32_t result = 2048;
    std::memcpy(guest.Memory.base + in, from.data(), count * sizeof from[0]);
    int32_t error = wm_wasi_poll_oneoff(guest, in, out, (int32_t)count, result);
    events.clear();
    if (!error)
      for (uint32_t i = 0; i < guest.get<uint32_t>(result); ++i)
        events.push_back(guest.get<Event>(out + (int32_t)(i * sizeof(Event))));
    return error;
  }

  Folder folder;
  Guest guest;
  int ends[2];
  int saved;
  std::vector<Event> events;
};

TEST_F(Poll, SleepsUntilTheFirstClock) {
  uint64_t before = now(CLOCK_MONOTONIC);
  ASSERT_EQ(poll({clock(1, 1, 30000000), clock(2, 0, 3600000000000)}, events),
            0);
  uint64_t slept = now(CLOCK_MONOTONIC) - before;
  EXPECT_GE(slept, 30000000u);
  EXPECT_LT(slept, 10000000000u);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 1u);
  EXPECT_EQ(events[0].type, EventClock);
  EXPECT_EQ(events[0].error, 0);
}

TEST_F(Poll, TakesAbsoluteTimes) {
  for (uint32_t id : {0u, 1u}) {
    uint64_t until = now((clockid_t)id) + 20000000;
    ASSERT_EQ(poll({clock(7, id, until, ClockAbstime)}, events), 0);
    EXPECT_GE(now((clockid_t)id), until);
    ASSERT_EQ(events.size(), 1u);
    // The past has come already.
    ASSERT_EQ(poll({clock(7, id, 5, ClockAbstime)}, events), 0);
    ASSERT_EQ(events.size(), 1u);
  }
}

TEST_F(Poll, TellsReadableBytesAndHangup) {
  ASSERT_EQ(::write(ends[1], "12345", 5), 5);
  ASSERT_EQ(poll({fd(1, EventFdRead, 0), clock(2, 1, 3600000000000)}, events),
            0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 1u);
  EXPECT_EQ(events[0].type, EventFdRead);
  EXPECT_EQ(events[0].bytes, 5u);
  EXPECT_EQ(events[0].flags, 0);
  std::string text;
  guest.read(0, text);
  close(ends[1]);
  ends[1] = -1;
  ASSERT_EQ(poll({fd(1, EventFdRead, 0)}, events), 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].bytes, 0u);
  EXPECT_EQ(events[0].flags, EventHangup);
}

TEST_F(Poll, NothingToReadWaitsForTheClock) {
  ASSERT_EQ(poll({fd(1, EventFdRead, 0), clock(2, 1, 1000000)}, events), 0);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].userdata, 2u);
}

TEST_F(Poll, FilesAreAlwaysReady) {
  folder.write("root/file", "1234567");
  int32_t file;
  ASSERT_EQ(guest.openPath("file", file, 0, ReadWrite), 0);
  ASSERT_EQ(poll({fd(1, EventFdRead, file), fd(2, EventFdWrite, file)}, events),
            0);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].bytes, 7u);
  EXPECT_EQ(events[1].userdata, 2u);
  EXPECT_EQ(events[1].type, EventFdWrite);
}

TEST_F(Poll, ErrorsAreEvents) {
  ASSERT_EQ(poll({fd(1, EventFdRead, 99), clock(2, 1, 3600000000000),
                  clock(3, 2, 1), clock(4, 9, 1), clock(5, 1, 1, 2)},
                 events),
            0);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].userdata, 1u);
  EXPECT_EQ(events[0].error, PORT_EBADF);
  EXPECT_EQ(events[0].type, EventFdRead);
  EXPECT_EQ(events[1].error, PORT_ENOTSUP);
  EXPECT_EQ(events[2].error, PORT_EINVAL);
  EXPECT_EQ(events[3].error, PORT_EINVAL);
  ASSERT_EQ(wm_wasi_fd_fdstat_set_rights(guest, 0, RightFdRead, 0), 0);
  ASSERT_EQ(poll({fd(1, EventFdRead, 0)}, events), 0);
  EXPECT_EQ(events[0].error, PORT_ENOTCAPABLE);
}

TEST_F(Poll, BadArgumentsAreRefused) {
  EXPECT_EQ(wm_wasi_poll_oneoff(guest, 0, 0, 0, 0), PORT_EINVAL);
  EXPECT_EQ(poll({fd(1, 3, 0)}, events), PORT_EINVAL);
  constexpr int32_t End = Guest::Size;
  EXPECT_EQ(wm_wasi_poll_oneoff(guest, End - 47, 0, 1, 0), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_poll_oneoff(guest, 0, End - 31, 1, 0), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_poll_oneoff(guest, 0, 0, 1, End - 3), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_poll_oneoff(guest, 0, 0, -1, 0), PORT_EFAULT);
  EXPECT_EQ(wm_wasi_poll_oneoff(guest, 0, 0, 0x05555556, 0), PORT_EFAULT);
}

TEST_F(Poll, ManySubscriptions) {
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  std::vector<Subscription> many;
  for (uint64_t i = 0; i < 1000; ++i)
    many.push_back(i % 2 ? fd(i, EventFdRead, 0) : clock(i, 1, 1ull << 60));
  ASSERT_EQ(poll(many, events), 0);
  ASSERT_EQ(events.size(), 500u);
  for (size_t i = 0; i < events.size(); ++i)
    EXPECT_EQ(events[i].userdata, 2 * i + 1);
}

TEST_F(Poll, InAndOutMayBeTheSame) {
  std::vector<Subscription> both = {clock(8, 1, 1), clock(9, 1, 1)};
  std::memcpy(guest.Memory.base + 4096, both.data(), sizeof both[0] * 2);
  ASSERT_EQ(wm_wasi_poll_oneoff(guest, 4096, 4096, 2, 2048), 0);
  ASSERT_GE(guest.get<uint32_t>(2048), 1u);
  EXPECT_EQ(guest.get<Event>(4096).userdata, 8u);
}

TEST_F(Poll, ASignalInterrupts) {
  struct sigaction action = {}, old;
  action.sa_handler = [](int) {};
  sigaction(SIGALRM, &action, &old);
  itimerval timer = {{0, 10000}, {0, 10000}}, none = {};
  setitimer(ITIMER_REAL, &timer, nullptr);
  int32_t error = poll({clock(1, 1, 3600000000000)}, events);
  setitimer(ITIMER_REAL, &none, nullptr);
  sigaction(SIGALRM, &old, nullptr);
  EXPECT_EQ(error, PORT_EINTR);
}
