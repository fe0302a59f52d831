// Moves and fills of every short length, overlapping by every short distance.
#include "runtime/bytes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

static std::vector<uint8_t> pattern() {
  std::vector<uint8_t> bytes(1024);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(i * 151 + (i >> 8));
  return bytes;
}

TEST(Bytes, MoveAsIfThroughABuffer) {
  const std::vector<uint8_t> before = pattern();
  constexpr size_t Middle = 400;
  for (size_t size = 0; size < 300; ++size)
    for (size_t to = Middle - 80; to <= Middle + 80; ++to) {
      std::vector<uint8_t> expected = before, found = before;
      std::memmove(expected.data() + to, expected.data() + Middle, size);
      moveBytes(found.data() + to, found.data() + Middle, size);
      ASSERT_EQ(found, expected) << size << " bytes to " << to;
    }
}

// Of these, the first makes the runtime look for wider registers.
TEST(Bytes, LongMovesAreAsIfThroughABuffer) {
  constexpr size_t Middle = 4100;
  std::vector<uint8_t> before;
  for (uint32_t i = 0; i < 30000; ++i)
    before.push_back(static_cast<uint8_t>(i * i >> 3));
  for (size_t size : {20000, 16384, 1023, 1024, 1025, 1055, 1087, 1088, 1089})
    for (size_t to = Middle - 70; to <= Middle + 70; ++to)
      for (size_t from : {Middle, Middle + 13}) {
        std::vector<uint8_t> expected = before, found = before;
        std::memmove(expected.data() + to, expected.data() + from, size);
        moveBytes(found.data() + to, found.data() + from, size);
        ASSERT_EQ(found, expected)
            << size << " bytes from " << from << " to " << to;
      }
}

TEST(Bytes, FillNothingElse) {
  std::vector<uint8_t> before = pattern();
  before.resize(3000, 0x11);
  for (size_t size = 0; size < 2100;
       size += size < 300 || size > 2000 ? 1 : 7) {
    std::vector<uint8_t> expected = before, found = before;
    std::memset(expected.data() + 33, 0xa5, size);
    fillBytes(found.data() + 33, 0xa5, size);
    ASSERT_EQ(found, expected) << size;
  }
}
