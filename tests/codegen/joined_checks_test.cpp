// Which accesses one check is made for, and which keep their own. That traps
// stay exact is for tests/firmware/exact.py.
#include "run_on_function.h"

#include "compiler/codegen/joined_checks.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace wasmetal;

/// A load of four bytes at %a + constant, and what comes behind it.
static std::string loadAt(const std::string &name, int64_t constant,
                          uint64_t offset = 0,
                          const std::string &then = "load volatile i32",
                          uint64_t maximum = 65536,
                          const std::string &base = "%base") {
  std::string text =
      "  %at." + name + " = add i32 %a, " + std::to_string(constant) +
      "\n  %wide." + name + " = zext i32 %at." + name + " to i64\n  %" + name +
      " = call ptr @wm_translate(ptr %memory, ptr " + base + ", i64 %wide." +
      name + ", i64 " + std::to_string(offset) + ", i64 4, i64 65536, i64 " +
      std::to_string(maximum) + ")\n";
  if (then == "load volatile i32")
    return text + "  %value." + name + " = " + then + ", ptr %" + name + "\n";
  return text + "  " + then + ", ptr %" + name + "\n";
}

static const std::string Store = "store volatile i32 0";

/// Of each access the constant that is added to %a, offset and size.
static std::vector<std::string> joined(const std::string &body) {
  std::string text =
      "declare ptr @wm_translate(ptr, ptr, i64, i64, i64, i64, i64)\n"
      "declare void @g()\n"
      "define void @f(ptr %memory, ptr %base, ptr %base2, i32 %a, i1 %c) {\n" +
      body + "  ret void\n}\n";
  LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, JoinedChecksPass());
  if (!module)
    return {};
  llvm::Function &function = *module->getFunction("f");
  auto number = [](Value *value) {
    return cast<ConstantInt>(value)->getSExtValue();
  };
  std::vector<std::string> found;
  for (const llvm::Instruction &inst : instructions(function)) {
    auto *call = dyn_cast<CallInst>(&inst);
    if (!call || call->arg_size() == 0)
      continue;
    int64_t sum = 0;
    Value *address = cast<ZExtInst>(call->getArgOperand(2))->getOperand(0);
    while (auto *add = dyn_cast<BinaryOperator>(address)) {
      sum += number(add->getOperand(1));
      address = add->getOperand(0);
    }
    found.push_back(std::to_string(sum) + "+" +
                    std::to_string(number(call->getArgOperand(3))) + ":" +
                    std::to_string(number(call->getArgOperand(4))));
  }
  return found;
}

using Found = std::vector<std::string>;

TEST(JoinedChecks, ReachAsFarAsWhatFollows) {
  EXPECT_EQ(joined(loadAt("x", 8) + loadAt("y", 12) + loadAt("z", 8, 16)),
            (Found{"8+0:20", "12+0:4", "8+16:4"}));
}

TEST(JoinedChecks, BeginWithTheLowestAddress) {
  EXPECT_EQ(joined(loadAt("x", 8) + loadAt("y", -4)),
            (Found{"-4+12:4", "-4+0:4"}));
  EXPECT_EQ(joined(loadAt("x", 8, 2) + loadAt("y", 4) + loadAt("z", 20)),
            (Found{"4+6:14", "4+0:4", "20+0:4"}));
}

TEST(JoinedChecks, IncludeAStoreAndNothingBehindIt) {
  EXPECT_EQ(joined(loadAt("x", 0) + loadAt("y", 4, 0, Store) + loadAt("z", 8)),
            (Found{"0+0:8", "4+0:4", "8+0:4"}));
  EXPECT_EQ(joined(loadAt("x", 0, 0, Store) + loadAt("y", 4)),
            (Found{"0+0:4", "4+0:4"}));
}

TEST(JoinedChecks, EndWithCallsAndBlocks) {
  EXPECT_EQ(joined(loadAt("x", 0) + "  call void @g()\n" + loadAt("y", 4)),
            (Found{"0+0:4", "4+0:4"}));
  EXPECT_EQ(joined(loadAt("x", 0) +
                   "  br i1 %c, label %next, label %end\nnext:\n" +
                   loadAt("y", 4) + "  br label %end\nend:\n"),
            (Found{"0+0:4", "4+0:4"}));
}

TEST(JoinedChecks, StayApartWhereAddressesMayWrap) {
  EXPECT_EQ(joined(loadAt("x", 0, 0, "load volatile i32", 0xffffffff) +
                   loadAt("y", 4, 0, "load volatile i32", 0xffffffff)),
            (Found{"0+0:4", "4+0:4"}));
  EXPECT_EQ(joined(loadAt("x", 0) + loadAt("y", 4000)),
            (Found{"0+0:4", "4000+0:4"}));
  EXPECT_EQ(joined(loadAt("x", 0, 0xffffffff) + loadAt("y", -4)),
            (Found{"0+4294967295:4", "-4+0:4"}));
}

TEST(JoinedChecks, AreOfOneMemory) {
  EXPECT_EQ(joined(loadAt("x", 0) +
                   loadAt("y", 4, 0, "load volatile i32", 65536, "%base2")),
            (Found{"0+0:4", "4+0:4"}));
}
