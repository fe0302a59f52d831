// What data moves has bounds where branches compare it with an end: the middle
// of what is left of an interval, and a place that only ascends, whichever loop
// moves it on. What the copies compute is for tests/exact.
#include "versioning.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class GuardedValues : public VersioningTest {
protected:
  std::string of(const std::string &body) {
    functions.clear();
    return describe(parse(body));
  }
};

} // namespace

static std::string loadFrom(const std::string &value,
                            const std::string &address,
                            const std::string &type) {
  return "%wide." + value + " = zext i32 " + address +
         " to i64\n"
         "%at." +
         value +
         " = call ptr @wm_translate(ptr %memory, ptr %base, i64 %wide." +
         value +
         ", i64 0, i64 4, i64 0, i64 4294967296)\n"
         "%" +
         value + " = load " + type + ", ptr %at." + value + ", align 1\n";
}

namespace {

/// while (low < high) { middle = ...; if (x[middle] < b) low = next; else high
/// = middle; }
struct Halving {
  std::string enters = "icmp sgt i32 %n, 0";
  std::string way = "sub i32 %high, %low";
  std::string half = "lshr i32 %way, 1";
  std::string middle = "add i32 %half, %low";
  std::string next = "add i32 %middle, 1";
  std::string goes = "icmp slt i32 %low1, %high1";

  std::string text() const {
    return "entry:\n"
           "%enters = " +
           enters +
           "\n"
           "br i1 %enters, label %before, label %done\n"
           "before:\n"
           "br label %loop\n"
           "loop:\n"
           "%low = phi i32 [0, %before], [%low1, %loop]\n"
           "%high = phi i32 [%n, %before], [%high1, %loop]\n"
           "%way = " +
           way +
           "\n"
           "%half = " +
           half +
           "\n"
           "%middle = " +
           middle +
           "\n"
           "%bytes = shl i32 %middle, 2\n"
           "%place = add i32 %a, %bytes\n" +
           loadFrom("x", "%place", "i32") +
           "%less = icmp slt i32 %x, %b\n"
           "%next = " +
           next +
           "\n"
           "%low1 = select i1 %less, i32 %next, i32 %low\n"
           "%high1 = select i1 %less, i32 %high, i32 %middle\n"
           "%goes = " +
           goes +
           "\n"
           "br i1 %goes, label %loop, label %leave\n"
           "leave:\n"
           "br label %done\n"
           "done:\n"
           "ret void\n";
  }
};

/// Two loops move a place on, from `start` by `by`, of which the inner one goes
/// on as long as data says.
struct Cursor {
  std::string start = "0";
  std::string by = "%step";
  std::string passes = "icmp slt i32 %moved, %n";

  std::string text() const {
    return "entry:\n"
           "%step = and i32 %b, 3\n"
           "%enters = icmp slt i32 " +
           start +
           ", %n\n"
           "br i1 %enters, label %before, label %done\n"
           "before:\n"
           "br label %outer\n"
           "outer:\n"
           "%i = phi i32 [" +
           start +
           ", %before], [%ended, %latch]\n"
           "%k = phi i32 [0, %before], [%k1, %latch]\n"
           "%place = add i32 %a, %i\n" +
           loadFrom("x", "%place", "i8") +
           "br label %inner\n"
           "inner:\n"
           "%j = phi i32 [%i, %outer], [%moved, %again]\n"
           "%moved = add i32 %j, " +
           by +
           "\n"
           "%passes = " +
           passes +
           "\n"
           "br i1 %passes, label %again, label %leave\n"
           "again:\n"
           "%less = icmp ult i8 %x, 10\n"
           "br i1 %less, label %inner, label %latch\n"
           "latch:\n"
           "%ended = phi i32 [%moved, %again]\n"
           "%k1 = add i32 %k, 1\n"
           "%goes = icmp ult i32 %k1, 100\n"
           "br i1 %goes, label %outer, label %leave2\n"
           "leave:\n"
           "br label %done\n"
           "leave2:\n"
           "br label %done\n"
           "done:\n"
           "ret void\n";
  }
};

} // namespace

TEST_F(GuardedValues, MiddlesAreInTheInterval) {
  std::string bounds =
      "((zext i32 %a to i64) + (4 * (0 smin (sext i32 %n to i64)))<nsw>) to "
      "(-4 + (zext i32 %a to i64) + (4 * (sext i32 %n to i64))<nsw>); 0 left";
  EXPECT_EQ(of(Halving().text()), bounds);
  EXPECT_EQ(
      of(Halving{.way = "add i32 %low, %high", .middle = "lshr i32 %way, 1"}
             .text()),
      bounds);
  EXPECT_EQ(of(Halving{.goes = "icmp ult i32 %low1, %high1"}.text()), bounds);
  EXPECT_EQ(of(Halving{.next = "add i32 %middle, 0"}.text()), bounds);
  EXPECT_EQ(of(Halving{.next = "add i32 %middle, 2"}.text()), bounds);
}

TEST_F(GuardedValues, OthersNeedNotBe) {
  for (const Halving &like : {Halving{.enters = "icmp sgt i32 %b, 0"},
                              Halving{.enters = "icmp sge i32 %n, 0"},
                              Halving{.way = "sub i32 %low, %high"},
                              Halving{.half = "ashr i32 %way, 1"},
                              Halving{.half = "lshr i32 %way, 0"},
                              Halving{.middle = "add i32 %half, %high"},

                              Halving{.next = "add i32 %middle, -1"},
                              Halving{.goes = "icmp ne i32 %low1, %high1"},
                              Halving{.goes = "icmp sle i32 %low1, %high1"},
                              Halving{.goes = "icmp sgt i32 %low1, %high1"}})
    EXPECT_TRUE(StringRef(of(like.text())).ends_with("1 left")) << like.text();
}

TEST_F(GuardedValues, PlacesStayBelowTheirEnd) {
  EXPECT_EQ(of(Cursor().text()),
            "(zext i32 %a to i64) to ((zext i32 %a to i64) + (0 smax (-1 + "
            "(sext i32 %n to i64))<nsw>)); 0 left");
  // What is not negative may be compared without a sign.
  EXPECT_EQ(of(Cursor{.passes = "icmp ult i32 %moved, %n"}.text()),
            "(zext i32 %a to i64) to ((zext i32 %a to i64) + (0 smax (-1 + "
            "(zext i32 %n to i64))<nsw>)); 0 left");
}

TEST_F(GuardedValues, PlacesMayGoAnywhere) {
  for (const Cursor &like : {Cursor{.by = "-1"}, Cursor{.by = "%b"},
                             Cursor{.passes = "icmp ne i32 %moved, %n"},
                             Cursor{.passes = "icmp sgt i32 %moved, %n"},
                             Cursor{.passes = "icmp slt i32 %k, %n"},
                             Cursor{.passes = "icmp slt i32 %moved, %k"}})
    EXPECT_TRUE(StringRef(of(like.text())).ends_with("1 left"))
        << of(like.text());
}
