// Memories that several threads use at a time, each with an instance in a store
// of its own. A waiter that is not woken makes a test hang.
#include "runtime/shared.h"
#include "tests/runtime/test_module.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

extern "C" {
int32_t wm_atomic_wait32(wm_instance *, wm_memory *, uint64_t address,
                         uint64_t offset, uint32_t expected, int64_t timeout);
int32_t wm_atomic_wait64(wm_instance *, wm_memory *, uint64_t address,
                         uint64_t offset, uint64_t expected, int64_t timeout);
uint32_t wm_atomic_notify(wm_instance *, wm_memory *, uint64_t address,
                          uint64_t offset, uint32_t count);
}

static constexpr int64_t ForEver = -1;

// As compiled code does: a look at the request after the runtime's functions.
GUEST static int64_t looked(wm_instance *instance, int64_t result) {
  if (__atomic_load_n(&instance->store->interrupt, __ATOMIC_RELAXED))
    wm_trap_requested(instance->store);
  return result;
}

GUEST static int64_t wait32(wm_instance *instance, int64_t address,
                            int64_t timeout) {
  wm_memory *memory = memoryAt(instance, 0);
  return looked(instance, wm_atomic_wait32(instance, memory,
                                           static_cast<uint64_t>(address), 0, 0,
                                           timeout));
}

GUEST static int64_t wait64(wm_instance *instance, int64_t expected,
                            int64_t timeout) {
  wm_memory *memory = memoryAt(instance, 0);
  return looked(instance,
                wm_atomic_wait64(instance, memory, 64, 0,
                                 static_cast<uint64_t>(expected), timeout));
}

GUEST static int64_t notify(wm_instance *instance, int64_t address,
                            int64_t count) {
  wm_memory *memory = memoryAt(instance, 0);
  return looked(instance, wm_atomic_notify(instance, memory,
                                           static_cast<uint64_t>(address), 0,
                                           static_cast<uint32_t>(count)));
}

GUEST static int64_t grow(wm_instance *instance, int64_t pages, int64_t) {
  return looked(instance, wm_memory_grow(instance, memoryAt(instance, 0),
                                         static_cast<uint64_t>(pages)));
}

GUEST static int64_t touch(wm_instance *instance, int64_t address, int64_t) {
  uint8_t *byte = memoryAt(instance, 0)->base + address;
  return __atomic_add_fetch(byte, 1, __ATOMIC_SEQ_CST);
}

/// Imports a shared memory of 1 to 64 pages.
class SharingModule : public TestModule {
public:
  SharingModule() {
    wm_import_row &import = addImport(WM_MEMORY, "memory");
    import.is_shared = true;
    import.has_maximum = true;
    import.minimum = 1;
    import.maximum = 64;
    addMemory(1, 64);
    memories[0].is_shared = true;
    module.num_imported_memories = 1;
    waiting = addFunction(wait32);
    waiting64 = addFunction(wait64);
    waking = addFunction(notify);
    growing = addFunction(grow);
    touching = addFunction(touch);
    finish();
  }
  uint32_t waiting, waiting64, waking, growing, touching;
};

/// The memory, held by the test.
class Shared {
public:
  explicit Shared(const wm_module &module) {
    wm_extern_type type;
    wm_error error = {};
    EXPECT_TRUE(wm_module_import(&module, 0, &type));
    EXPECT_EQ(wm_memory_create(nullptr, &module, &type, &external, &error),
              WM_OK)
        << error.message;
  }
  ~Shared() { release(); }
  void release() {
    if (external.memory)
      wm_memory_release(external.memory);
    external.memory = nullptr;
  }
  wm_memory *memory() { return external.memory; }
  /// How many wait at an address.
  int waiters(uint64_t address) {
    Lock lock(memory()->lock);
    int count = 0;
    for (wm_waiter *w = memory()->waiters; w; w = w->next)
      count += w->address == address;
    return count;
  }
  void untilWaiters(uint64_t address, int count) {
    while (waiters(address) != count)
      std::this_thread::yield();
  }

  wm_external external = {};
};

TEST(SharedMemory, NotifyWakesAsManyAsItSays) {
  SharingModule module;
  Shared shared(module.module);
  constexpr int Threads = 5;
  std::atomic<int> woken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < Threads; ++t)
    threads.emplace_back([&, t] {
      Instance i(&module.module, &shared.external);
      // The last one waits elsewhere.
      EXPECT_EQ(i.call(module.waiting, t == Threads - 1 ? 8 : 4, ForEver),
                WM_OK);
      EXPECT_EQ(i.result, 0);
      ++woken;
    });
  shared.untilWaiters(4, Threads - 1);
  shared.untilWaiters(8, 1);
  Instance i(&module.module, &shared.external);
  auto wake = [&](int64_t address, int64_t count) {
    EXPECT_EQ(i.call(module.waking, address, count), WM_OK);
    return i.result;
  };
  EXPECT_EQ(wake(12, -1), 0);
  EXPECT_EQ(wake(4, 0), 0);
  EXPECT_EQ(wake(4, 1), 1);
  EXPECT_EQ(shared.waiters(4), Threads - 2);
  EXPECT_EQ(wake(4, 2), 2);
  EXPECT_EQ(wake(4, -1), 1);
  EXPECT_EQ(wake(4, -1), 0);
  EXPECT_EQ(shared.waiters(8), 1);
  EXPECT_EQ(wake(8, 100), 1);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(woken, Threads);
  EXPECT_EQ(shared.memory()->waiters, nullptr);
}

TEST(SharedMemory, WhoWaitsLongestIsWokenFirst) {
  SharingModule module;
  Shared shared(module.module);
  Instance waker(&module.module, &shared.external);
  constexpr int Threads = 4;
  std::atomic<int> last = -1;
  std::vector<std::thread> threads;
  for (int t = 0; t < Threads; ++t) {
    threads.emplace_back([&, t] {
      Instance i(&module.module, &shared.external);
      EXPECT_EQ(i.call(module.waiting, 4, ForEver), WM_OK);
      last = t;
    });
    shared.untilWaiters(4, t + 1);
  }
  for (int t = 0; t < Threads; ++t) {
    EXPECT_EQ(waker.call(module.waking, 4, 1), WM_OK);
    threads[static_cast<size_t>(t)].join();
    EXPECT_EQ(last, t);
  }
}

TEST(SharedMemory, WaitComparesAllOfTheValue) {
  SharingModule module;
  Shared shared(module.module);
  Instance i(&module.module, &shared.external);
  uint64_t value = 0x100000007;
  ASSERT_EQ(wm_memory_write(shared.memory(), 64, &value, sizeof(value)), WM_OK);
  EXPECT_EQ(i.call(module.waiting64, 7, ForEver), WM_OK);
  EXPECT_EQ(i.result, 1);
  EXPECT_EQ(i.call(module.waiting64, 0x100000007, 0), WM_OK);
  EXPECT_EQ(i.result, 2);
  EXPECT_EQ(i.call(module.waiting64, 0x100000007, 100'000), WM_OK);
  EXPECT_EQ(i.result, 2);
  EXPECT_EQ(i.call(module.waiting, 64, ForEver), WM_OK);
  EXPECT_EQ(i.result, 1);
  EXPECT_EQ(shared.memory()->waiters, nullptr);
}

TEST(SharedMemory, WaitersCanBeInterrupted) {
  SharingModule module;
  Shared shared(module.module);
  Instance i(&module.module, &shared.external);
  for (int round = 0; round < 100; ++round) {
    std::thread thread([&] {
      if (round % 2)
        shared.untilWaiters(4, 1);
      wm_interrupt(i.instance);
    });
    EXPECT_EQ(i.call(module.waiting, 4, ForEver), WM_TRAPPED);
    EXPECT_EQ(i.error.trap, WM_TRAP_interrupted);
    thread.join();
    EXPECT_EQ(shared.memory()->waiters, nullptr);
  }
  EXPECT_EQ(i.call(module.waiting, 4, 0), WM_OK);
  EXPECT_EQ(i.result, 2);
}

TEST(SharedMemory, TimeLimitsCountForWaiters) {
  SharingModule module;
  Shared shared(module.module);
  Instance i(&module.module, &shared.external);
  wm_time_limit limit;
  ASSERT_EQ(wm_limit_begin(&limit, i.instance, 1'000'000), WM_OK);
  EXPECT_EQ(i.call(module.waiting, 4, ForEver), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_time_limit);
  wm_limit_end(&limit);
  EXPECT_EQ(shared.memory()->waiters, nullptr);
}

TEST(SharedMemory, TrapsAreThoseOfTheSpecification) {
  SharingModule module;
  Shared shared(module.module);
  Instance i(&module.module, &shared.external);
  EXPECT_EQ(i.call(module.waiting, 2, 0), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_unaligned_atomic);
  EXPECT_EQ(i.call(module.waiting, 1 << 16, 0), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_memory_bounds);
  EXPECT_EQ(i.call(module.waking, (1ll << 32) + 4, 1), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_memory_bounds);
}

// Each page is claimed once, and may be written as soon as it is counted.
TEST(SharedMemory, GrowsWhileOthersUseIt) {
  SharingModule module;
  for (int round = 0; round < 20; ++round) {
    Shared shared(module.module);
    std::atomic<int> claimed = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
      threads.emplace_back([&] {
        Instance i(&module.module, &shared.external);
        for (;;) {
          ASSERT_EQ(i.call(module.growing, 1), WM_OK);
          if (i.result < 0)
            return;
          ++claimed;
          // The first byte of the new page, which nobody else has.
          ASSERT_EQ(i.call(module.touching, i.result << 16), WM_OK);
          EXPECT_EQ(i.result, 1);
        }
      });
    Instance i(&module.module, &shared.external);
    for (uint64_t size = 0; size < 64ull << 16;) {
      size = wm_memory_size(shared.memory());
      ASSERT_EQ(i.call(module.touching, static_cast<int64_t>(size) - 1), WM_OK);
    }
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(claimed, 63);
    EXPECT_EQ(wm_memory_extend(shared.memory(), 1), WM_NO_MEMORY);
  }
}

TEST(SharedMemory, LivesAsLongAsItsUsers) {
  SharingModule module;
  Shared shared(module.module);
  Instance first(&module.module, &shared.external);
  {
    Instance second(&module.module, &shared.external);
    ASSERT_EQ(second.status, WM_OK) << second.error.message;
    EXPECT_EQ(second.call(module.touching, 0), WM_OK);
  }
  shared.release();
  EXPECT_EQ(first.call(module.touching, 0), WM_OK);
  EXPECT_EQ(first.result, 2);
}

TEST(SharedMemory, ImportsTellSharedFromUnshared) {
  SharingModule module;
  wm_store *store = wm_store_create(nullptr, 0);
  wm_extern_type type;
  ASSERT_TRUE(wm_module_import(&module.module, 0, &type));
  wm_external external;
  wm_error error;
  auto create = [&](wm_store *where) {
    return wm_memory_create(where, &module.module, &type, &external, &error);
  };
  type.is_shared = false;
  EXPECT_EQ(create(nullptr), WM_REFUSED);
  EXPECT_STREQ(error.message, "a memory of no store has to be shared");
  ASSERT_EQ(create(store), WM_OK);
  {
    Instance i(&module.module, &external, store);
    EXPECT_EQ(i.status, WM_UNLINKABLE);
    EXPECT_STREQ(i.error.message, "incompatible import type for \"host\" "
                                  "\"memory\": memory is not shared");
  }
  type.is_shared = true;
  type.has_maximum = false;
  EXPECT_EQ(create(nullptr), WM_REFUSED);
  EXPECT_STREQ(error.message, "a shared memory has to have a maximum");
  type.has_maximum = true;
  type.maximum = 65;
  ASSERT_EQ(create(nullptr), WM_OK);
  {
    Instance i(&module.module, &external);
    EXPECT_EQ(i.status, WM_UNLINKABLE);
    EXPECT_STREQ(i.error.message,
                 "incompatible import type for \"host\" \"memory\": memory may "
                 "grow beyond the maximum");
  }
  wm_memory_release(external.memory);
  // One that a store owns is for that store alone.
  type.maximum = 64;
  ASSERT_EQ(create(store), WM_OK);
  {
    Instance i(&module.module, &external);
    EXPECT_EQ(i.status, WM_UNLINKABLE);
  }
  wm_store_release(store);
}
