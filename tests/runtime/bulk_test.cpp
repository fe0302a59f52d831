// Bulk operations of memories and tables: bounds, partial writes, dropped
// segments, growth.
#include "tests/runtime/test_module.h"

#include <gtest/gtest.h>

static constexpr uint64_t Page = 65536;

GUEST static int64_t fill(wm_instance *instance, int64_t at, int64_t length) {
  wm_memory_fill(instance, memoryAt(instance, 0), uint64_t(at), 0x1ee,
                 uint64_t(length));
  return 0;
}

GUEST static int64_t copy(wm_instance *instance, int64_t to, int64_t from) {
  wm_memory *memory = memoryAt(instance, 0);
  wm_memory_copy(instance, memory, memory, uint64_t(to), uint64_t(from), 16);
  return 0;
}

GUEST static int64_t initMemory(wm_instance *instance, int64_t at,
                                int64_t length) {
  wm_memory_init(instance, memoryAt(instance, 0), 0, uint64_t(at), 1,
                 uint64_t(length));
  return 0;
}

GUEST static int64_t dropData(wm_instance *instance, int64_t, int64_t) {
  wm_data_drop(instance, 0);
  return 0;
}

static wm_table *tableOf(wm_instance *instance) {
  return reinterpret_cast<wm_table **>(reinterpret_cast<char *>(instance) +
                                       offsetof(Part, tables))[0];
}

GUEST static int64_t initTable(wm_instance *instance, int64_t at,
                               int64_t segment) {
  wm_table_init(instance, tableOf(instance), uint32_t(segment), uint64_t(at), 1,
                2);
  return 0;
}

GUEST static int64_t dropElements(wm_instance *instance, int64_t segment,
                                  int64_t) {
  wm_elem_drop(instance, uint32_t(segment));
  return 0;
}

GUEST static int64_t growTable(wm_instance *instance, int64_t delta, int64_t) {
  return wm_table_grow(instance, tableOf(instance), uint64_t(delta),
                       functionReference(instance, 0));
}

GUEST static int64_t copyTable(wm_instance *instance, int64_t to,
                               int64_t from) {
  wm_table_copy(instance, tableOf(instance), tableOf(instance), uint64_t(to),
                uint64_t(from), 2);
  return 0;
}

GUEST static int64_t fillTable(wm_instance *instance, int64_t at,
                               int64_t length) {
  wm_table_fill(instance, tableOf(instance), uint64_t(at), nullptr,
                uint64_t(length));
  return 0;
}

TEST(Memory, BulkOperationsCheckBeforeTheyWrite) {
  static const uint8_t bytes[] = {1, 2, 3, 4, 5};
  TestModule module;
  module.addMemory(1, 1);
  module.data.push_back({bytes, sizeof(bytes)});
  uint32_t f = module.addFunction(fill), c = module.addFunction(copy),
           n = module.addFunction(initMemory), d = module.addFunction(dropData);
  Instance i(module.finish());
  uint8_t *base = i.memory()->base;

  EXPECT_EQ(i.call(f, Page - 4, 5), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_memory_bounds);
  EXPECT_EQ(base[Page - 4], 0);
  EXPECT_EQ(i.call(f, -1, 2), WM_TRAPPED) << "the sum wraps";
  EXPECT_EQ(i.call(f, 2, -1), WM_TRAPPED) << "the sum wraps";
  EXPECT_EQ(i.call(f, Page, 0), WM_OK);
  EXPECT_EQ(i.call(f, Page + 1, 0), WM_TRAPPED);
  EXPECT_EQ(i.call(f, Page - 4, 4), WM_OK);
  EXPECT_EQ(base[Page - 1], 0xee);

  EXPECT_EQ(i.call(n, 8, 4), WM_OK);
  EXPECT_EQ(base[8], 2);
  EXPECT_EQ(base[11], 5);
  EXPECT_EQ(i.call(n, 20, 5), WM_TRAPPED) << "past the segment's end";
  EXPECT_EQ(base[20], 0);
  EXPECT_EQ(i.call(c, 10, 8), WM_OK) << "overlaps";
  EXPECT_EQ(base[10], 2);
  EXPECT_EQ(base[13], 5);
  EXPECT_EQ(i.call(c, 0, Page - 15), WM_TRAPPED);
  EXPECT_EQ(i.call(c, Page - 15, 0), WM_TRAPPED);
  EXPECT_EQ(base[0], 0);

  EXPECT_EQ(i.call(d), WM_OK);
  EXPECT_EQ(i.call(n, 8, 1), WM_TRAPPED);
  EXPECT_EQ(i.call(n, 8, 0), WM_TRAPPED) << "starts at 1 of none";
}

static void evaluateElements(wm_instance *instance, void **out) {
  out[0] = nullptr;
  out[1] = functionReference(instance, 0);
  out[2] = functionReference(instance, 1);
}

TEST(Table, BulkOperationsCheckBeforeTheyWrite) {
  static const uint32_t indices[] = {1, 0, ~0u, 1};
  TestModule module;
  module.addTable(4, 8);
  module.elements.push_back({indices, 4, nullptr});
  module.elements.push_back({nullptr, 3, evaluateElements});
  uint32_t init = module.addFunction(initTable),
           drop = module.addFunction(dropElements),
           grows = module.addFunction(growTable),
           copies = module.addFunction(copyTable),
           fills = module.addFunction(fillTable);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  wm_table *table = i.table();
  wm_function *first = functionReference(i.instance, 0);
  wm_function *second = functionReference(i.instance, 1);

  EXPECT_EQ(i.call(init, 3, 0), WM_TRAPPED);
  EXPECT_EQ(i.error.trap, WM_TRAP_table_bounds);
  EXPECT_EQ(table->elements[3], nullptr);
  EXPECT_EQ(i.call(init, 2, 0), WM_OK);
  EXPECT_EQ(table->elements[2], first);
  EXPECT_EQ(table->elements[3], nullptr);
  EXPECT_EQ(i.call(init, 0, 1), WM_OK) << "a part of evaluated elements";
  EXPECT_EQ(table->elements[0], first);
  EXPECT_EQ(table->elements[1], second);
  EXPECT_EQ(i.call(copies, 1, 0), WM_OK) << "overlaps";
  EXPECT_EQ(table->elements[1], first);
  EXPECT_EQ(table->elements[2], second);
  EXPECT_EQ(i.call(copies, 3, 0), WM_TRAPPED);
  EXPECT_EQ(i.call(drop, 0), WM_OK);
  EXPECT_EQ(i.call(init, 0, 0), WM_TRAPPED);

  EXPECT_EQ(i.call(grows, 5), WM_OK);
  EXPECT_EQ(i.result, -1);
  EXPECT_EQ(i.call(grows, 4), WM_OK);
  EXPECT_EQ(i.result, 4);
  EXPECT_EQ(table->elements[7], first);
  EXPECT_EQ(i.call(grows, -1), WM_OK);
  EXPECT_EQ(i.result, -1);
  EXPECT_EQ(i.call(fills, 7, 2), WM_TRAPPED);
  EXPECT_EQ(table->elements[7], first);
  EXPECT_EQ(i.call(fills, 6, 2), WM_OK);
  EXPECT_EQ(table->elements[7], nullptr);
}

TEST(Table, BesideItsInstanceGrowsFromNothing) {
  for (uint64_t maximum : {10, 5000}) {
    TestModule module;
    module.addTable(0, maximum);
    module.addTable(3, maximum);
    uint32_t grows = module.addFunction(growTable);
    Instance i(module.finish());
    ASSERT_EQ(i.status, WM_OK) << i.error.message;
    ASSERT_EQ(i.call(grows, 1), WM_OK);
    EXPECT_EQ(i.result, 0);
    ASSERT_EQ(i.call(grows, int64_t(maximum) - 1), WM_OK);
    EXPECT_EQ(i.result, 1);
    EXPECT_EQ(i.table(0)->elements[maximum - 1],
              functionReference(i.instance, 0));
    EXPECT_EQ(i.table(1)->elements[0], nullptr);
  }
}

TEST(Table, WithoutALimitGrowsInItsOwnReservation) {
  TestModule module;
  module.tables.push_back({3, 0xffffffff, false, WM_FUNCREF, false});
  uint32_t grows = module.addFunction(growTable);
  Instance i(module.finish());
  ASSERT_EQ(i.status, WM_OK) << i.error.message;
  EXPECT_EQ(i.call(grows, 100'000), WM_OK);
  EXPECT_EQ(i.result, 3);
  EXPECT_EQ(i.table()->elements[100'002], functionReference(i.instance, 0));
  EXPECT_EQ(i.call(grows, 0xfffffff0), WM_OK);
  EXPECT_EQ(i.result, -1);
}
