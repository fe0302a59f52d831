// Instances, linking, traps and stacks.
#include "tests/runtime/test_module.h"

#include <gtest/gtest.h>
#include <sanitizer/asan_interface.h>

#include <csignal>
#include <deque>
#include <thread>

static constexpr uint64_t Page = 65536;

//===-- Guest code --------------------------------------------------------===//

GUEST static int64_t add(wm_instance *, int64_t a, int64_t b) { return a + b; }

GUEST static int64_t trapUnreachable(wm_instance *, int64_t, int64_t) {
  wm_trap_unreachable();
}

GUEST static int64_t recurse(wm_instance *instance, int64_t depth, int64_t b) {
  volatile char frame[256];
  frame[depth & 255] = 1;
  if (depth == 0)
    return b;
  return recurse(instance, depth - 1, b) + frame[depth & 255] - 1;
}

GUEST static int64_t touch(wm_instance *, int64_t address, int64_t) {
  return *reinterpret_cast<volatile int8_t *>(address);
}

// Guest code of another instance needs no other stack.
GUEST static int64_t callGuest(wm_instance *instance, int64_t a, int64_t b) {
  wm_function *import = functionReference(instance, 0);
  int64_t result = reinterpret_cast<Code>(import->code)(import->instance, a, b);
  return result + 1000;
}

//===-- Calls and traps ---------------------------------------------------===//

TEST(Call, PassesArgumentsAndResults) {
  TestModule module;
  uint32_t index = module.addFunction(add);
  module.addExport(WM_FUNCTION, "add", index);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  ASSERT_EQ(i.call(index, 40, 2), WM_OK);
  EXPECT_EQ(i.result, 42);
  wm_external external;
  ASSERT_TRUE(findExport(i.instance, "add", 3, &external));
  EXPECT_EQ(external.function, functionReference(i.instance, index));
  EXPECT_EQ(typeOf(external.function)->num_params, 2u);
  EXPECT_FALSE(findExport(i.instance, "ad", 2, &external));
}

TEST(Call, ReturnsTrapsWithTheirPlace) {
  TestModule module;
  uint32_t index = module.addFunction(trapUnreachable);
  Instance i(module.finish());
  for (int round = 0; round < 1000; ++round) {
    ASSERT_EQ(i.call(index), WM_TRAPPED);
    ASSERT_EQ(i.error.trap, WM_TRAP_unreachable);
  }
  EXPECT_STREQ(i.error.message, "unreachable");
  const char *pc = static_cast<const char *>(i.error.trap_pc);
  const char *code = reinterpret_cast<const char *>(&trapUnreachable);
  EXPECT_TRUE(pc >= code && pc < code + 32);
}

TEST(Stack, ExhaustionIsATrapAndLeavesTheInstanceUsable) {
  TestModule module;
  uint32_t index = module.addFunction(recurse);
  Instance i(module.finish(), nullptr, nullptr, 256 << 10);
  for (int round = 0; round < 100; ++round) {
    ASSERT_EQ(i.call(index, 1 << 30, 0), WM_TRAPPED);
    ASSERT_EQ(i.error.trap, WM_TRAP_stack_exhausted);
    ASSERT_EQ(i.call(index, 100, 7), WM_OK);
    ASSERT_EQ(i.result, 7);
  }
}

// How deep the guest's stack is, the guest decides: the host has its own.
static int64_t recurseInHost(wm_instance *instance, int64_t depth, int64_t b) {
  volatile char frame[4000];
  frame[depth % 4000] = 1;
  if (depth == 0)
    return b;
  return recurseInHost(instance, depth - 1, b) + frame[depth % 4000] - 1;
}

GUEST static int64_t recurseToImport(wm_instance *instance, int64_t depth,
                                     int64_t b) {
  volatile char frame[256];
  frame[depth & 255] = 1;
  if (depth == 0)
    return callImport(instance, 500, b);
  return recurseToImport(instance, depth - 1, b) + frame[depth & 255] - 1;
}

TEST(Stack, OfTheHostServesTheHost) {
  TestModule module;
  module.addImport(WM_FUNCTION, "recurse").binding =
      reinterpret_cast<void *>(&recurseInHost);
  uint32_t index = module.addFunction(recurseToImport);
  Instance i(module.finish(), nullptr, nullptr, 256 << 10);
  // The host needs 2 MB, however little the guest has left.
  int64_t depth = 0;
  for (; i.call(index, depth, 7) == WM_OK; depth += 50)
    ASSERT_EQ(i.result, 1007);
  EXPECT_EQ(i.error.trap, WM_TRAP_stack_exhausted);
  EXPECT_GT(depth, 100);
}

TEST(Stack, IsAsLargeAsWasAskedFor) {
  TestModule module;
  uint32_t index = module.addFunction(recurse);
  Instance small(module.finish(), nullptr, nullptr, 256 << 10);
  // As AddressSanitizer has it, a frame takes up to a KiB.
  Instance large(module.finish(), nullptr, nullptr, 128 << 20);
  EXPECT_EQ(small.call(index, 100'000), WM_TRAPPED);
  EXPECT_EQ(large.call(index, 100'000), WM_OK);
}

static int64_t enterAgain(wm_instance *instance, int64_t target,
                          int64_t argument) {
  wm_value values[2] = {};
  values[0].i64 = argument;
  wm_error error = {};
  wm_function *function =
      functionReference(instance, static_cast<uint32_t>(target));
  wm_status status = callFunction(function, values, values, &error);
  return status == WM_TRAPPED ? -int64_t(error.trap) : values[0].i64;
}

static int64_t sumUp(wm_instance *, int64_t a, int64_t b) { return a + b; }

static int64_t request(wm_instance *instance, int64_t is_wanted, int64_t) {
  if (is_wanted)
    wm_interrupt(instance);
  return 0;
}

TEST(Call, RaisesWhatIsRequestedInTheHost) {
  TestModule module;
  module.addImport(WM_FUNCTION, "request").binding =
      reinterpret_cast<void *>(&request);
  uint32_t index = module.addFunction(callImport);
  Instance i(module.finish());
  EXPECT_EQ(i.call(index, 1), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_interrupted);
  // The trap has consumed the request.
  EXPECT_EQ(i.call(index, 0), WM_OK);
}

class Nested : public testing::Test {
protected:
  Nested() {
    wm_import_row &import = module.addImport(WM_FUNCTION, "again");
    import.binding = reinterpret_cast<void *>(&enterAgain);
    outer = module.addFunction(callImport);
    trap = module.addFunction(trapUnreachable);
    deep = module.addFunction(recurse);
  }
  TestModule module;
  uint32_t outer, trap, deep;
};

TEST_F(Nested, InnerTrapsEndTheInnerEntryAlone) {
  Instance i(module.finish());
  ASSERT_EQ(i.call(outer, trap), WM_OK);
  EXPECT_EQ(i.result, 1000 - WM_TRAP_unreachable);
  ASSERT_EQ(i.call(outer, deep, 1 << 30), WM_OK);
  EXPECT_EQ(i.result, 1000 - WM_TRAP_stack_exhausted);
  EXPECT_EQ(i.instance->store->activation, nullptr);
}

static wm_instance *First;
static uint32_t FirstFunction;

static int64_t enterFirst(wm_instance *, int64_t depth, int64_t) {
  return enterAgain(First, FirstFunction, depth);
}

// Store A calls into store B, which calls back into A: frames of A that wait
// must survive what the second entry puts on A's stack.
TEST_F(Nested, ReturnsToAStackThatIsInUse) {
  TestModule second;
  second.addImport(WM_FUNCTION, "first").binding =
      reinterpret_cast<void *>(&enterFirst);
  uint32_t middle = second.addFunction(callImport);
  Instance b(second.finish());
  ASSERT_EQ(b.status, WM_OK);

  wm_function to_b = *functionReference(b.instance, middle);
  struct Bridge {
    static int64_t call(wm_instance *instance, int64_t depth, int64_t) {
      return enterAgain(static_cast<wm_instance *>(instance->user_data),
                        static_cast<int64_t>(instance->reserved), depth);
    }
  };
  TestModule first;
  first.addImport(WM_FUNCTION, "bridge").binding =
      reinterpret_cast<void *>(&Bridge::call);
  uint32_t outer_a = first.addFunction(callImport);
  uint32_t deep_a = first.addFunction(recurse);
  Instance a(first.finish());
  ASSERT_EQ(a.status, WM_OK);
  a.instance->user_data = b.instance;
  a.instance->reserved = middle;
  First = a.instance;
  FirstFunction = deep_a;
  ASSERT_NE(to_b.code, nullptr);
  for (int64_t depth : {0, 10, 1000}) {
    ASSERT_EQ(a.call(outer_a, depth), WM_OK);
    EXPECT_EQ(a.result, 2000);
  }
  // The innermost entry exhausts what is left; the others go on.
  ASSERT_EQ(a.call(outer_a, 1 << 30), WM_OK);
  EXPECT_EQ(a.result, 2000 - WM_TRAP_stack_exhausted);
}

// A sanitizer must not make an exit of the faults that these tests wait for.
extern "C" const char *__asan_default_options() { return "handle_segv=0"; }

TEST(Fault, InGuestCodeOutsideOfItsMemoryIsNoTrap) {
  TestModule module;
  uint32_t index = module.addFunction(touch);
  Instance i(module.finish());
  EXPECT_EXIT(i.call(index, 16), testing::KilledBySignal(SIGSEGV), "");
}

static int64_t touchFromHost(wm_instance *instance, int64_t, int64_t) {
  return *reinterpret_cast<volatile int8_t *>(memoryAt(instance, 0)->base +
                                              2 * Page);
}

// Not even where guest code might fault: the host's own errors stay visible.
TEST(Fault, InTheHostIsNoTrap) {
  TestModule module;
  module.addImport(WM_FUNCTION, "touch").binding =
      reinterpret_cast<void *>(&touchFromHost);
  uint32_t index = module.addFunction(callImport);
  module.addMemory(1, 3);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK);
  EXPECT_EXIT(i.call(index), testing::KilledBySignal(SIGSEGV), "");
}

static int64_t touchGuard(wm_instance *instance, int64_t, int64_t) {
  return *reinterpret_cast<volatile int8_t *>(instance->store->stack_low - 1);
}

TEST(Fault, OfTheHostInTheGuestsGuardIsNoTrap) {
  TestModule module;
  module.addImport(WM_FUNCTION, "touch").binding =
      reinterpret_cast<void *>(&touchGuard);
  uint32_t index = module.addFunction(callImport);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK);
  EXPECT_EXIT(i.call(index), testing::KilledBySignal(SIGSEGV), "");
}

TEST(Fault, GoesOnToTheHandlerThatWasThere) {
  auto child = [] {
    struct sigaction action = {};
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    action.sa_sigaction = [](int, siginfo_t *info, void *) {
      _exit(info->si_addr == reinterpret_cast<void *>(16) ? 77 : 78);
    };
    sigaction(SIGSEGV, &action, nullptr);
    TestModule module;
    Instance i(module.finish());
    *reinterpret_cast<volatile int *>(16) = 1;
  };
  // In a process of its own, where no instance was made before.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(child(), testing::ExitedWithCode(77), "");
  GTEST_FLAG_SET(death_test_style, "fast");
}

TEST(Fault, HandlersLeaveWithTheLastInstance) {
  auto installed = [] {
    struct sigaction action;
    sigaction(SIGSEGV, nullptr, &action);
    return action.sa_sigaction;
  };
  auto before = installed();
  TestModule module;
  const wm_module *descriptor = module.finish();
  {
    Instance first(descriptor);
    EXPECT_NE(installed(), before);
    {
      Instance second(descriptor);
    }
    EXPECT_NE(installed(), before);
  }
  EXPECT_EQ(installed(), before);
  module.module.abi_version = 0;
  {
    Instance refused(descriptor);
  }
  EXPECT_EQ(installed(), before);
}

TEST(Thread, EachHandlesItsOwnTraps) {
  TestModule module;
  uint32_t index = module.addFunction(recurse);
  const wm_module *descriptor = module.finish();
  // More than one after another, so that signal stacks are taken over.
  for (int round = 0; round < 4; ++round) {
    std::vector<std::thread> threads;
    int failures[4] = {};
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        Instance i(descriptor, nullptr, nullptr, 128 << 10);
        for (int k = 0; k < 50; ++k)
          if (i.call(index, 1 << 30) != WM_TRAPPED ||
              i.error.trap != WM_TRAP_stack_exhausted ||
              i.call(index, 10, 3) != WM_OK || i.result != 3)
            ++failures[t];
      });
    for (std::thread &thread : threads)
      thread.join();
    for (int failed : failures)
      EXPECT_EQ(failed, 0);
  }
}

//===-- Linking -----------------------------------------------------------===//

TEST(Link, NamesWhatIsUnknown) {
  TestModule module;
  module.addImport(WM_FUNCTION, "a\n\"b");
  Instance i(module.finish());
  EXPECT_EQ(i.status, WM_UNLINKABLE);
  EXPECT_EQ(i.instance, nullptr);
  EXPECT_STREQ(i.error.message, "unknown import \"host\" \"a\\0a\\22b\"");
}

TEST(Link, ComparesFunctionTypes) {
  TestModule module;
  module.addImport(WM_FUNCTION, "f").type = 1; // Other
  const wm_module *descriptor = module.finish();
  wm_function function = {reinterpret_cast<void *>(&sumUp), nullptr,
                          internType(&Binary)};
  wm_external external = {};
  external.kind = WM_FUNCTION;
  external.function = &function;
  Instance wrong(descriptor, &external);
  EXPECT_EQ(wrong.status, WM_UNLINKABLE);
  EXPECT_STREQ(wrong.error.message, "incompatible import type for \"host\" "
                                    "\"f\": function has another signature");
  function.type = internType(&Other);
  Instance right(descriptor, &external);
  EXPECT_EQ(right.status, WM_OK);
  external.kind = WM_GLOBAL;
  Instance kind(descriptor, &external);
  EXPECT_EQ(kind.status, WM_UNLINKABLE);
  EXPECT_STREQ(kind.error.message, "incompatible import type for \"host\" "
                                   "\"f\": expected a function");
}

TEST(Link, CallsFunctionsOfTheHostAndOfOthers) {
  TestModule module, importer; // they outlive the store
  module.addImport(WM_FUNCTION, "f");
  uint32_t index = module.addFunction(callImport);
  const wm_module *descriptor = module.finish();
  wm_function function = {reinterpret_cast<void *>(&sumUp), nullptr,
                          internType(&Binary)};
  wm_external external = {};
  external.kind = WM_FUNCTION;
  external.function = &function;
  Instance i(descriptor, &external);
  ASSERT_EQ(i.call(index, 3, 4), WM_OK);
  EXPECT_EQ(i.result, 1007);
  external.function = functionReference(i.instance, index);
  importer.addImport(WM_FUNCTION, "f");
  ASSERT_EQ(importer.addFunction(callGuest), index);
  Instance other(importer.finish(), &external, i.instance->store);
  ASSERT_EQ(other.call(index, 3, 4), WM_OK);
  EXPECT_EQ(other.result, 2007);
}

TEST(Link, ComparesGlobals) {
  TestModule module;
  wm_import_row &import = module.addImport(WM_GLOBAL, "g");
  import.value_kind = WM_I64;
  import.is_mutable = true;
  module.globals.push_back({WM_I64, true, 0});
  module.module.num_imported_globals = 1;
  module.addGlobal(WM_I32, false);
  module.addExport(WM_GLOBAL, "mine", 1);
  const wm_module *descriptor = module.finish();
  wm_value value = {};
  wm_external external = {};
  external.kind = WM_GLOBAL;
  external.global = {&value, WM_I64, false, {}};
  Instance immutable(descriptor, &external);
  EXPECT_EQ(immutable.status, WM_UNLINKABLE);
  external.global = {&value, WM_I32, true, {}};
  Instance other_type(descriptor, &external);
  EXPECT_EQ(other_type.status, WM_UNLINKABLE);
  external.global = {&value, WM_I64, true, {}};
  Instance right(descriptor, &external);
  ASSERT_EQ(right.status, WM_OK) << right.error.message;
  Part *part = reinterpret_cast<Part *>(right.instance);
  EXPECT_EQ(part->globals[0], &value);
  EXPECT_EQ(part->globals[1], &part->global_values[1]);
  wm_external found;
  ASSERT_TRUE(findExport(right.instance, "mine", 4, &found));
  EXPECT_EQ(found.global.address, &part->global_values[1]);
  EXPECT_EQ(found.global.kind, WM_I32);
}

TEST(Link, ComparesLimits) {
  std::deque<TestModule> modules; // they outlive the store
  TestModule &exporter = modules.emplace_back();
  exporter.addMemory(2, 4);
  exporter.addTable(5, 10);
  Instance source(exporter.finish());
  ASSERT_EQ(source.status, WM_OK);
  struct Case {
    uint64_t minimum;
    bool has_maximum;
    uint64_t maximum;
    wm_status memory;
  };
  // Of a memory with 2 to 4 pages, and a table with 5 to 10 elements.
  const Case cases[] = {{2, false, 0, WM_OK},
                        {3, false, 0, WM_UNLINKABLE},
                        {1, true, 4, WM_OK},
                        {1, true, 3, WM_UNLINKABLE}};
  for (const Case &c : cases) {
    TestModule &module = modules.emplace_back();
    wm_import_row &import = module.addImport(WM_MEMORY, "m");
    import.minimum = c.minimum;
    import.has_maximum = c.has_maximum;
    import.maximum = c.maximum;
    uint64_t maximum = c.has_maximum ? c.maximum * Page : 1ull << 32;
    module.memories.push_back(
        {c.minimum * Page, maximum, c.has_maximum, 16, false, false});
    module.module.num_imported_memories = 1;
    wm_external external = {};
    external.kind = WM_MEMORY;
    external.memory = source.memory();
    Instance i(module.finish(), &external, source.instance->store);
    EXPECT_EQ(i.status, c.memory) << i.error.message;

    TestModule &tables = modules.emplace_back();
    wm_import_row &table = tables.addImport(WM_TABLE, "t");
    table.value_kind = WM_FUNCREF;
    table.minimum = c.minimum + 3;
    table.has_maximum = c.has_maximum;
    table.maximum = c.maximum + 6;
    tables.tables.push_back(
        {table.minimum, table.maximum, c.has_maximum, WM_FUNCREF, false});
    tables.module.num_imported_tables = 1;
    external.kind = WM_TABLE;
    external.table = source.table();
    Instance t(tables.finish(), &external, source.instance->store);
    EXPECT_EQ(t.status, c.memory) << t.error.message;
  }
}

TEST(Link, RefusesAnotherAbi) {
  TestModule module;
  module.module.abi_version = WM_ABI_VERSION + 1;
  Instance i(module.finish());
  EXPECT_EQ(i.status, WM_REFUSED);
  EXPECT_STREQ(i.error.message,
               "compiled for ABI version 2, the runtime has 1");
}

// Others may refer to an instance: its functions stay as long as the store.
TEST(Store, KeepsWhatWasInIt) {
  TestModule module;
  uint32_t index = module.addFunction(add);
  const wm_module *descriptor = module.finish();
  wm_store *store = wm_store_create(nullptr, 1 << 20);
  ASSERT_NE(store, nullptr);
  wm_function *function;
  {
    Instance first(descriptor, nullptr, store);
    Instance second(descriptor, nullptr, store);
    EXPECT_EQ(store->references, 3u);
    function = functionReference(first.instance, index);
  }
  EXPECT_EQ(store->references, 1u);
  wm_value values[2] = {};
  values[0].i64 = 40;
  values[1].i64 = 2;
  EXPECT_EQ(wm_function_call(function, values, 2, values, 1, nullptr), WM_OK);
  EXPECT_EQ(values[0].i64, 42);
  wm_store_release(store);
}

TEST(Store, RunsOnTheCallersStack) {
  static uint8_t stack[1 << 20];
  TestModule module;
  uint32_t index = module.addFunction(recurse);
  const wm_module *descriptor = module.finish();
  EXPECT_EQ(wm_store_create(stack, 100 << 10), nullptr) << "too small";
  for (int round = 0; round < 3; ++round) {
    wm_store *store = wm_store_create(stack, sizeof(stack));
    ASSERT_NE(store, nullptr);
    EXPECT_GE(store->stack_low, stack);
    EXPECT_LE(reinterpret_cast<uint8_t *>(store + 1), stack + sizeof(stack));
    {
      Instance i(descriptor, nullptr, store);
      ASSERT_EQ(i.call(index, 1 << 30), WM_TRAPPED);
      EXPECT_EQ(i.error.trap, WM_TRAP_stack_exhausted);
      ASSERT_EQ(i.call(index, 10, 4), WM_OK);
      EXPECT_EQ(i.result, 4);
    }
    wm_store_release(store);
    // What is left of guest code's frames means nothing to the sanitizer.
    ASAN_UNPOISON_MEMORY_REGION(stack, sizeof(stack));
    std::memset(stack, round, sizeof(stack)); // accessible again
  }
}

//===-- Start -------------------------------------------------------------===//

static void initializeAndTrap(wm_instance *instance) {
  reinterpret_cast<Part *>(instance)->global_values[0].i64 = 5;
  wm_trap_table_bounds();
}

TEST(Start, KeepsTheInstanceThatTraps) {
  TestModule module;
  module.addGlobal(WM_I64, true);
  module.module.initialize = initializeAndTrap;
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK);
  wm_error error = {};
  EXPECT_EQ(startInstance(i.instance, &error), WM_TRAPPED);
  EXPECT_EQ(error.trap, WM_TRAP_table_bounds);
  EXPECT_EQ(reinterpret_cast<Part *>(i.instance)->global_values[0].i64, 5);
}

static int Started;
GUEST static int64_t startUp(wm_instance *, int64_t, int64_t) {
  return ++Started;
}

TEST(Start, RunsTheStartFunction) {
  TestModule module;
  module.module.start = module.addFunction(startUp);
  Instance i(module.finish());
  wm_error error = {};
  // (i64, i64) -> i64 needs no more room than the two values of the call.
  Started = 0;
  wm_value values[2] = {};
  ASSERT_EQ(callFunction(functionReference(i.instance, module.module.start),
                         values, values, &error),
            WM_OK);
  EXPECT_EQ(Started, 1);
}
