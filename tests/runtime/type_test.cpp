// Canonical types.
#include "runtime/process.h"
#include "tests/runtime/test_module.h"

#include <gtest/gtest.h>

static wm_type makeType(uint32_t seed) {
  wm_type type = {};
  std::memcpy(type.hash + 28, &seed, sizeof(seed));
  return type;
}

TEST(Type, EqualHashesGiveOnePointer) {
  wm_type a = makeType(1), b = makeType(1), c = makeType(2);
  EXPECT_EQ(internType(&a), internType(&b));
  EXPECT_NE(internType(&a), internType(&c));
}

TEST(Type, KeepsACopy) {
  uint8_t kinds[] = {WM_F32, WM_I64};
  wm_type type = makeType(3);
  type.num_params = type.num_results = 1;
  type.kinds = kinds;
  const wm_type *kept = static_cast<const wm_type *>(internType(&type));
  kinds[0] = WM_V128;
  EXPECT_EQ(kept->kinds[0], WM_F32);
  EXPECT_EQ(kept->kinds[1], WM_I64);
}

// More than the static arena holds, and than one bucket.
TEST(Type, HoldsManyTypes) {
  std::vector<const void *> pointers;
  for (uint32_t i = 0; i < 5000; ++i) {
    wm_type type = makeType(1000 + i);
    type.hash[0] = uint8_t(i);
    pointers.push_back(internType(&type));
    ASSERT_NE(pointers.back(), nullptr);
  }
  for (uint32_t i = 0; i < 5000; ++i) {
    wm_type type = makeType(1000 + i);
    type.hash[0] = uint8_t(i);
    ASSERT_EQ(internType(&type), pointers[i]);
  }
}

static void enterA(wm_instance *, void *, const wm_value *, wm_value *) {}
static void enterB(wm_instance *, void *, const wm_value *, wm_value *) {}

// The code that enters functions goes with its module.
TEST(Type, ForgetsModulesThatAreGone) {
  wm_module a = {}, b = {};
  wm_type of_a = makeType(4), of_b = makeType(4);
  of_a.enter = enterA;
  of_b.enter = enterB;
  const void *canonical = wm_type_provide(&of_a, &a);
  EXPECT_EQ(wm_type_provide(&of_a, &a), canonical);
  EXPECT_EQ(wm_type_provided(canonical, &a), &of_a);
  EXPECT_EQ(wm_type_provided(canonical, nullptr), &of_a);
  EXPECT_EQ(wm_type_provide(&of_b, &b), canonical);
  EXPECT_EQ(wm_type_provided(canonical, &a), &of_a);
  EXPECT_EQ(wm_type_provided(canonical, &b), &of_b);
  wm_type_withdraw(canonical, &a);
  EXPECT_EQ(wm_type_provided(canonical, &a), &of_a) << "one instance is left";
  wm_type_withdraw(canonical, &a);
  EXPECT_EQ(wm_type_provided(canonical, &a), &of_b);
  EXPECT_EQ(wm_type_provided(canonical, nullptr), &of_b);
  wm_type_withdraw(canonical, &b);
  EXPECT_EQ(wm_type_provided(canonical, &b), nullptr);
  EXPECT_EQ(wm_type_provide(&of_a, &a), canonical);
  EXPECT_EQ(wm_type_provided(canonical, &b), &of_a);
  wm_type_withdraw(canonical, &a);
}
