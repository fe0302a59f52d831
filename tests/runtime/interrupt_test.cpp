// Stopping guest code from outside, wherever it is. A request that is lost
// makes a test hang: it waits for the trap of each one.
#include "ports/linux/waiting.h"
#include "tests/runtime/test_module.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

GUEST static int64_t add(wm_instance *, int64_t a, int64_t b) { return a + b; }

static std::atomic<bool> IsRunning;

GUEST static int64_t spin(wm_instance *, int64_t, int64_t) {
  __atomic_store_n(reinterpret_cast<bool *>(&IsRunning), true,
                   __ATOMIC_RELAXED);
  for (;;)
    __asm__ volatile("");
}

static void waitUntilRunning() {
  while (!IsRunning)
    std::this_thread::yield();
}

TEST(Interrupt, StopsALoopWithoutCalls) {
  TestModule module;
  uint32_t spinning = module.addFunction(spin);
  uint32_t adding = module.addFunction(add);
  Instance i(module.finish());
  for (int round = 0; round < 100; ++round) {
    IsRunning = false;
    std::thread thread([&] {
      waitUntilRunning();
      wm_interrupt(i.instance);
    });
    ASSERT_EQ(i.call(spinning), WM_TRAPPED);
    ASSERT_EQ(i.error.trap, WM_TRAP_interrupted);
    thread.join();
    ASSERT_EQ(i.call(adding, 1, 2), WM_OK);
  }
  EXPECT_STREQ(i.error.message, "");
}

TEST(Interrupt, WaitsForTheNextCallIfNothingRuns) {
  TestModule module;
  uint32_t spinning = module.addFunction(spin);
  uint32_t adding = module.addFunction(add);
  Instance i(module.finish());
  for (int round = 0; round < 2; ++round) { // never entered, entered before
    EXPECT_FALSE(wm_interrupt_clear(i.instance));
    wm_interrupt(i.instance);
    EXPECT_EQ(i.call(spinning), WM_TRAPPED);
    EXPECT_EQ(i.error.trap, WM_TRAP_interrupted);
    EXPECT_FALSE(wm_interrupt_clear(i.instance));
    wm_interrupt(i.instance);
    wm_interrupt(i.instance); // the same as once
    EXPECT_TRUE(wm_interrupt_clear(i.instance));
    EXPECT_EQ(i.call(adding, 1, 2), WM_OK);
  }
}

TEST(Interrupt, LeavesOtherStoresAlone) {
  TestModule module;
  uint32_t adding = module.addFunction(add);
  const wm_module *descriptor = module.finish();
  Instance one(descriptor), other(descriptor);
  wm_interrupt(one.instance);
  EXPECT_EQ(other.call(adding, 1, 2), WM_OK);
  EXPECT_EQ(one.call(adding, 1, 2), WM_TRAPPED);
}

static int Pipe[2];

// What WASI does for guests that read.
static int64_t readPipe(wm_instance *, int64_t, int64_t) {
  char byte;
  IsRunning = true;
  return linuxWaiting(__NR_read, Pipe[0], &byte, 1);
}

TEST(Interrupt, EndsCallsOfTheSystemThatWait) {
  TestModule module;
  module.addImport(WM_FUNCTION, "read").binding =
      reinterpret_cast<void *>(&readPipe);
  uint32_t reading = module.addFunction(callImport);
  Instance i(module.finish());
  ASSERT_EQ(pipe(Pipe), 0);
  for (int round = 0; round < 100; ++round) {
    IsRunning = false;
    std::thread thread([&] {
      waitUntilRunning();
      if (round % 2)
        usleep(100);
      wm_interrupt(i.instance);
    });
    EXPECT_EQ(i.call(reading), WM_TRAPPED);
    EXPECT_EQ(i.error.trap, WM_TRAP_interrupted);
    thread.join();
  }
  ASSERT_EQ(write(Pipe[1], "x", 1), 1);
  EXPECT_EQ(i.call(reading), WM_OK);
  EXPECT_EQ(i.result, 1001);
  close(Pipe[0]);
  close(Pipe[1]);
}

static wm_instance *OfAlarm;

// The handler of the request comes while this one still stands above the guest.
TEST(Interrupt, MayComeFromASignalHandler) {
  TestModule module;
  uint32_t spinning = module.addFunction(spin);
  Instance i(module.finish());
  OfAlarm = i.instance;
  struct sigaction action = {}, before;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  action.sa_handler = [](int) {
    wm_interrupt(OfAlarm);
    for (int spent = 0; spent < 1000; ++spent)
      __asm__ volatile("");
  };
  sigaction(SIGALRM, &action, &before);
  for (int round = 0; round < 50; ++round) {
    itimerval in = {};
    in.it_value.tv_usec = 200;
    setitimer(ITIMER_REAL, &in, nullptr);
    ASSERT_EQ(i.call(spinning), WM_TRAPPED);
    ASSERT_EQ(i.error.trap, WM_TRAP_interrupted);
  }
  sigaction(SIGALRM, &before, nullptr);
}

static int64_t useHeap(wm_instance *, int64_t size, int64_t) {
  std::vector<std::string> strings;
  for (int64_t i = 0; i < 8; ++i)
    strings.emplace_back(static_cast<size_t>(size % 997 + i * 40), 'x');
  return static_cast<int64_t>(strings.back().size());
}

GUEST static int64_t doEverything(wm_instance *instance, int64_t seed,
                                  int64_t) {
  wm_memory *memory = memoryAt(instance, 0);
  auto look = [&]() __attribute__((always_inline)) {
    if (__atomic_load_n(&instance->store->interrupt, __ATOMIC_RELAXED))
      wm_trap_requested(instance->store);
  };
  __atomic_store_n(reinterpret_cast<bool *>(&IsRunning), true,
                   __ATOMIC_RELAXED);
  for (int64_t i = seed;; ++i) {
    callImport(instance, i, 0);
    wm_memory_fill(instance, memory, 0, static_cast<uint32_t>(i), 5000);
    look();
    wm_memory_grow(instance, memory, static_cast<uint64_t>(i & 1));
    look();
    for (int k = 0; k < (i & 255); ++k)
      __asm__ volatile("");
  }
}

/// Interrupts at random moments, `count` times.
static void bother(int count) {
  TestModule module;
  module.addImport(WM_FUNCTION, "heap").binding =
      reinterpret_cast<void *>(&useHeap);
  uint32_t index = module.addFunction(doEverything);
  module.addMemory(1, 60000);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  std::atomic<int> traps = 0;
  std::thread thread([&] {
    std::mt19937 random(1);
    for (int sent = 0; sent < count; ++sent) {
      waitUntilRunning();
      for (uint32_t wait = random() % 3000; wait; --wait)
        __asm__ volatile("");
      IsRunning = false;
      wm_interrupt(i.instance);
      while (traps <= sent)
        std::this_thread::yield();
    }
  });
  for (; traps < count; ++traps) {
    ASSERT_EQ(i.call(index, traps), WM_TRAPPED);
    ASSERT_EQ(i.error.trap, WM_TRAP_interrupted);
    wm_memory *memory = i.memory();
    ASSERT_EQ(memory->size % (1 << 16), 0u);
    memory->base[memory->size - 1] = 1; // is there
  }
  thread.join();
  EXPECT_FALSE(wm_interrupt_clear(i.instance));
}

TEST(Interrupt, AtRandomMomentsCorruptsNothing) {
  const char *count = getenv("WASMETAL_INTERRUPTIONS");
  bother(count ? atoi(count) : 300);
}

//===-- Time limits -------------------------------------------------------===//

static constexpr uint64_t Millisecond = 1'000'000;
static constexpr uint64_t Hour = 3'600'000 * Millisecond;

TEST(TimeLimit, EndsCallsUntilItEnds) {
  TestModule module;
  uint32_t spinning = module.addFunction(spin);
  uint32_t adding = module.addFunction(add);
  Instance i(module.finish());
  for (int round = 0; round < 20; ++round) {
    wm_time_limit limit;
    ASSERT_EQ(wm_limit_begin(&limit, i.instance, Millisecond / 4), WM_OK);
    ASSERT_EQ(i.call(spinning), WM_TRAPPED);
    ASSERT_EQ(i.error.trap, WM_TRAP_time_limit);
    ASSERT_EQ(i.call(adding), WM_TRAPPED); // what is exceeded stays so
    ASSERT_EQ(i.error.trap, WM_TRAP_time_limit);
    wm_limit_end(&limit);
    ASSERT_EQ(i.call(adding), WM_OK);
  }
}

TEST(TimeLimit, LeavesShorterCallsAlone) {
  TestModule module;
  uint32_t adding = module.addFunction(add);
  Instance i(module.finish());
  for (uint64_t time : {Hour, ~uint64_t(0)}) {
    wm_time_limit limit;
    ASSERT_EQ(wm_limit_begin(&limit, i.instance, time), WM_OK);
    EXPECT_EQ(i.call(adding, 1, 2), WM_OK);
    wm_limit_end(&limit);
  }
}

TEST(TimeLimit, IsSeenThoughItIsExceededOutsideOfTheGuest) {
  TestModule module;
  uint32_t spinning = module.addFunction(spin);
  Instance i(module.finish());
  wm_time_limit limit;
  ASSERT_EQ(wm_limit_begin(&limit, i.instance, 1), WM_OK);
  usleep(1000);
  EXPECT_EQ(i.call(spinning), WM_TRAPPED);
  wm_limit_end(&limit);
}

static int64_t limitAgain(wm_instance *instance, int64_t spinning, int64_t) {
  wm_time_limit limit;
  wm_limit_begin(&limit, instance, Hour);
  wm_value values[2] = {};
  wm_error error = {};
  wm_function *function =
      functionReference(instance, static_cast<uint32_t>(spinning));
  callFunction(function, values, values, &error);
  wm_limit_end(&limit);
  return error.trap;
}

// The inner one has an hour left; the outer one ends both calls.
TEST(TimeLimit, OfTheOuterCallHoldsForTheInner) {
  TestModule module;
  module.addImport(WM_FUNCTION, "limit").binding =
      reinterpret_cast<void *>(&limitAgain);
  uint32_t outer = module.addFunction(callImport);
  uint32_t spinning = module.addFunction(spin);
  Instance i(module.finish());
  wm_time_limit limit;
  ASSERT_EQ(wm_limit_begin(&limit, i.instance, Millisecond), WM_OK);
  EXPECT_EQ(i.call(outer, spinning), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_time_limit);
  wm_limit_end(&limit);
  EXPECT_EQ(i.instance->store->interrupt, 0u);
}

TEST(TimeLimit, AndInterruptionAreKeptApart) {
  TestModule module;
  uint32_t spinning = module.addFunction(spin);
  Instance i(module.finish());
  wm_time_limit limit;
  ASSERT_EQ(wm_limit_begin(&limit, i.instance, 1), WM_OK);
  wm_interrupt(i.instance);
  EXPECT_EQ(i.call(spinning), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_interrupted);
  EXPECT_EQ(i.call(spinning), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_time_limit);
  wm_limit_end(&limit);
}

//===-- Traps -------------------------------------------------------------===//

static size_t countMappings() {
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);)
    ++count;
  return count;
}

GUEST static int64_t touchBeyond(wm_instance *instance, int64_t, int64_t) {
  return *reinterpret_cast<volatile int8_t *>(memoryAt(instance, 0)->base +
                                              (1 << 16));
}

TEST(Trap, HundredThousandLeakNothing) {
  TestModule module;
  module.addMemory(1, 1);
  uint32_t index = module.addFunction(touchBeyond);
  Instance i(module.finish());
  // The first ones may map what is used again, and what sanitizers keep.
  for (int round = 0; round < 1000; ++round)
    ASSERT_EQ(i.call(index), WM_TRAPPED);
  countMappings(); // reading them maps memory, the first time
  size_t before = countMappings();
  for (int round = 0; round < 100'000; ++round)
    ASSERT_EQ(i.call(index), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_memory_bounds);
  EXPECT_LE(countMappings(), before + 2);
  EXPECT_EQ(i.instance->store->activation, nullptr);
}
