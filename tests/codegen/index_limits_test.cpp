// Which accesses compare an index with a limit, and which do not. That what
// they do is exact is for tests/cli/index_limits.py and tests/exact.
#include "run_on_function.h"

#include "compiler/codegen/index_limits.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace wasmetal;

/// A load of 32 bits from what is at `address`.
static std::string load(const std::string &name, const std::string &address,
                        const std::string &offset = "0") {
  return "%wide." + name + " = zext i32 " + address + " to i64\n%at." + name +
         " = call ptr @wm_translate(ptr %memory, ptr %base, i64 %wide." + name +
         ", i64 " + offset + ", i64 4, i64 65536, i64 131072)\n%" + name +
         " = load volatile i32, ptr %at." + name + "\n";
}

/// How many limits there are, and how many loads are volatile: of the loop's
/// `body`, which may use %i and %found, what the last iteration found.
static std::pair<int, int> limited(const std::string &body, bool isChecked,
                                   const std::string &last = "%x") {
  std::string text =
      "declare ptr @wm_translate(ptr, ptr, i64, i64, i64, i64, i64) "
      "nounwind memory(read)\n"
      "declare void @other()\n"
      "define i32 @f(ptr %memory, ptr %base, i32 %a, i32 %b, i32 %n) {\n"
      "entry:\nbr label %loop\n"
      "loop:\n"
      "%i = phi i32 [ 0, %entry ], [ %next, %loop ]\n"
      "%found = phi i32 [ 0, %entry ], [ " +
      last + ", %loop ]\n" + body +
      "%next = add i32 %i, 1\n%more = icmp ne i32 %next, %n\n"
      "br i1 %more, label %loop, label %end\n"
      "end:\nret i32 %found\n}\n";
  LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, IndexLimitsPass(isChecked));
  if (!module)
    return {};
  llvm::Function &function = *module->getFunction("f");
  int limits = 0, volatiles = 0;
  for (llvm::Instruction &inst : instructions(function)) {
    limits += inst.getName().starts_with("limit");
    auto *access = dyn_cast<LoadInst>(&inst);
    volatiles += access && access->isVolatile();
  }
  return {limits, volatiles};
}

using Counts = std::pair<int, int>;

static const std::string Scaled = "%by = mul i32 %found, 12\n"
                                  "%place = add i32 %by, %a\n";
static const std::string Unsorted = "%hash = xor i32 %i, %b\n"
                                    "%by = shl i32 %hash, 2\n"
                                    "%place = add i32 %a, %by\n";

TEST(IndexLimits, LoadsThatWaitForThemselves) {
  EXPECT_EQ(limited(Scaled + load("x", "%place"), false), Counts(1, 1));
  EXPECT_EQ(limited(Scaled + load("x", "%place"), true), Counts(1, 1));
  // By way of another load.
  EXPECT_EQ(limited(load("x", "%found") +
                        "%by = shl i32 %x, 1\n%to = add i32 %by, %a\n" +
                        load("y", "%to"),
                    false, "%y"),
            Counts(1, 2));
}

TEST(IndexLimits, WhatComparesAnyway) {
  EXPECT_EQ(limited(Unsorted + load("x", "%place"), true), Counts(1, 1));
  EXPECT_EQ(limited(Unsorted + load("x", "%place"), false), Counts(0, 1));
  // There is nothing to add.
  EXPECT_EQ(limited("%hash = xor i32 %i, %b\n" + load("x", "%hash"), true),
            Counts(0, 1));
  // A search takes a branch, which waits for nothing.
  EXPECT_EQ(limited(Scaled + load("x", "%place") +
                        "%is = icmp slt i32 %x, %b\n"
                        "%now = select i1 %is, i32 %i, i32 %found\n",
                    true, "%now"),
            Counts(0, 1));
}

TEST(IndexLimits, WhatIsLoadedAndStoredAgain) {
  std::string changed = Unsorted + load("x", "%place") +
                        "%sum = add i32 %x, 1\n"
                        "store volatile i32 %sum, ptr %at.x\n";
  EXPECT_EQ(limited(changed, true), Counts(1, 1));
  EXPECT_EQ(limited(changed, false), Counts(0, 1));
  // Something else is stored in between.
  EXPECT_EQ(limited(Unsorted + load("x", "%place") +
                        "store i32 %x, ptr %memory\n"
                        "store volatile i32 %i, ptr %at.x\n",
                    true),
            Counts(0, 1));
}

// What is loaded there is an index, which nothing else looks at once it is
// that.
TEST(IndexLimits, WhatIsLoadedIsAnIndex) {
  std::string changed = Unsorted + load("x", "%place") +
                        "%scaled = shl i32 %x, 2\n"
                        "%other = xor i32 %scaled, 4\n"
                        "store volatile i32 %other, ptr %at.x\n"
                        "%next.place = add i32 %b, %scaled\n" +
                        load("y", "%next.place") +
                        "store volatile i32 %i, ptr %at.y\n";
  EXPECT_EQ(limited(changed, true, "%i"), Counts(2, 2));
}

// Bit x of a field: at (x >> 5) * 4, as LLVM has it.
TEST(IndexLimits, ShiftedNumbers) {
  auto field = [](const std::string &shift, const std::string &mask) {
    return limited("%hash = xor i32 %i, %b\n%far = " + shift +
                       "\n%by = and i32 %far, " + mask +
                       "\n%place = add i32 %a, %by\n" + load("x", "%place"),
                   true);
  };
  EXPECT_EQ(field("ashr i32 %hash, 3", "-4"), Counts(1, 1));
  EXPECT_EQ(field("lshr i32 %hash, 3", "-4"), Counts(1, 1));
  EXPECT_EQ(field("lshr i32 %hash, 3", "536870908"), Counts(1, 1));
  EXPECT_EQ(field("ashr i32 %hash, 3", "536870908"), Counts(0, 1));
  EXPECT_EQ(field("lshr i32 %hash, 3", "12"), Counts(0, 1));
  EXPECT_EQ(field("lshr i32 %hash, 30", "-4"), Counts(0, 1));
}

TEST(IndexLimits, LoopsThatCallOrNeedManyLimits) {
  EXPECT_EQ(
      limited(Unsorted + load("x", "%place") + "call void @other()\n", true),
      Counts(0, 1));
  auto rows = [](int count) {
    std::string body = Unsorted;
    for (int i = 0; i < count; ++i)
      body += load("x" + std::to_string(i), "%place", std::to_string(i * 8));
    return body;
  };
  EXPECT_EQ(limited(rows(4), true, "%x0"), Counts(4, 4));
  EXPECT_EQ(limited(rows(5), true, "%x0"), Counts(0, 5));
}

TEST(IndexLimits, FactorsThatAreNoneOrLarge) {
  for (const char *factor : {"1048580", "-4"})
    EXPECT_EQ(limited("%hash = xor i32 %i, %b\n%by = mul i32 %hash, " +
                          std::string(factor) + "\n%place = add i32 %a, %by\n" +
                          load("x", "%place"),
                      true),
              Counts(0, 1));
}
