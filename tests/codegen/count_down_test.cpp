// Which loops end by what their subtraction borrows.
#include "run_on_function.h"

#include "compiler/codegen/count_down.h"

using namespace llvm;
using namespace wasmetal;

/// A loop that counts down from %n, with `end` behind the count's next value.
static std::string loop(const std::string &end,
                        const std::string &next = "add i32 %count, -1",
                        const std::string &more = "") {
  return "define i32 @f(i32 %n, ptr %p) {\n"
         "entry:\n"
         "  br label %loop\n"
         "loop:\n"
         "  %count = phi i32 [ %n, %entry ], [ %next, %loop ]\n"
         "  store volatile i32 %count, ptr %p\n"
         "  %next = " +
         next + "\n" + more + end +
         "done:\n"
         "  ret i32 7\n"
         "}\n";
}

static const char *const AtZero = "  %isEnd = icmp eq i32 %count, 0\n"
                                  "  br i1 %isEnd, label %done, label %loop\n";
static const char *const NotAtZero =
    "  %goesOn = icmp ne i32 %count, 0\n"
    "  br i1 %goesOn, label %loop, label %done\n";

static std::string counted(const std::string &text) {
  LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, CountDownPass());
  std::string result;
  if (module) {
    raw_string_ostream stream(result);
    stream << *module->getFunction("f");
  }
  return result;
}

static bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

TEST(CountDown, TheBorrowEndsTheLoop) {
  for (const char *end : {AtZero, NotAtZero}) {
    std::string text = counted(loop(end));
    EXPECT_TRUE(has(text, "call { i32, i1 } @llvm.usub.with.overflow.i32(i32 "
                          "%count, i32 1)"))
        << text;
    EXPECT_FALSE(has(text, "icmp")) << text;
    EXPECT_FALSE(has(text, "add i32")) << text;
    // What ends the loop is the borrow, not its absence.
    EXPECT_TRUE(has(text, "extractvalue { i32, i1 } %0, 1\n")) << text;
    EXPECT_TRUE(has(text, ", label %done, label %loop\n")) << text;
  }
}

TEST(CountDown, OtherLoopsStay) {
  for (const std::string &text :
       {loop(AtZero, "add i32 %count, -2"), loop(AtZero, "add i32 %count, 1"),
        loop(AtZero, "add i32 %n, -1"),
        // The count that is next is compared: that needs no other value.
        loop("  %isEnd = icmp eq i32 %next, 0\n"
             "  br i1 %isEnd, label %done, label %loop\n"),
        loop("  %isEnd = icmp ult i32 %count, 1\n"
             "  br i1 %isEnd, label %done, label %loop\n"),
        loop("  %isEnd = icmp eq i32 %count, 1\n"
             "  br i1 %isEnd, label %done, label %loop\n"),
        // Zero goes on.
        loop("  %goesOn = icmp eq i32 %count, 0\n"
             "  br i1 %goesOn, label %loop, label %done\n"),
        // Used before the branch.
        loop(AtZero, "add i32 %count, -1",
             "  store volatile i32 %next, ptr %p\n")})
    EXPECT_FALSE(has(counted(text), "overflow")) << text;
}
