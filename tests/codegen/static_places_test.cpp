// Which constants go to an object's address, and which stay with accesses.
#include "compiler/codegen/static_places.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

using namespace llvm;
using namespace wasmetal;

/// The module after the pass, of a function with %x, %y and @memory.
static std::string placed(const std::string &body) {
  LLVMContext context;
  SMDiagnostic error;
  std::string text = "target datalayout = \"e-p:32:32\"\n"
                     "@memory = internal global [65536 x i8] zeroinitializer\n"
                     "define void @f(i32 %x, i32 %y) section \"wm_text\" {\n" +
                     body + "  ret void\n}\n";
  std::unique_ptr<llvm::Module> module =
      parseAssemblyString(text, error, context);
  EXPECT_TRUE(module) << error.getMessage().str() << "\n" << text;
  ModuleAnalysisManager manager;
  StaticPlacesPass().run(*module, manager);
  std::string result;
  raw_string_ostream stream(result);
  EXPECT_FALSE(verifyModule(*module, &stream)) << result;
  stream << *module;
  return result;
}

static bool has(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

static std::string store(const std::string &pointer) {
  return "  store i8 0, ptr " + pointer + "\n";
}

TEST(StaticPlaces, ConstantsGoToTheAddress) {
  std::string outer = placed("  %p = getelementptr i8, ptr @memory, i32 %x\n"
                             "  %q = getelementptr i8, ptr %p, i32 4128\n" +
                             store("%q"));
  std::string inner = placed("  %i = add i32 %x, 4128\n"
                             "  %q = getelementptr i8, ptr @memory, i32 %i\n" +
                             store("%q"));
  for (const std::string &text : {outer, inner}) {
    EXPECT_TRUE(has(text, "@\"memory+4128\" = internal alias i8, "
                          "getelementptr (i8, ptr @memory, i32 4128)"))
        << text;
    EXPECT_TRUE(has(text, "getelementptr i8, ptr @\"memory+4128\", i32 %x"))
        << text;
    EXPECT_FALSE(has(text, "ptr @memory, i32 %")) << text;
  }
}

// What instructions have room for stays with them.
TEST(StaticPlaces, FieldsShareAnAddress) {
  std::string text = placed("  %p = getelementptr i8, ptr @memory, i32 %x\n"
                            "  %a = getelementptr i8, ptr %p, i32 5000\n"
                            "  %b = getelementptr i8, ptr %p, i32 4996\n"
                            "  %c = getelementptr i8, ptr %p, i32 9000\n" +
                            store("%a") + store("%b") + store("%c"));
  EXPECT_TRUE(has(text, "@\"memory+4996\"")) << text;
  EXPECT_TRUE(has(text, "@\"memory+9000\"")) << text;
  EXPECT_FALSE(has(text, "@\"memory+5000\"")) << text;
}

TEST(StaticPlaces, TextHasNoRoom) {
  std::string access = "  call i32 asm sideeffect \"ldrt $0, [$1, #4]\", "
                       "\"=r,r\"(ptr ";
  std::string text = placed("  %p = getelementptr i8, ptr @memory, i32 %x\n"
                            "  %a = getelementptr i8, ptr %p, i32 5000\n"
                            "  %b = getelementptr i8, ptr %p, i32 4996\n" +
                            access + "%a)\n" + access + "%b)\n");
  for (const char *place : {"4996", "5000"})
    EXPECT_TRUE(has(text, "getelementptr i8, ptr @\"memory+" +
                              std::string(place) + "\", i32 %x"))
        << text;
}

TEST(StaticPlaces, OthersStay) {
  for (const char *body :
       {"  %p = getelementptr i8, ptr @memory, i32 %x\n"
        "  %q = getelementptr i8, ptr %p, i32 100\n", // fits
        "  %p = getelementptr i8, ptr @memory, i32 %x\n"
        "  %q = getelementptr i8, ptr %p, i32 -4128\n", // before the object
        "  %p = getelementptr i8, ptr @memory, i32 %x\n"
        "  %q = getelementptr i8, ptr %p, i32 70000\n", // behind it
        "  %p = getelementptr i8, ptr @memory, i32 %x\n"
        "  %r = getelementptr i8, ptr %p, i32 %y\n"
        "  %q = getelementptr i8, ptr %r, i32 4128\n", // two variables
        "  %n = trunc i32 %x to i8\n" // whose sign would be extended
        "  %p = getelementptr i8, ptr @memory, i8 %n\n"
        "  %q = getelementptr i8, ptr %p, i32 4128\n"}) {
    std::string text = placed(body + store("%q"));
    EXPECT_FALSE(has(text, "alias")) << text;
  }
}
