// Searches of which the first and the last address are known become vectors:
// what they find, and where they trap, is for tests/cli/searches.py and
// tests/exact.
#include "support.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Searches : public CodegenTest {
protected:
  /// Whether some search of a module is one over vectors.
  bool isVector(StringRef module, Strategy strategy) {
    CompileOptions options = optionsFor(OutputKind::IrText);
    options.emit.strategy = strategy;
    std::string text = contentOf(compileText(module, options, "output.ll"));
    return StringRef(text).contains("vector.early.exit");
  }
};

} // namespace

/// The distance from $a to the first i32 that is $x, in steps, if it is among
/// $n of them. `before` is done for each.
static std::string searchOf(const std::string &step = "4",
                            const std::string &before = "") {
  return "(module (memory (export \"m\") 1 4)"
         "(func (export \"f\") (param $a i32) (param $n i32) (param $x i32)"
         " (result i32) (local $i i32)"
         "(if (local.get $n) (then (loop $l " +
         before +
         "(if (i32.eq (i32.load offset=8 (local.get $a)) (local.get $x))"
         " (then (return (local.get $i))))"
         "(local.set $a (i32.add (local.get $a) (i32.const " +
         step +
         ")))"
         "(br_if $l (i32.ne (local.get $n) (local.tee $i"
         " (i32.add (local.get $i) (i32.const 1))))))))"
         "(i32.const -1)))";
}

TEST_F(Searches, BecomeVectors) {
  for (Strategy strategy : {Strategy::guard, Strategy::check, Strategy::mask})
    EXPECT_TRUE(isVector(searchOf(), strategy));
}

// Nothing was tested of what another count would allow.
TEST_F(Searches, StayWhereSomethingElseMayEndThem) {
  EXPECT_FALSE(
      isVector(searchOf("4", "(if (i32.ge_u (local.get $i) (local.get $x))"
                             " (then (return (i32.const -2))))"),
               Strategy::guard));
}

TEST_F(Searches, StayWhereTheyStore) {
  EXPECT_FALSE(isVector(
      searchOf("4", "(i32.store offset=4 (local.get $a) (local.get $i))"),
      Strategy::guard));
}

TEST_F(Searches, StayWhereAnAccessIsLeft) {
  std::string square = "(i32.mul (local.get $i) (local.get $i))";
  EXPECT_FALSE(isVector(
      searchOf("4", "(if (i32.eq (i32.load " + square +
                        ") (local.get $x)) (then (return (i32.const -2))))"),
      Strategy::guard));
}
