// Which numbers become indices again. That (x >> 3) & -4 is (x >> 5) * 4 is
// arithmetic; what is computed with it is for tests/exact.
#include "compiler/codegen/shifted_indices.h"
#include "run_on_function.h"

using namespace llvm;
using namespace wasmetal;

/// Whether the pass shifts `index`, of %x, left.
static bool isRestored(const std::string &index,
                       const std::string &use = "add i32 %a, %i") {
  LLVMContext context;
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context,
                    "define i32 @f(i32 %a, i32 %x) {\n" + index +
                        "%r = " + use + "\nret i32 %r\n}\n",
                    ShiftedIndicesPass());
  std::string text;
  raw_string_ostream(text) << *module->getFunction("f");
  return StringRef(text).contains("shl i32 %index");
}

static std::string word(const std::string &shift, const std::string &mask) {
  return "%s = ashr i32 %x, " + shift + "\n%i = and i32 %s, " + mask + "\n";
}

TEST(ShiftedIndices, AreRestoredInSums) {
  EXPECT_TRUE(isRestored(word("3", "-4")));
  EXPECT_TRUE(isRestored(word("28", "-8")));
  EXPECT_FALSE(isRestored(word("3", "-4"), "mul i32 %a, %i"));
}

TEST(ShiftedIndices, OthersStay) {
  EXPECT_FALSE(isRestored(word("3", "-16"))) << "nothing multiplies by 16";
  EXPECT_FALSE(isRestored(word("3", "-1")));
  EXPECT_FALSE(isRestored(word("3", "12"))) << "bits above are cleared";
  EXPECT_FALSE(isRestored(word("29", "-8"))) << "shifted by all bits";
  EXPECT_FALSE(isRestored(word("3", "-4"), "add i32 %s, %i"))
      << "what is shifted is needed as well";
}
