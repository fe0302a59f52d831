// Accesses of 64-bit memories: what of their addresses is known, what is tested
// because 64 bits may be anything, and which loops get copies without checks.
#include "versioning.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class WideAddresses : public VersioningTest {
protected:
  /// A function of an i64 address and an i64 number, with `body` in a loop that
  /// it may branch out of to $done, as LLVM IR.
  std::string irOf(const std::string &body, Strategy strategy,
                   const std::string &pages = "1 2");
};

} // namespace

std::string WideAddresses::irOf(const std::string &body, Strategy strategy,
                                const std::string &pages) {
  CompileOptions options = optionsFor(OutputKind::IrText);
  options.optLevel = 3;
  options.emit.strategy = strategy;
  std::string text = "(module (memory (export \"m\") i64 " + pages +
                     ") (func $loop (export \"loop\") (param $p i64) (param $n "
                     "i64) (local $i i64) (block $done (loop $next " +
                     body + " (br $next)))))";
  std::string ir = contentOf(compileText(text, options, "output.ll"));
  std::string function =
      StringRef(ir).split(":loop\"(").second.split("\n}").first.str();
  EXPECT_FALSE(function.empty());
  return function;
}

/// A loop of i64 counters, in the form of loopOf.
static std::string wideLoopOf(const std::string &body,
                              const std::string &step = "1",
                              const std::string &compare = "ne") {
  return "entry:\n"
         "%some = icmp ne i64 %m64, 0\n"
         "br i1 %some, label %before, label %end\n"
         "before:\n"
         "br label %loop\n"
         "loop:\n"
         "%i = phi i64 [ 0, %before ], [ %next, %loop ]\n" +
         body + "%next = add i64 %i, " + step + "\n%more = icmp " + compare +
         " i64 %next, %m64\n"
         "br i1 %more, label %loop, label %after\n"
         "after:\n"
         "br label %end\n"
         "end:\n"
         "ret void\n";
}

TEST_F(WideAddresses, RowsAscend) {
  llvm::Function &function = parse(wideLoopOf("%by = shl i64 %i, 3\n"
                                              "%up = add i64 %p64, %by\n" +
                                              storeWide("up")));
  EXPECT_EQ(describe(function),
            "%p64 to ((8 * (zext i32 (-1 + (trunc i64 %m64 to i32)) to "
            "i64))<nuw><nsw> + %p64); 0 left");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "@wm_translate64"), 1u);
  EXPECT_EQ(countOf(function, "icmp sle"), 1u);
  // That %p64 is between 0 and 2^48, and m - 1 between 0 and 2^32.
  EXPECT_EQ(countOf(function, "icmp sge"), 4u);
  EXPECT_EQ(countOf(function, "281474976710656"), 1u);
}

TEST_F(WideAddresses, LeadsAConstantApartAreTestedOnce) {
  llvm::Function &function = parse(
      loopOf("%wide = zext i32 %i to i64\n"
             "%by = shl i64 %wide, 3\n"
             "%up = add i64 %p64, %by\n"
             "%more.up = add i64 %up, 24\n"
             "%less.up = add i64 %up, -8\n" +
             storeWide("up") + storeWide("more.up") + storeWide("less.up")));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "281474976710656"), 1u);
  EXPECT_EQ(countOf(function, "inttoptr"), 1u);
}

// What is extended is the sum that it was made of, if that is in bounds.
TEST_F(WideAddresses, CountersMayHave32Bits) {
  for (const char *extension : {"zext", "sext"}) {
    llvm::Function &function = parse(loopOf("%j = add i32 %a, %i\n"
                                            "%wide = " +
                                            std::string(extension) +
                                            " i32 %j to i64\n"
                                            "%by = shl i64 %wide, 3\n"
                                            "%up = add i64 %p64, %by\n" +
                                            storeWide("up")));
    EXPECT_EQ(
        describe(function),
        "((8 * (zext i32 %a to i64))<nuw><nsw> + %p64) to ((8 * (zext i32 "
        "(-1 + %n) to i64))<nuw><nsw> + (8 * (zext i32 %a to "
        "i64))<nuw><nsw> + %p64); 0 left");
    EXPECT_TRUE(version(function));
    EXPECT_EQ(countOf(function, "4294967295"), 1u);
    EXPECT_EQ(countOf(function, "2147483647"), *extension == 's' ? 1u : 0u);
    functions.clear();
  }
}

TEST_F(WideAddresses, ExitsThatMayNeverBeTakenAreTestedFor) {
  llvm::Function &function = parse(
      wideLoopOf("%up = add i64 %p64, %i\n" + storeWide("up"), "4", "ule"));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "%done"), 2u) << "the exit, and its branch";
  EXPECT_EQ(countOf(function, "281474976710656"), 2u) << "of %p64 and of %m64";
}

// One more access, where the inner loop runs %i times.
TEST_F(WideAddresses, TrianglesAreVersionedWhole) {
  llvm::Function &function =
      parse("entry:\n"
            "br label %outer\n"
            "outer:\n"
            "%i = phi i64 [ 1, %entry ], [ %i.next, %latch ]\n"
            "%row = mul i64 %i, 800\n"
            "%begin = add i64 %p64, %row\n"
            "br label %inner\n"
            "inner:\n"
            "%j = phi i64 [ 0, %outer ], [ %j.next, %inner ]\n"
            "%by = shl i64 %j, 3\n"
            "%up = add i64 %begin, %by\n" +
            storeWide("up") +
            "%j.next = add i64 %j, 1\n"
            "%j.more = icmp ne i64 %j.next, %i\n"
            "br i1 %j.more, label %inner, label %latch\n"
            "latch:\n"
            "%i.next = add i64 %i, 1\n"
            "%i.more = icmp ne i64 %i.next, %m64\n"
            "br i1 %i.more, label %outer, label %end\n"
            "end:\n"
            "ret void\n");
  EXPECT_TRUE(StringRef(describe(function)).ends_with("0 left"));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "@wm_translate64"), 1u);
  EXPECT_EQ(countOf(function, "%done"), 4u) << "two exits, and their branches";
}

// The producer's loop of two counts bytes, and leaves a row of one to what
// stands behind it.
TEST_F(WideAddresses, UnrolledTrianglesAreVersionedWhole) {
  llvm::Function &function =
      parse("entry:\n"
            "%rows = zext i32 %n to i64\n"
            "br label %outer\n"
            "outer:\n"
            "%i = phi i64 [ 0, %entry ], [ %length, %latch ]\n"
            "%length = add i64 %i, 1\n"
            "%short = icmp eq i64 %i, 0\n"
            "br i1 %short, label %latch, label %before\n"
            "before:\n"
            "%bytes = shl i64 %length, 3\n"
            "%end = and i64 %bytes, -16\n"
            "br label %inner\n"
            "inner:\n"
            "%j = phi i64 [ 0, %before ], [ %j.next, %inner ]\n"
            "%up = add i64 %p64, %j\n" +
            storeWide("up") +
            "%j.next = add i64 %j, 16\n"
            "%j.more = icmp ne i64 %j.next, %end\n"
            "br i1 %j.more, label %inner, label %after\n"
            "after:\n"
            "br label %latch\n"
            "latch:\n"
            "%i.more = icmp ne i64 %length, %rows\n"
            "br i1 %i.more, label %outer, label %end.all\n"
            "end.all:\n"
            "ret void\n");
  EXPECT_TRUE(StringRef(describe(function)).ends_with("0 left"));
  EXPECT_TRUE(version(function));
}

// What a mask of 32 bits keeps small stays so when it is extended.
TEST_F(WideAddresses, MasksAreBounds) {
  EXPECT_EQ(describe(parse(loopOf("%some.bytes = mul i32 %i, 24\n"
                                  "%low = and i32 %some.bytes, 2040\n"
                                  "%wide = zext i32 %low to i64\n"
                                  "%up = add i64 %p64, %wide\n" +
                                  storeWide("up")))),
            "%p64 to (2040 + %p64); 0 left");
}

// A count may be small as a whole and have a part that is not: times the step,
// that wraps. Which access is the last one does not follow from such constants.
TEST_F(WideAddresses, TheLastAccessIsTested) {
  auto tests = [&](const std::string &part, const char *last) {
    llvm::Function &function =
        parse("entry:\n"
              "br label %outer\n"
              "outer:\n"
              "%k = phi i64 [ 0, %entry ], [ %k.next, %latch ]\n"
              "%large = add i64 %m64, " +
              part +
              "\n"
              "%end = add i64 %large, %k\n"
              "br label %inner\n"
              "inner:\n"
              "%i = phi i64 [ 0, %outer ], [ %i.next, %inner ]\n"
              "%by = shl i64 %i, 4\n"
              "%up = add i64 %p64, %by\n"
              "%up.too = add i64 %p64, %by\n" +
              storeWide("up", "0") + storeWide("up.too", "65536") +
              "%i.next = add i64 %i, 1\n"
              "%i.more = icmp ne i64 %i.next, %end\n"
              "br i1 %i.more, label %inner, label %latch\n"
              "latch:\n"
              "%k.next = add i64 %k, 1\n"
              "%k.more = icmp ne i64 %k.next, %p64\n"
              "br i1 %k.more, label %outer, label %done\n"
              "done:\n"
              "ret void\n");
    EXPECT_TRUE(version(function));
    EXPECT_EQ(countOf(function, "icmp sle"), 1u);
    EXPECT_EQ(countOf(function, last), 1u) << last;
    functions.clear();
  };
  tests("1000", "81528"); // 999 * 16 + 65536 + 8
  // 2^59: modulo 2^64, times 16, that is the least number with a sign.
  tests("576460752303423488", "-9223372036854710280");
}

// Sums of 64 bits would not be exact.
TEST_F(WideAddresses, WhatIsLargeIsLeft) {
  std::string ascending = "%by = shl i64 %i, 3\n"
                          "%up = add i64 %by, ";
  for (const char *lead : {"9223372036854775000", "-9223372036854775000",
                           "281474976710657", "-281474976710656"})
    EXPECT_FALSE(
        version(parse(wideLoopOf(ascending + lead + "\n" + storeWide("up")))))
        << lead;
  for (const char *offset : {"4294967296", "9223372036854775807", "-8"})
    EXPECT_FALSE(version(
        parse(wideLoopOf(ascending + "%p64\n" + storeWide("up", offset)))))
        << offset;
  // Whatever the address was extended from.
  std::string extended = "%by = shl i32 %i, 3\n"
                         "%narrow = add i32 %by, %a\n"
                         "%up = zext i32 %narrow to i64\n";
  EXPECT_TRUE(version(parse(loopOf(extended + storeWide("up", "4294967295")))));
  for (const char *offset : {"4294967296", "9223372036854775807", "-8"})
    EXPECT_FALSE(version(parse(loopOf(extended + storeWide("up", offset)))))
        << offset;
  EXPECT_TRUE(version(
      parse(wideLoopOf(ascending + "%p64\n" + storeWide("up", "4294967295")))));
  EXPECT_FALSE(version(
      parse(wideLoopOf(ascending + "%p64\n" + storeWide("up")), "e-p:32:32")));
}

TEST_F(WideAddresses, SearchesRunInStrips) {
  std::string ir =
      irOf("(br_if $done (i32.eqz (i32.load8_u (i64.add (local.get $p) "
           "(local.get $i))))) (local.set $i (i64.add (local.get $i) "
           "(i64.const 1)))",
           Strategy::guard);
  // The first iteration, strips of eight, and the loop as it was.
  EXPECT_EQ(StringRef(ir).count("load i8"), 10u);
  EXPECT_EQ(StringRef(ir).count("call void @wm_trap_memory_bounds"), 2u);
  EXPECT_EQ(StringRef(ir).count("281474976710656"), 1u);
}

// The sum that might wrap is not made. Where the least size has room for the
// access, one comparison is all.
TEST_F(WideAddresses, ChecksCompareTheAddress) {
  auto comparisons = [&](const std::string &offset) {
    std::string ir = irOf("(local.set $p (i64.load offset=" + offset +
                              " (local.get $p))) (br_if $done (i64.eqz "
                              "(local.get $p)))",
                          Strategy::check);
    return StringRef(ir).count("icmp u");
  };
  EXPECT_EQ(comparisons("65528"), 1u);
  EXPECT_EQ(comparisons("65529"), 2u);
}

// How often a check holds, LLVM counts in 128 bits where it is all that a loop
// does. The libraries that outputs are linked with have no such division.
TEST_F(WideAddresses, CountsNeedNoLibrary) {
  CompileOptions options = optionsFor(OutputKind::Assembly);
  options.optLevel = 2;
  StringRef text =
      "(module (memory (export \"m\") i64 1) (func (export \"f\") (param $a "
      "i32) (param $c i32) (local $q i64) (local $m i64) "
      // After this one, $c is even.
      "(local.set $m (i64.extend_i32_u (local.get $c))) (loop $next (local.set "
      "$q (i64.add (local.get $q) (i64.const 2))) (br_if $next (i64.ne "
      "(local.get $q) (local.get $m)))) (local.set $q (i64.const 0)) "
      "(block $done (loop $next (br_if $done (i64.ge_s (local.get $q) "
      "(i64.const 21))) (drop (i32.load16_s offset=36 (i64.add "
      "(i64.extend_i32_u (local.get $a)) (i64.mul (local.get $q) (i64.const "
      "6))))) (local.set $q (i64.add (local.get $q) (i64.or (i64.and "
      "(i64.extend_i32_u (local.get $c)) (i64.const 7)) (i64.const 1)))) (br "
      "$next)))))";
  for (Strategy strategy : {Strategy::guard, Strategy::check}) {
    options.emit.strategy = strategy;
    std::string code = contentOf(compileText(text, options, "output.s"));
    EXPECT_EQ(code.find("__udivti3"), std::string::npos);
  }
}
