// Claims that the bytes do not back, deep nesting and long tables: refused or
// accepted in little time and memory.
#include "tests/front_end/binary.h"

#include "gtest/gtest.h"

using namespace wasmetal;

TEST(HostileInput, LocalsAreLimitedBeforeTheyAreAllocated) {
  // Two runs of 2^32 - 1 locals.
  EXPECT_EQ(
      check(functionOf({0x02, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0xff, 0xff,
                        0xff, 0xff, 0x0f, 0x7e, 0x0b})),
      "0x1d: function 0: too many locals: 8589934590, there cannot be more "
      "than 2^32 - 1");
  // One.
  EXPECT_EQ(check(functionOf({0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b})),
            "0x17: function 0: too many locals: 4294967295, the limit is "
            "50000");
}

TEST(HostileInput, AcceptsTheLargestNumberOfLocals) {
  Bytes body = {0x01};
  append(body, leb(50'000));
  append(body, {0x7f, 0x0b});
  EXPECT_EQ(check(functionOf(body)), "OK");
}

TEST(HostileInput, CountsBeyondTheBytesAreRefusedAtOnce) {
  for (uint8_t id : {1, 2, 3, 4, 5, 6, 7, 9, 10, 11}) {
    std::string message =
        check(moduleOf({section(id, {0xff, 0xff, 0xff, 0xff, 0x0f})}));
    EXPECT_EQ(message, "0xa: unexpected end: 4294967295 elements do not fit "
                       "into the remaining 0 bytes")
        << unsigned(id);
  }
}

TEST(HostileInput, TypesHaveALimitedNumberOfParameters) {
  Bytes type = {0x01, 0x60};
  append(type, leb(1'001));
  type.insert(type.end(), 1'001, 0x7f);
  type.push_back(0x00);
  EXPECT_EQ(check(moduleOf({section(1, type)})),
            "0xd: too many parameters: 1001, the limit is 1000");
}

TEST(HostileInput, NestsDeeply) {
  constexpr size_t depth = 1'000'000;
  Bytes body = {0x00};
  for (size_t i = 0; i < depth; i++)
    append(body, {0x02, 0x40});
  body.insert(body.end(), depth + 1, 0x0b);
  EXPECT_EQ(check(functionOf(body)), "OK");
}

TEST(HostileInput, BranchesToAMillionLabels) {
  constexpr size_t numLabels = 1'000'000;
  // A label of 1,000 results: each target is checked against the same list.
  Bytes type = {0x01, 0x60, 0x00};
  append(type, leb(1'000));
  type.insert(type.end(), 1'000, 0x7f);
  Bytes body = {0x00};
  for (size_t i = 0; i < 1'001; i++)
    append(body, {0x41, 0x00});
  body.push_back(0x0e);
  append(body, leb(numLabels));
  body.insert(body.end(), numLabels + 1, 0x00);
  body.push_back(0x0b);
  EXPECT_EQ(check(moduleOf(
                {section(1, type), section(3, {0x01, 0x00}), codeOf(body)})),
            "OK");
}

TEST(HostileInput, NestsConstantExpressionsDeeply) {
  Bytes contents = {0x01, 0x7f, 0x00};
  for (size_t i = 0; i < 1'000'000; i++)
    append(contents, {0x02, 0x40});
  EXPECT_NE(check(moduleOf({section(6, contents)})), "OK");
}
