// The place of a trap, from this executable's own symbols and line table.
#include "ports/linux/program.h"

#include <cstdio>
#include <gtest/gtest.h>

// Named as the compiler names guest functions; lines stand for wasm offsets.
extern "C" {
int named(int x) __asm__("app:12:parse \"x");
int nameless(int x) __asm__("app:7:");
}

static constexpr unsigned NamedLine = __LINE__ + 1;
__attribute__((noinline)) int named(int x) { return x + 1; }
static constexpr unsigned NamelessLine = __LINE__ + 1;
__attribute__((noinline)) int nameless(int x) { return x * 3; }

static std::string describe(const void *pc) {
  char buffer[256];
  Message message(buffer);
  describeLocation(message, pc);
  return buffer;
}

static std::string offset(unsigned line) {
  char buffer[32];
  snprintf(buffer, sizeof(buffer), " at offset 0x%x", line);
  return buffer;
}

TEST(Symbolize, GivesFunctionAndOffset) {
  EXPECT_EQ(describe(reinterpret_cast<void *>(&named)),
            " in function 12 \"parse \\22x\"" + offset(NamedLine));
  EXPECT_EQ(describe(reinterpret_cast<void *>(&nameless)),
            " in function 7" + offset(NamelessLine));
}

TEST(Symbolize, LeavesOutWhatItDoesNotKnow) {
  int local = 0;
  EXPECT_EQ(describe(&local), "");
  EXPECT_EQ(describe(nullptr), "");
}
