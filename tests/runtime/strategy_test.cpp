// Each memory strategy: which accesses trap, which wrap, what growth gives.
// Compiled once for each backend, whose source is included: as in compiled
// modules, translation is inlined into guest code.
#include WASMETAL_BACKEND
#include "tests/runtime/test_module.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

static constexpr uint64_t Page = 65536;

static bool isExact() {
  return wm_backend_ops.strategy == WM_STRATEGY_guard ||
         wm_backend_ops.strategy == WM_STRATEGY_check;
}

static bool wraps() { return wm_backend_ops.strategy == WM_STRATEGY_mask; }

// The access of a memory that is imported or may grow: limits differ.
static constexpr uint64_t Minimum = Page, Maximum = 3 * Page;

GUEST static int64_t load32(wm_instance *instance, int64_t address,
                            int64_t offset) {
  wm_memory *memory = memoryAt(instance, 0);
  uint8_t *host = wm_translate(memory, memory->base, uint32_t(address),
                               uint32_t(offset), 4, Minimum, Maximum);
  return *reinterpret_cast<volatile int32_t *>(host);
}

GUEST static int64_t store8(wm_instance *instance, int64_t address,
                            int64_t value) {
  wm_memory *memory = memoryAt(instance, 0);
  uint8_t *host = wm_translate(memory, memory->base, uint32_t(address), 0, 1,
                               Minimum, Maximum);
  *reinterpret_cast<volatile uint8_t *>(host) = uint8_t(value);
  return 0;
}

GUEST static int64_t store128(wm_instance *instance, int64_t address,
                              int64_t offset) {
  wm_memory *memory = memoryAt(instance, 0);
  uint8_t *host = wm_translate(memory, memory->base, uint32_t(address),
                               uint32_t(offset), 16, Minimum, Maximum);
  // The last byte first, so that nothing is written when it traps.
  reinterpret_cast<volatile uint8_t *>(host)[15] = 7;
  reinterpret_cast<volatile uint8_t *>(host)[0] = 7;
  return 0;
}

GUEST static int64_t grow(wm_instance *instance, int64_t pages, int64_t) {
  return wm_memory_grow(instance, memoryAt(instance, 0),
                        static_cast<uint64_t>(pages));
}

GUEST static int64_t load64(wm_instance *instance, int64_t address,
                            int64_t offset) {
  wm_memory *memory = wm_instance_memory(instance, 0);
  uint8_t *host = wm_translate64(memory, memory->base, uint64_t(address),
                                 uint64_t(offset), 4, Minimum, Maximum);
  return *reinterpret_cast<volatile int32_t *>(host);
}

enum Index : uint32_t { Load32, Store8, Store128, Grow, Load64 };

class Strategy : public testing::Test {
protected:
  Strategy() {
    module.addFunction(load32);
    module.addFunction(store8);
    module.addFunction(store128);
    module.addFunction(grow);
    module.addFunction(load64);
  }
  TestModule module;
};

TEST_F(Strategy, ReachesTheFirstAndTheLastByte) {
  module.addMemory(1, 3);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  i.memory()->base[Page - 1] = 0x12;
  ASSERT_EQ(i.call(Load32, Page - 4), WM_OK);
  EXPECT_EQ(i.result, 0x12000000);
  ASSERT_EQ(i.call(Load32, 0, Page - 4), WM_OK);
  EXPECT_EQ(i.result, 0x12000000);
  ASSERT_EQ(i.call(Store8, 0, 0xab), WM_OK);
  EXPECT_EQ(i.memory()->base[0], 0xab);
}

TEST_F(Strategy, TrapsFromTheFirstByteBeyond) {
  if (!isExact())
    GTEST_SKIP() << "never traps";
  module.addMemory(1, 3);
  Instance i(module.finish());
  const uint64_t addresses[][2] = {
      {Page - 3, 0},           {Page - 1, 0},   {Page, 0},
      {0, Page - 3},           {Page - 1, 1},   {0xffffffff, 0},
      {0xffffffff, 1},         {0xfffffffc, 4}, {0xffffffff, 0xffffffff},
      {0x80000000, 0x80000000}};
  for (auto [address, offset] : addresses) {
    ASSERT_EQ(i.call(Load32, int64_t(address), int64_t(offset)), WM_TRAPPED)
        << address << " + " << offset;
    EXPECT_EQ(i.error.trap, WM_TRAP_memory_bounds);
    EXPECT_STREQ(i.error.message, "out of bounds memory access");
    EXPECT_GE(static_cast<const char *>(i.error.trap_pc), __start_wm_text);
    EXPECT_LT(static_cast<const char *>(i.error.trap_pc), __stop_wm_text);
  }
  EXPECT_EQ(i.call(Load32, Page - 4), WM_OK);
}

TEST_F(Strategy, TakesAddressesOf64Bits) {
  module.addMemory(1, 3);
  module.memories[0].is_64 = true;
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  i.memory()->base[Page - 1] = 0x12;
  ASSERT_EQ(i.call(Load64, 4, Page - 8), WM_OK);
  EXPECT_EQ(i.result, 0x12000000);
  const uint64_t addresses[][2] = {{Page - 3, 0},
                                   {8, Page - 8},
                                   {8, UINT64_MAX - 7},
                                   {UINT64_MAX, 1},
                                   {UINT64_MAX, UINT64_MAX},
                                   {UINT64_MAX - 3, 0},
                                   {1ull << 32, 0},
                                   {0, 1ull << 63}};
  for (auto [address, offset] : addresses) {
    if (isExact())
      EXPECT_EQ(i.call(Load64, int64_t(address), int64_t(offset)), WM_TRAPPED)
          << address << " + " << offset;
    else if (wraps())
      EXPECT_EQ(i.call(Load64, int64_t(address), int64_t(offset)), WM_OK)
          << address << " + " << offset;
  }
}

TEST_F(Strategy, WrapsAtAPowerOfTwo) {
  if (!wraps())
    GTEST_SKIP() << "does not wrap";
  module.addMemory(1, 3);
  Instance i(module.finish());
  ASSERT_EQ(i.call(Store8, 5, 0x5a), WM_OK);
  // The maximum of 3 pages gives 4.
  for (uint64_t address : {4 * Page + 5, 4 * Page * 16383 + 5}) {
    ASSERT_EQ(i.call(Load32, int64_t(address)), WM_OK);
    EXPECT_EQ(i.result, 0x5a) << address;
  }
  ASSERT_EQ(i.call(Load32, 0xffffffff, 6), WM_OK);
  EXPECT_EQ(i.result, 0x5a);
  // The widest access at the last byte stays within the reservation.
  EXPECT_EQ(i.call(Store128, 0xffffffff, 0), WM_OK);
  EXPECT_EQ(i.call(Store128, 0xffffffff, 0xffffffff), WM_OK);
}

TEST_F(Strategy, GrowsToItsMaximumWithZeroBytes) {
  module.addMemory(1, 3);
  Instance i(module.finish());
  if (wraps()) {
    ASSERT_EQ(i.call(Store8, Page, 1), WM_OK);
    ASSERT_EQ(i.call(Store8, 2 * Page - 1, 1), WM_OK);
  } else if (isExact()) {
    ASSERT_EQ(i.call(Store8, Page, 1), WM_TRAPPED);
  }
  ASSERT_EQ(i.call(Grow, 1), WM_OK);
  EXPECT_EQ(i.result, 1);
  EXPECT_EQ(i.memory()->size, 2 * Page);
  for (uint64_t at = Page; at < 2 * Page; ++at)
    ASSERT_EQ(i.memory()->base[at], 0) << at;
  ASSERT_EQ(i.call(Store8, 2 * Page - 1, 9), WM_OK);
  EXPECT_EQ(i.memory()->base[2 * Page - 1], 9);
  for (int64_t pages : {int64_t(2), int64_t(65536), int64_t(0xffffffff)}) {
    ASSERT_EQ(i.call(Grow, pages), WM_OK);
    EXPECT_EQ(i.result, -1) << pages;
  }
  ASSERT_EQ(i.call(Grow, 1), WM_OK);
  EXPECT_EQ(i.result, 2);
  ASSERT_EQ(i.call(Grow, 0), WM_OK);
  EXPECT_EQ(i.result, 3);
  EXPECT_EQ(i.memory()->base[2 * Page - 1], 9) << "growth keeps contents";
}

TEST_F(Strategy, TakesAnEmptyMemory) {
  module.addMemory(0, 0);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  EXPECT_EQ(i.memory()->size, 0u);
  if (isExact()) {
    EXPECT_EQ(i.call(Load32, 0), WM_TRAPPED);
  }
  ASSERT_EQ(i.call(Grow, 1), WM_OK);
  EXPECT_EQ(i.result, -1);
}

TEST_F(Strategy, KnowsTheSizeThatCannotChange) {
  if (wm_backend_ops.strategy != WM_STRATEGY_check)
    GTEST_SKIP() << "compares nothing";
  // Were the size read, this memory would be empty.
  uint8_t bytes[16];
  wm_memory memory = {};
  memory.base = bytes;
  EXPECT_EQ(wm_translate(&memory, bytes, 8, 4, 4, 16, 16), bytes + 12);
}

TEST_F(Strategy, GivesFurtherMemoriesTheirOwnPlace) {
  module.addMemory(1, 3);
  module.addMemory(2, 2);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  EXPECT_EQ(i.memory(1)->size, 2 * Page);
  i.memory(1)->base[2 * Page - 1] = 3;
  EXPECT_EQ(i.memory(0)->base[0], 0);
}

TEST_F(Strategy, RefusesAMemoryOfAnotherStrategy) {
  wm_import_row &import = module.addImport(WM_MEMORY, "m");
  import.minimum = 1;
  module.memories.push_back({Page, 1ull << 32, false, 16, false, false});
  module.module.num_imported_memories = 1;
  uint8_t bytes[1];
  wm_memory memory = {};
  memory.base = bytes;
  memory.size = Page;
  memory.maximum = Page;
  memory.reserved = 1ull << 40;
  memory.page_log2 = 16;
  memory.strategy = wm_backend_ops.strategy == WM_STRATEGY_check
                        ? WM_STRATEGY_none
                        : WM_STRATEGY_check;
  wm_external external = {};
  external.kind = WM_MEMORY;
  external.memory = &memory;
  Instance i(module.finish(), &external);
  EXPECT_EQ(i.status, WM_UNLINKABLE);
  EXPECT_STREQ(i.error.message, "incompatible import type for \"host\" \"m\": "
                                "memory has another strategy");
}

TEST_F(Strategy, ReliesOnNoReservationThatIsSmallerThanItsReach) {
  wm_import_row &import = module.addImport(WM_MEMORY, "m");
  import.minimum = 1;
  module.memories.push_back({Page, 1ull << 32, false, 16, false, false});
  module.module.num_imported_memories = 1;

  wm_memory small; // has to outlive the store that it is imported to
  TestModule exporter;
  exporter.addMemory(1, 3);
  Instance other(exporter.finish());
  ASSERT_EQ(other.status, WM_OK);
  wm_external external = {};
  external.kind = WM_MEMORY;
  external.memory = other.memory();
  const wm_module *descriptor = module.finish();
  {
    // A mask of 4 GiB on a reservation of 4 pages would leave it.
    Instance i(descriptor, &external, other.instance->store);
    EXPECT_EQ(i.status, wraps() ? WM_UNLINKABLE : WM_OK) << i.error.message;
  }
  exporter.addExport(WM_MEMORY, "m", 0);
  Instance exported(exporter.finish());
  external.memory = exported.memory();
  {
    Instance i(descriptor, &external, exported.instance->store);
    EXPECT_EQ(i.status, WM_OK) << i.error.message;
  }
  small = *other.memory();
  small.reserved = Page;
  external.memory = &small;
  Instance i(descriptor, &external, other.instance->store);
  bool relies = wraps() || wm_backend_ops.strategy == WM_STRATEGY_guard;
  EXPECT_EQ(i.status, relies ? WM_UNLINKABLE : WM_OK) << i.error.message;
}

TEST_F(Strategy, SaysWhatToDoWithoutAddressSpace) {
  constexpr uint64_t Limit = 2ull << 30;
  unsigned long pages = 0;
  FILE *statm = fopen("/proc/self/statm", "r");
  ASSERT_NE(statm, nullptr);
  ASSERT_EQ(fscanf(statm, "%lu", &pages), 1);
  fclose(statm);
  if (pages * port_page_size() > Limit / 2)
    GTEST_SKIP() << "a sanitizer needs more address space than the limit";
  module.addMemory(1, 65536);
  const wm_module *descriptor = module.finish();
  auto limited = [&] {
    rlimit limit = {Limit, Limit};
    setrlimit(RLIMIT_AS, &limit);
    Instance i(descriptor);
    if (i.status != WM_OK) {
      fprintf(stderr, "%s\n", i.error.message);
      _exit(i.status);
    }
    bool grows = i.call(Grow, 16) == WM_OK && i.result == 1;
    bool is_limited = i.call(Grow, 65000) == WM_OK && i.result == -1;
    fprintf(stderr, "limited\n");
    _exit(grows && is_limited ? 0 : 99);
  };
  switch (wm_backend_ops.strategy) {
  case WM_STRATEGY_guard:
    EXPECT_EXIT(limited(), testing::ExitedWithCode(WM_NO_MEMORY),
                "cannot reserve 8192 MiB of address space; --memory check");
    break;
  case WM_STRATEGY_mask:
    EXPECT_EXIT(limited(), testing::ExitedWithCode(WM_NO_MEMORY),
                "cannot reserve 4096 MiB");
    break;
  default:
    EXPECT_EXIT(limited(), testing::ExitedWithCode(0), "limited");
  }
}
