// Which loops become one for each callee. What they compute, and how they trap,
// is for tests/cli/known_callees.py.
#include "compiler/codegen/known_callees.h"
#include "tests/codegen/run_on_function.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// Of a function after the pass.
struct Found {
  size_t loops = 0;
  size_t switchesInLoops = 0, switches = 0; // the former are some of these
  size_t calls = 0;                         // of what was to be inlined
  bool operator==(const Found &) const = default;
  friend std::ostream &operator<<(std::ostream &stream, const Found &found) {
    return stream << found.loops << " loops, " << found.switchesInLoops
                  << " of " << found.switches << " switches in them, "
                  << found.calls << " calls";
  }
};

} // namespace

/// do { `before`; a call of what `index` selects } while (++i != n).
static Found run(const std::string &index, const std::string &before = "",
                 const std::string &attributes = "alwaysinline") {
  std::string text = "declare void @other()\n"
                     "declare void @trap() noreturn\n"
                     "define i32 @one(i32 %a) {\n  ret i32 %a\n}\n"
                     "define i32 @two(i32 %a) {\n"
                     "  %b = mul i32 %a, %a\n  ret i32 %b\n}\n"
                     "define i32 @f(i32 %by, i32 %n) {\n"
                     "entry:\n  br label %loop\n"
                     "loop:\n"
                     "  %i = phi i32 [ 0, %entry ], [ %next, %end ]\n"
                     "  %sum = phi i32 [ 0, %entry ], [ %more, %end ]\n" +
                     before + "  switch i32 " + index +
                     ", label %trap [\n"
                     "    i32 1, label %first\n"
                     "    i32 4, label %second\n"
                     "  ]\n"
                     "first:\n"
                     "  %x = call i32 @one(i32 %i) " +
                     attributes +
                     "\n  br label %end\n"
                     "second:\n"
                     "  %y = call i32 @two(i32 %i) " +
                     attributes +
                     "\n  br label %end\n"
                     "end:\n"
                     "  %got = phi i32 [ %x, %first ], [ %y, %second ]\n"
                     "  %more = add i32 %sum, %got\n"
                     "  %next = add i32 %i, 1\n"
                     "  %on = icmp ne i32 %next, %n\n"
                     "  br i1 %on, label %loop, label %done\n"
                     "trap:\n  call void @trap()\n  unreachable\n"
                     "done:\n  ret i32 %more\n}\n";
  LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, KnownCalleesPass());
  Found found;
  if (!module)
    return found;
  llvm::Function &function = *module->getFunction("f");
  DominatorTree dominators(function);
  LoopInfo loops(dominators);
  found.loops = loops.getLoopsInPreorder().size();
  for (llvm::Instruction &inst : instructions(function)) {
    bool isInLoop = loops.getLoopFor(inst.getParent());
    if (isa<SwitchInst>(inst)) {
      ++found.switches;
      found.switchesInLoops += isInLoop;
    }
    if (auto *call = dyn_cast<CallInst>(&inst))
      found.calls += call->getCalledFunction()->getName() == "one" ||
                     call->getCalledFunction()->getName() == "two";
  }
  return found;
}

TEST(KnownCallees, ALoopForEach) { EXPECT_EQ(run("%by"), (Found{2, 0, 1, 0})); }

TEST(KnownCallees, OtherLoopsStay) {
  constexpr Found Same = {1, 1, 1, 2};
  EXPECT_EQ(run("%i"), Same);
  EXPECT_EQ(run("%by", "  call void @other()\n"), Same);
  EXPECT_EQ(run("%by", "", "noinline"), Same);
}
