// Checks go whose access is known to be in bounds, and no others. That traps
// stay exact is for tests/exact.
#include "run_on_function.h"

#include "compiler/codegen/redundant_checks.h"

#include "llvm/IR/InstIterator.h"

using namespace llvm;
using namespace wasmetal;

/// A check of one byte at an address: its name, what it is made of.
static std::string check(const std::string &name, const std::string &address,
                         unsigned offset, const std::string &base = "%base") {
  return "  %wide." + name + " = zext i32 " + address + " to i64\n  %" + name +
         " = call ptr @wm_translate(ptr %memory, ptr " + base + ", i64 %wide." +
         name + ", i64 " + std::to_string(offset) +
         ", i64 1, i64 65536, i64 131072)\n  store i8 0, ptr %" + name + "\n";
}

/// The names of the checks that stay.
static std::vector<std::string> remaining(const std::string &body,
                                          bool behindLoops = false) {
  std::string text =
      "declare ptr @wm_translate(ptr, ptr, i64, i64, i64, i64, i64)\n"
      "define void @f(ptr %memory, ptr %base, ptr %base2, i32 %a, i32 %b, "
      "i1 %c) {\n" +
      body + "  ret void\n}\n";
  LLVMContext context;
  std::unique_ptr<llvm::Module> module = runOnFunction(
      context, text,
      RedundantChecksPass([](StringRef name) { return name == "wm_translate"; },
                          behindLoops));
  if (!module)
    return {};
  llvm::Function &function = *module->getFunction("f");
  std::vector<std::string> names;
  for (const llvm::Instruction &inst : instructions(function))
    if (isa<CallInst>(inst))
      names.push_back(inst.getName().str());
  return names;
}

using Names = std::vector<std::string>;

TEST(RedundantChecks, ReachAsFarAsTheOneBefore) {
  EXPECT_EQ(remaining(check("x", "%a", 8) + check("y", "%a", 8) +
                      check("z", "%a", 0)),
            Names{"x"});
  EXPECT_EQ(remaining(check("x", "%a", 8) + check("y", "%a", 9) +
                      check("z", "%a", 9)),
            (Names{"x", "y"}));
}

TEST(RedundantChecks, AreOfTheSameAddressAndMemory) {
  EXPECT_EQ(remaining(check("x", "%a", 8) + check("y", "%b", 8) +
                      check("z", "%a", 8, "%base2")),
            (Names{"x", "y", "z"}));
}

TEST(RedundantChecks, AreBehindTheLoopThatEndedThere) {
  std::string body =
      "  br label %loop\nloop:\n"
      "  %i = phi i32 [ %a, %0 ], [ %next, %loop ]\n" +
      check("x", "%i", 8) + check("y", "%i", 4) +
      "  %next = add i32 %i, 1\n  br i1 %c, label %loop, label %end\nend:\n"
      "  %last = phi i32 [ %i, %loop ]\n"
      "  %behind = phi i32 [ %next, %loop ]\n" +
      check("z", "%last", 8) + check("w", "%behind", 8);
  EXPECT_EQ(remaining(body), (Names{"x", "w"}));
  // What is in the loop is for those who take it apart.
  EXPECT_EQ(remaining(body, true), (Names{"x", "y", "w"}));
}

TEST(RedundantChecks, AreDominated) {
  EXPECT_EQ(remaining("  br i1 %c, label %left, label %right\nleft:\n" +
                      check("x", "%a", 8) + check("x2", "%a", 0) +
                      "  br label %join\nright:\n" + check("y", "%a", 8) +
                      check("y2", "%a", 0) + "  br label %join\njoin:\n" +
                      check("z", "%a", 8) + check("z2", "%a", 8)),
            (Names{"x", "y", "z"}));
}

TEST(RedundantChecks, LieWithinTheSizeThatTheMemoryBeginsWith) {
  std::string masked = "  %low = and i32 %a, 255\n";
  EXPECT_EQ(remaining(masked + check("x", "%low", 65280)), Names{});
  EXPECT_EQ(remaining(masked + check("x", "%low", 65281)), Names{"x"});
  EXPECT_EQ(remaining(check("x", "65535", 0)), Names{});
  EXPECT_EQ(remaining(check("x", "65535", 1)), Names{"x"});
}
