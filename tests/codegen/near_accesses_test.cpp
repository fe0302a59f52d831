// Which accesses share an address, and which do not. That traps stay exact is
// for tests/exact.
#include "run_on_function.h"

#include "compiler/codegen/near_accesses.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace wasmetal;

/// A store of one byte at an address, or only what it would be at.
static std::string access(const std::string &name, const std::string &address,
                          uint64_t offset = 0,
                          const std::string &store = "store volatile i8 0",
                          uint64_t maximum = 0xffff0000,
                          const std::string &base = "%base") {
  std::string text =
      "  %wide." + name + " = zext i32 " + address + " to i64\n  %" + name +
      " = call ptr @wm_translate(ptr %memory, ptr " + base + ", i64 %wide." +
      name + ", i64 " + std::to_string(offset) + ", i64 1, i64 65536, i64 " +
      std::to_string(maximum) + ")\n";
  return store.empty() ? text : text + "  " + store + ", ptr %" + name + "\n";
}

static std::string add(const std::string &name, const std::string &value,
                       int64_t constant) {
  return "  %" + name + " = add i32 " + value + ", " +
         std::to_string(constant) + "\n";
}

/// Whose address each access has, and its offset.
static std::vector<std::string> shared(const std::string &body,
                                       bool isChecked = false) {
  std::string text =
      "declare ptr @wm_translate(ptr, ptr, i64, i64, i64, i64, i64)\n"
      "define void @f(ptr %memory, ptr %base, ptr %base2, i32 %a, i32 %b, "
      "i1 %c) {\n" +
      body + "  ret void\n}\n";
  LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, NearAccessesPass(isChecked));
  if (!module)
    return {};
  llvm::Function &function = *module->getFunction("f");
  std::vector<std::string> found;
  for (const llvm::Instruction &inst : instructions(function))
    if (auto *call = dyn_cast<CallInst>(&inst))
      found.push_back(
          call->getArgOperand(2)->getName().drop_front(5).str() + "+" +
          std::to_string(
              cast<ConstantInt>(call->getArgOperand(3))->getZExtValue()));
  return found;
}

using Found = std::vector<std::string>;

TEST(NearAccesses, ShareTheAddressOfTheLowest) {
  EXPECT_EQ(shared(access("x", "%a") + add("a4", "%a", 4) +
                   access("y", "%a4", 8) + add("a6", "%a4", 2) +
                   access("z", "%a6")),
            (Found{"x+0", "x+12", "x+6"}));
  EXPECT_EQ(shared(add("low", "%a", -3) + access("x", "%a") +
                   access("y", "%low") + add("mid", "%a", -1) +
                   access("z", "%mid")),
            (Found{"x+0", "y+0", "y+2"}));
}

TEST(NearAccesses, HaveTheSameTerms) {
  std::string scaled = "  %s = shl i32 %a, 2\n  %p = add i32 %s, %b\n" +
                       add("n", "%a", 5) +
                       "  %t = mul i32 %n, 4\n  %q = add i32 %b, %t\n";
  EXPECT_EQ(shared(scaled + access("x", "%p") + access("y", "%q") +
                   access("z", "%s")),
            (Found{"x+0", "x+20", "z+0"}));
  EXPECT_EQ(shared("  %o = or i32 %a, 1\n  %d = or disjoint i32 %a, 1\n" +
                   access("x", "%a") + access("y", "%o") + access("z", "%d")),
            (Found{"x+0", "y+0", "x+1"}));
  EXPECT_EQ(shared(access("x", "%a") + add("n", "%a", 1) +
                   access("y", "%n", 0, "", 0xffff0000, "%base2")),
            (Found{"x+0", "y+0"}));
}

TEST(NearAccesses, FollowOneThatHasRun) {
  std::string next = add("n", "%a", 1);
  std::string only = access("x", "%a", 0, "");
  EXPECT_EQ(shared(only + next + access("y", "%n")), (Found{"x+0", "y+0"}));
  EXPECT_EQ(shared(only + next + access("y", "%n"), /*isChecked=*/true),
            (Found{"x+0", "x+1"}));
  EXPECT_EQ(shared(next + "  br i1 %c, label %left, label %join\nleft:\n" +
                   access("x", "%a") + "  br label %join\njoin:\n" +
                   access("y", "%n")),
            (Found{"x+0", "y+0"}));
}

TEST(NearAccesses, DoNotWrap) {
  auto atEnd = [](uint64_t maximum, uint64_t offset, int64_t distance) {
    return shared(access("x", "%a", offset, "store volatile i8 0", maximum) +
                  add("n", "%a", distance) + access("y", "%n", 0, "", maximum));
  };
  Found shares{"x+0", "x+65536"}, keeps{"x+0", "y+0"};
  EXPECT_EQ(atEnd(0xffff0000, 0, 65536), shares);
  EXPECT_EQ(atEnd(0xffff0000, 0, 65537), keeps);
  EXPECT_EQ(atEnd(uint64_t(1) << 32, 0, 1), keeps);
  EXPECT_EQ(atEnd(uint64_t(1) << 32, 1, 1), (Found{"x+1", "x+1"}));
  EXPECT_EQ(atEnd(0xffff0000, 0, -1), keeps);
}

/// Address and offset together reach no further than they did.
TEST(NearAccesses, KeepOffsetsBelow4GiB) {
  EXPECT_EQ(shared(access("x", "%a") + add("n", "%a", 16) +
                   access("y", "%n", 0xffffffef) +
                   access("z", "%n", 0xfffffff0)),
            (Found{"x+0", "x+4294967295", "z+4294967280"}));
}
