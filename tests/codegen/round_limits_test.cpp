// Which comparisons get a limit that instructions have room for, and what is
// compared again. That traps stay exact is for tests/firmware/exact.py.
#include "compiler/codegen/round_limits.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

using namespace llvm;
using namespace wasmetal;

/// Traps unless %`address` is below the limit; goes on at `next`.
static std::string check(const std::string &address, const std::string &limit,
                         const std::string &next) {
  return "  %bad." + next + " = icmp uge i32 %" + address + ", " + limit +
         "\n  br i1 %bad." + next + ", label %trap." + next + ", label %" +
         next + "\ntrap." + next + ":\n  call void @trap()\n  unreachable\n" +
         next + ":\n";
}

/// The function's text after the pass.
static std::string rounded(const std::string &body,
                           const std::string &triple = "thumbv7em") {
  LLVMContext context;
  SMDiagnostic error;
  std::string text = "target triple = \"" + triple +
                     "\"\n"
                     "declare void @trap() noreturn\n"
                     "define i32 @f(i32 %a, i32 %b, i64 %w, ptr %p) {\n" +
                     body + "  ret i32 %a\n}\n";
  std::unique_ptr<llvm::Module> module =
      parseAssemblyString(text, error, context);
  EXPECT_TRUE(module) << error.getMessage().str() << "\n" << text;
  FunctionAnalysisManager manager;
  llvm::Function &function = *module->getFunction("f");
  RoundLimitsPass().run(function, manager);
  std::string result;
  raw_string_ostream stream(result);
  EXPECT_FALSE(verifyFunction(function, &stream)) << result;
  stream << function;
  return result;
}

static size_t countOf(StringRef text, StringRef part) {
  return text.count(part);
}

TEST(RoundLimits, OthersAreComparedAgain) {
  std::string text = rounded(check("a", "65533", "next"));
  EXPECT_EQ(countOf(text, "icmp ult i32 %a, 65280"), 1u) << text;
  EXPECT_EQ(countOf(text, "icmp uge i32 %a, 65533"), 1u) << text;
}

TEST(RoundLimits, LimitsThatFitStay) {
  for (const char *limit : {"200", "65536", "65280", "65281"})
    EXPECT_EQ(countOf(rounded(check("a", limit, "next")), "icmp"), 1u) << limit;
}

TEST(RoundLimits, AArch64HasRoomForTwelveBits) {
  auto aarch64 = [](const char *limit) {
    return rounded(check("a", limit, "next"), "aarch64");
  };
  for (const char *limit : {"4000", "65536", "1114112", "1114113", "16777216"})
    EXPECT_EQ(countOf(aarch64(limit), "icmp"), 1u) << limit;
  for (auto [limit, part] : {std::pair("1114109", "icmp ult i32 %a, 1110016"),
                             std::pair("33554429", "icmp ult i32 %a, 33488896"),
                             std::pair("-3", "icmp ult i32 %a, -65536")}) {
    std::string text = aarch64(limit);
    EXPECT_EQ(countOf(text, part), 1u) << text;
    EXPECT_EQ(countOf(text, "icmp uge i32 %a, %"), 1u) << text; // hidden
  }
}

TEST(RoundLimits, AArch64ComparesNumbersOf64Bits) {
  std::string wide = "  %bad = icmp ugt i64 %w, 1114108\n"
                     "  br i1 %bad, label %trap, label %next\n"
                     "trap:\n  call void @trap()\n  unreachable\nnext:\n";
  std::string text = rounded(wide, "aarch64");
  EXPECT_EQ(countOf(text, "icmp ult i64 %w, 1110016"), 1u) << text;
  EXPECT_EQ(countOf(text, "icmp ugt i64 %w, %"), 1u) << text;
  EXPECT_EQ(countOf(rounded(wide), "icmp"), 1u);
  // No limit has more than 32 bits.
  wide.replace(wide.find("1114108"), 7, "4294967299");
  EXPECT_EQ(countOf(rounded(wide, "aarch64"), "icmp"), 1u);
}

// Else LLVM would compare with the limit less one.
TEST(RoundLimits, TheTrapStandsBehindALimitThatFitsAArch64) {
  std::string text = rounded("  %bad = icmp ugt i32 %a, 1114111\n"
                             "  br i1 %bad, label %trap, label %next\n"
                             "next:\n  ret i32 %b\n"
                             "trap:\n  call void @trap()\n  unreachable\n"
                             "behind:\n",
                             "aarch64");
  EXPECT_EQ(countOf(text, "icmp ult i32 %a, 1114112"), 1u) << text;
  EXPECT_EQ(countOf(text, "label %next, label %trap"), 1u) << text;
  EXPECT_LT(text.find("trap: "), text.find("next: ")) << text;
}

/// A loop whose check is at its end.
static std::string loopWith(const std::string &limit) {
  return "  br label %loop\nloop:\n"
         "  %i = phi i32 [ %a, %0 ], [ %i.next, %check ], [ 0, %on ]\n"
         "  %i.next = add i32 %i, 2\n"
         "  %some = icmp eq i32 %i, %b\n"
         "  br i1 %some, label %on, label %check\n"
         "on:\n  br label %loop\n"
         "check:\n  %bad = icmp uge i32 %i, " +
         limit +
         "\n  br i1 %bad, label %trap, label %loop\n"
         "trap:\n  call void @trap()\n  unreachable\nend:\n";
}

TEST(RoundLimits, ChecksAtALoopsEndKeepALimitInARegister) {
  std::string text = rounded(loopWith("1114109"), "aarch64");
  EXPECT_EQ(countOf(text, "icmp uge i32 %i, %"), 1u) << text;
  EXPECT_EQ(countOf(text, "icmp ult"), 0u) << text;
  EXPECT_LT(text.find("i32 1114109)"), text.find("loop:")) << text;
}

// Both ways from a check come together before those of others.
TEST(RoundLimits, ManyMayComeToTheNextBlock) {
  std::string text =
      rounded("  %either = icmp eq i32 %a, %b\n"
              "  br i1 %either, label %check, label %next\n"
              "check:\n  %bad = icmp uge i32 %a, 1114109\n"
              "  br i1 %bad, label %trap, label %next\n"
              "trap:\n  call void @trap()\n  unreachable\n"
              "next:\n  %sum = phi i32 [ %a, %0 ], [ %b, %check ]\n",
              "aarch64");
  EXPECT_EQ(countOf(text, "icmp ult i32 %a, 1110016"), 1u) << text;
  EXPECT_EQ(countOf(text, "[ %b, %between ]"), 1u) << text;
  EXPECT_EQ(countOf(text, "label %between"), 2u) << text;
}

// Copies of a loop trap at one place.
TEST(RoundLimits, ManyMayComeToTheTrap) {
  std::string text = rounded("  %either = icmp eq i32 %a, %b\n"
                             "  br i1 %either, label %one, label %two\n"
                             "one:\n  %bad.one = icmp uge i32 %a, 65533\n"
                             "  br i1 %bad.one, label %trap, label %after\n"
                             "two:\n  %bad.two = icmp uge i32 %b, 65533\n"
                             "  br i1 %bad.two, label %trap, label %last\n"
                             "trap:\n  call void @trap()\n  unreachable\n"
                             "after:\n  ret i32 %b\nlast:\n");
  EXPECT_EQ(countOf(text, "icmp ult"), 2u) << text;
  EXPECT_EQ(countOf(text, "icmp uge"), 2u) << text;
}

TEST(RoundLimits, TwoAddressesAreComparedTogether) {
  std::string text =
      rounded(check("a", "65533", "one") + check("b", "65529", "two"));
  EXPECT_EQ(countOf(text, "or i32 %a, "), 1u) << text;
  EXPECT_EQ(countOf(text, "icmp ult"), 1u) << text;
  EXPECT_EQ(countOf(text, "icmp uge"), 2u) << text;
}

// A disjunction of addresses below this limit is often beyond it.
TEST(RoundLimits, LimitsWithZerosAreForOneAddress) {
  std::string text =
      rounded(check("a", "40957", "one") + check("b", "40957", "two"));
  EXPECT_EQ(countOf(text, "or i32"), 0u) << text;
  EXPECT_EQ(countOf(text, "icmp ult"), 2u) << text;
}

TEST(RoundLimits, ALittleFurtherOnNeedsNoComparison) {
  std::string near = "  %c = add i32 %a, 8\n";
  std::string text =
      rounded(near + check("a", "40957", "one") + check("c", "40957", "two"));
  EXPECT_EQ(countOf(text, "icmp ult i32 %a"), 1u) << text;
  EXPECT_EQ(countOf(text, "icmp ult"), 1u) << text;
  // Not if it may be beyond the second limit.
  near = "  %c = add i32 %a, 512\n";
  text =
      rounded(near + check("a", "40957", "one") + check("c", "40957", "two"));
  EXPECT_EQ(countOf(text, "icmp ult"), 2u) << text;
}

// What the first check guards is not done before it.
TEST(RoundLimits, LoadsStandBetweenChecks) {
  std::string text =
      rounded(check("a", "65533", "one") + "  %c = load i32, ptr %p\n" +
              check("c", "65533", "two"));
  EXPECT_EQ(countOf(text, "or i32"), 0u) << text;
  EXPECT_EQ(countOf(text, "icmp ult"), 2u) << text;
}
