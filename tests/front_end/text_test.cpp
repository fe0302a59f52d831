// What the text assembler says of texts that it does not take.
#include "tests/front_end/binary.h"

#include "gtest/gtest.h"

using namespace wasmetal;

TEST(Text, ReportsLineAndColumn) {
  EXPECT_EQ(checkText("(module\n  (func (foo)))"),
            "2:10: unexpected token \"foo\", expected an instr");
  EXPECT_EQ(checkText("(module (func local.get $x))"),
            "1:25: undefined local variable \"$x\"");
}

TEST(Text, AcceptsEmptyModules) {
  EXPECT_EQ(checkText("(module)"), "OK");
  EXPECT_EQ(checkText(""), "1:1: unexpected token \"EOF\", expected a module "
                           "field or a module");
}

TEST(Text, RefusesQuotedModules) {
  EXPECT_EQ(checkText("(module $m quote \"(module)\")"),
            "1:12: quoted modules are not supported");
}

TEST(Text, RefusesForeignFormsInElementSegments) {
  EXPECT_EQ(checkText("(module (elem funcref (foo)))"),
            "1:24: unexpected form in an element segment");
  EXPECT_EQ(checkText("(module (elem funcref ("),
            "1:24: unexpected form in an element segment");
  EXPECT_EQ(checkText("(module (table 1 funcref) (func $f)"
                      " (elem (table 0) (offset (i32.const 0)) funcref"
                      " (ref.func $f) (item ref.null func)))"),
            "OK");
}

TEST(Text, RefusesDeepNesting) {
  std::string text = "(module (func " + std::string(100'000, '(');
  EXPECT_EQ(checkText(text), "1:1013: nested too deeply, the limit is 1000");
  text = "(module (func ";
  for (int i = 0; i < 100'000; i++)
    text += "block ";
  EXPECT_EQ(checkText(text), "1:6003: nested too deeply, the limit is 1000");
}

TEST(Text, CountsNestingOutsideOfStringsAndComments) {
  std::string text = "(module (; " + std::string(2'000, '(') + " ;) (data \"" +
                     std::string(2'000, '(') + "\") ;;" +
                     std::string(2'000, '(') + "\n)";
  EXPECT_EQ(checkText(text), "OK");
}

TEST(Text, ManyBlocksSideBySideAreNotNested) {
  std::string text = "(module (func ";
  for (int i = 0; i < 5'000; i++)
    text += "block end (block) (if (i32.const 0) (then)) ";
  EXPECT_EQ(checkText(text + "))"), "OK");
}

TEST(Text, KnowsSharedMemoriesAndAtomicInstructions) {
  EXPECT_EQ(checkText("(module (memory 1 1 shared) (func (drop"
                      " (i64.atomic.rmw32.cmpxchg_u (i32.const 0)"
                      " (i64.const 1) (i64.const 2)))))"),
            "OK");
}
