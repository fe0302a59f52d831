// Threads and stores: one at a time, whichever it is.
#include "tests/runtime/test_module.h"

#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

GUEST static int64_t add(wm_instance *, int64_t a, int64_t b) { return a + b; }

// Loses counts if two threads are in it.
GUEST static int64_t count(wm_instance *instance, int64_t times, int64_t) {
  volatile uint64_t &counter = instance->reserved;
  for (int64_t i = 0; i < times; ++i)
    counter = counter + 1;
  return 0;
}

static std::atomic<int> Phase;

static int64_t waitForPhase(wm_instance *, int64_t, int64_t) {
  Phase = 1;
  while (Phase != 2)
    std::this_thread::yield();
  return 0;
}

TEST(Owner, SecondThreadGetsAnErrorWhileTheFirstIsInside) {
  TestModule module;
  module.addImport(WM_FUNCTION, "wait").binding =
      reinterpret_cast<void *>(&waitForPhase);
  uint32_t waiting = module.addFunction(callImport);
  uint32_t adding = module.addFunction(add);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK);
  for (int round = 0; round < 100; ++round) {
    Phase = 0;
    wm_status inside = WM_REFUSED;
    std::thread first([&] {
      wm_value values[2] = {};
      wm_error error = {};
      inside = callFunction(functionReference(i.instance, waiting), values,
                            values, &error);
    });
    while (Phase != 1)
      std::this_thread::yield();
    EXPECT_EQ(i.call(adding, 1, 2), WM_BUSY);
    EXPECT_STREQ(i.error.message, "instance is in use by another thread");
    Phase = 2;
    first.join();
    EXPECT_EQ(inside, WM_OK);
    EXPECT_EQ(i.call(adding, 1, 2), WM_OK);
    EXPECT_EQ(i.result, 3);
  }
}

// One after another, all are served; what they leave is seen by the next.
TEST(Owner, ThreadsTakeTurns) {
  TestModule module;
  uint32_t counting = module.addFunction(count);
  Instance i(module.finish());
  std::mutex mutex;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        std::lock_guard lock(mutex);
        failures += i.call(counting, 10) != WM_OK;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(i.instance->reserved, 4u * 2000 * 10);
}

// However they collide, no two are inside.
TEST(Owner, NeverAreTwoThreadsInside) {
  TestModule module;
  uint32_t counting = module.addFunction(count);
  Instance i(module.finish());
  wm_function *function = functionReference(i.instance, counting);
  std::atomic<uint64_t> entered = 0, refused = 0, failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int round = 0; round < 20'000; ++round) {
        wm_value values[2] = {};
        values[0].i64 = 1 + (round + t) % 50;
        wm_error error = {};
        switch (callFunction(function, values, values, &error)) {
        case WM_OK:
          entered += 1 + static_cast<uint64_t>(round + t) % 50;
          break;
        case WM_BUSY:
          ++refused;
          break;
        default:
          ++failed;
        }
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failed, 0u);
  EXPECT_GT(entered, 0u);
  EXPECT_EQ(i.instance->reserved, entered);
  EXPECT_EQ(i.call(counting, 1), WM_OK);
}

// A thread that is made after a fork must not take the first one's record.
TEST(Owner, HoldsAfterAFork) {
  TestModule module;
  module.addImport(WM_FUNCTION, "wait").binding =
      reinterpret_cast<void *>(&waitForPhase);
  uint32_t waiting = module.addFunction(callImport);
  uint32_t adding = module.addFunction(add);
  Instance i(module.finish());
  ASSERT_EQ(i.call(adding, 1, 2), WM_OK);
  Phase = 0;
  pid_t child = fork();
  if (child == 0) {
    std::thread second([&] {
      while (Phase != 1)
        std::this_thread::yield();
      wm_value values[2] = {};
      wm_error error = {};
      wm_status status = callFunction(functionReference(i.instance, adding),
                                      values, values, &error);
      if (status != WM_BUSY)
        _exit(1);
      Phase = 2;
    });
    wm_status status = i.call(waiting);
    second.join();
    _exit(status == WM_OK ? 0 : 2);
  }
  int status;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
