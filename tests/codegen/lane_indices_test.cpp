// Which lanes of vectors become numbers, so that loops which take addresses
// from them are versioned.
#include "versioning.h"

#include "compiler/codegen/lane_indices.h"

#include "llvm/IR/Verifier.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class LaneIndices : public VersioningTest {
protected:
  /// A loop that counts in the lanes of %v, before and after the pass.
  llvm::Function &
  run(const std::string &body,
      const std::string &first = "<i32 0, i32 1, i32 poison, i32 poison>",
      const std::string &next = "add <4 x i32> %v, splat (i32 2)") {
    functions.clear();
    llvm::Function &function =
        parse("before:\n"
              "  %start = insertelement <4 x i32> poison, i32 %b, i64 0\n"
              "  %same = shufflevector <4 x i32> %start, <4 x i32> poison, "
              "<4 x i32> zeroinitializer\n"
              "  br label %loop\nloop:\n"
              "  %i = phi i32 [ 0, %before ], [ %i.next, %loop ]\n"
              "  %v = phi <4 x i32> [ " +
              first + ", %before ], [ %v.next, %loop ]\n" + body +
              "  %v.next = " + next +
              "\n  %i.next = add i32 %i, 1\n"
              "  %goes = icmp ult i32 %i.next, %n\n"
              "  br i1 %goes, label %loop, label %end\nend:\n  ret void\n");
    LaneIndicesPass().run(function, functions);
    std::string messages;
    raw_string_ostream stream(messages);
    EXPECT_FALSE(verifyFunction(function, &stream)) << messages;
    functions.clear();
    return function;
  }
};

} // namespace

/// %up is a lane of `vector`, from %a on.
static std::string lane(const std::string &vector, int index,
                        const std::string &name = "up") {
  return "  %lane." + name + " = extractelement <4 x i32> %" + vector +
         ", i64 " + std::to_string(index) + "\n  %" + name +
         " = add i32 %a, %lane." + name + "\n" + store(name);
}

static const std::string Products = "  %p = mul <4 x i32> %v, splat (i32 24)\n";

TEST_F(LaneIndices, LanesAscend) {
  llvm::Function &function =
      run(Products + lane("p", 0, "one") + lane("p", 1, "two"));
  EXPECT_EQ(countOf(function, "<4 x i32> %"), 1u); // before the loop
  EXPECT_EQ(countOf(function, "phi i32"), 3u);
  EXPECT_EQ(countOf(function, "mul i32 %lane"), 2u);
  // Both are one row, and two copies of a smaller body.
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  EXPECT_EQ(countOf(function, "mul nuw nsw i64 %k, 24"), 1u);
}

TEST_F(LaneIndices, WhatDoesNotVaryIsTakenBeforeTheLoop) {
  llvm::Function &function =
      run("  %p = mul <4 x i32> %v, %same\n" + lane("p", 1));
  EXPECT_EQ(countOf(function, "= mul i32 %lane, %b"), 1u);
  EXPECT_EQ(countOf(function, "extractelement"), 0u);
}

TEST_F(LaneIndices, FoldsConstants) {
  llvm::Function &function = run(
      lane("v", 1), "bitcast (<2 x i64> <i64 4294967296, i64 0> to <4 x i32>)");
  EXPECT_EQ(countOf(function, "phi i32 [ 1, %before ]"), 1u);
}

TEST_F(LaneIndices, WhatStays) {
  for (const std::string &body :
       {// No address.
        std::string("  %one = extractelement <4 x i32> %v, i64 0\n"
                    "  %x = zext i32 %one to i64\n  %up = add i32 %a, 0\n") +
            store("up", "x"),
        // A lane that a number chooses.
        std::string("  %one = extractelement <4 x i32> %v, i32 %i\n"
                    "  %up = add i32 %a, %one\n") +
            store("up"),
        // What no vector has.
        lane("v", 4),
        // What memory holds.
        std::string("  %m = load <4 x i32>, ptr %memory\n"
                    "  %p = add <4 x i32> %v, %m\n") +
            lane("p", 0)})
    EXPECT_EQ(countOf(run(body), "extractelement"), 1u) << body;
  // It does not add the same.
  EXPECT_EQ(countOf(run(lane("v", 0), "zeroinitializer",
                        "mul <4 x i32> %v, splat (i32 3)"),
                    "extractelement"),
            1u);
}

TEST_F(LaneIndices, VectorsThatAreUsedStay) {
  llvm::Function &function =
      run(lane("v", 0) + "  store <4 x i32> %v, ptr %memory\n");
  EXPECT_EQ(countOf(function, "phi <4 x i32>"), 1u);
  EXPECT_EQ(countOf(function, "phi i32"), 2u);
  EXPECT_EQ(countOf(function, "extractelement"), 0u);
}
