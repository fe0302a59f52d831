// A row that its producer has unrolled, with what is left over first, is a sum
// like others: where its second loop begins is the end less a multiple. What
// the copies compute is for tests/exact.
#include "versioning.h"

#include "compiler/codegen/unrolled_starts.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class UnrolledStarts : public VersioningTest {
protected:
  bool restore(llvm::Function &function) {
    return restoreStarts(
        function, functions.getResult<LoopAnalysis>(function),
        functions.getResult<DominatorTreeAnalysis>(function),
        functions.getResult<ScalarEvolutionAnalysis>(function));
  }
};

} // namespace

/// for (i = 0; i < n; i++) for (j = i + 1; j < n; j++) store at a + 8 * j, by
/// four. `left` says when there is nothing left over: of (i - n) & 3.
static std::string triangle(const std::string &left = "3",
                            const std::string &start = "%i1") {
  return "entry:\n"
         "%none = icmp slt i32 %n, 1\n"
         "br i1 %none, label %done, label %before\n"
         "before:\n"
         "%less = add i32 %n, -2\n"
         "br label %outer\n"
         "outer:\n"
         "%i = phi i32 [0, %before], [%i1, %latch]\n"
         "%i1 = add i32 %i, 1\n"
         "%goes = icmp slt i32 %i1, %n\n"
         "br i1 %goes, label %row, label %latch\n"
         "row:\n"
         "%first = add i32 " +
         start +
         ", 0\n"
         "%odd = sub i32 %i, %n\n"
         "%low = and i32 %odd, 3\n"
         "%whole = icmp eq i32 %low, " +
         left +
         "\n"
         "br i1 %whole, label %main, label %ahead\n"
         "ahead:\n"
         "%more = sub i32 %n, %i1\n"
         "%rest = and i32 %more, 3\n"
         "br label %one\n"
         "one:\n"
         "%k = phi i32 [0, %ahead], [%k1, %one]\n"
         "%j = add i32 %i1, %k\n"
         "%bytes = shl i32 %j, 3\n"
         "%at = add i32 %a, %bytes\n" +
         store("at") +
         "%k1 = add i32 %k, 1\n"
         "%last = icmp eq i32 %k1, %rest\n"
         "br i1 %last, label %behind, label %one\n"
         "behind:\n"
         "%ended = phi i32 [%k1, %one]\n"
         "%second = add i32 %ended, %i1\n"
         "br label %main\n"
         "main:\n"
         "%start = phi i32 [%first, %row], [%second, %behind]\n"
         "%few = sub i32 %less, %i\n"
         "%short = icmp ult i32 %few, 3\n"
         "br i1 %short, label %latch, label %by.four\n"
         "by.four:\n"
         "%length = sub i32 %n, %start\n"
         "%skipped = shl i32 %start, 3\n"
         "%begin = add i32 %a, %skipped\n"
         "br label %four\n"
         "four:\n"
         "%to = phi i32 [%begin, %by.four], [%to4, %four]\n"
         "%count = phi i32 [%length, %by.four], [%count4, %four]\n"
         "%to1 = add i32 %to, 8\n"
         "%to2 = add i32 %to, 16\n"
         "%to3 = add i32 %to, 24\n" +
         store("to") + store("to1") + store("to2") + store("to3") +
         "%to4 = add i32 %to, 32\n"
         "%count4 = add i32 %count, -4\n"
         "%ends = icmp eq i32 %count4, 0\n"
         "br i1 %ends, label %left, label %four\n"
         "left:\n"
         "br label %latch\n"
         "latch:\n"
         "%all = icmp eq i32 %i1, %n\n"
         "br i1 %all, label %leave, label %outer\n"
         "leave:\n"
         "br label %done\n"
         "done:\n"
         "ret void\n";
}

TEST_F(UnrolledStarts, ANestIsVersionedOnce) {
  llvm::Function &function = parse(triangle());
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "freeze"), 1u);
  EXPECT_EQ(countOf(function, "@wm_translate"), 5u);
  EXPECT_EQ(countOf(function, "store volatile"), 5u);
  EXPECT_EQ(countOf(function, "phi i32 [ %first"), 0u);
}

TEST_F(UnrolledStarts, StartsAreSums) {
  llvm::Function &function = parse(triangle());
  EXPECT_TRUE(restore(function));
  EXPECT_EQ(countOf(function, "phi i32 [ %first"), 0u);
  EXPECT_EQ(countOf(function, "lshr"), 1u);
  EXPECT_FALSE(restore(function));
}

// Behind another branch, or another first value, it is one of two.
TEST_F(UnrolledStarts, OthersStayVariables) {
  for (const char *left : {"0", "1", "2"}) {
    EXPECT_FALSE(restore(parse(triangle(left)))) << left;
    functions.clear();
  }
  for (const char *start : {"%i", "%n", "1"}) {
    EXPECT_FALSE(restore(parse(triangle("3", start)))) << start;
    functions.clear();
  }
}
