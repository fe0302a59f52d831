// Which loops run in strips, and what strips are made of. What they compute,
// and that traps stay exact, is for tests/exact.
#include "support.h"

#include "llvm/ADT/StringRef.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class LoopStrips : public CodegenTest {
protected:
  /// A function of two addresses, with `body` in a loop that it may branch out
  /// of to $done, as LLVM IR.
  std::string irOf(const std::string &body, Strategy strategy,
                   unsigned level = 3);
};

} // namespace

std::string LoopStrips::irOf(const std::string &body, Strategy strategy,
                             unsigned level) {
  CompileOptions options = optionsFor(OutputKind::IrText);
  options.optLevel = level;
  options.emit.strategy = strategy;
  std::string text = "(module (memory (export \"m\") 1) (func $loop (export "
                     "\"loop\") (param $p i32) (param $q i32) (result i32) "
                     "(local $i i32) (block $done (loop $next " +
                     body +
                     " (br $next))) (i32.add (local.get $i) (local.get $q))))";
  std::string ir = contentOf(compileText(text, options, "output.ll"));
  std::string function =
      StringRef(ir).split(":loop\"(").second.split("\n}").first.str();
  EXPECT_FALSE(function.empty());
  return function;
}

static const char *const Search =
    "(br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $p) (local.get "
    "$i)))))"
    "(local.set $i (i32.add (local.get $i) (i32.const 1)))";

TEST_F(LoopStrips, SearchesRunWithoutChecks) {
  std::string guarded = irOf(Search, Strategy::guard);
  EXPECT_EQ(StringRef(guarded).count("load i8"), 8u);
  // The first iteration, and the loop as it was.
  EXPECT_EQ(StringRef(guarded).count("load volatile i8"), 2u);
  EXPECT_EQ(StringRef(irOf(Search, Strategy::guard, 2)).count("load i8"), 0u);
  std::string checked = irOf(Search, Strategy::check);
  EXPECT_EQ(StringRef(checked).count("load i8"), 10u);
  EXPECT_EQ(StringRef(checked).count("call void @wm_trap_memory_bounds"), 2u);
}

TEST_F(LoopStrips, FirstIterationComesBeforeWhatStripsNeed) {
  // A step of three, by which is divided.
  std::string ir = irOf(
      "(br_if $done (i32.eqz (i32.load8_u (i32.add (local.get $p) (local.get "
      "$i))))) (local.set $i (i32.add (local.get $i) (i32.const 3)))",
      Strategy::guard);
  auto [first, rest] = StringRef(ir).split("udiv");
  EXPECT_EQ(first.count("load volatile i8"), 1u);
  EXPECT_EQ(first.count("br i1"), 1u);
  EXPECT_EQ(rest.count("load i8"), 8u);
}

TEST_F(LoopStrips, TakeSearchesWhoseTestWouldBeLonger) {
  std::string body =
      "(br_if $done (i32.lt_s (local.get $q) (i32.const 0))) (br_if $done "
      "(i32.ne (i32.load8_u (i32.add (local.get $p) (local.get $q))) "
      "(i32.load8_u offset=9 (local.get $q)))) (local.set $q (i32.sub "
      "(local.get $q) (i32.const 1)))";
  for (Strategy strategy : {Strategy::guard, Strategy::check}) {
    EXPECT_NE(irOf(body, strategy).find("strip"), std::string::npos);
    EXPECT_EQ(irOf(body, strategy, 2).find("strip"), std::string::npos);
  }
}

TEST_F(LoopStrips, VariablesMayAdvanceByMoreOrLess) {
  std::string ir =
      irOf("(if (i32.and (local.get $p) (i32.const 1)) (then (i32.store8 "
           "(i32.add (local.get $q) (i32.const 9)) (local.get $i)) (local.set "
           "$q (i32.add (local.get $q) (i32.const 1))))) (br_if $done (i32.eqz "
           "(local.tee $p (i32.load (local.get $p))))) ",
           Strategy::guard);
  // Where the next element is, memory says.
  EXPECT_EQ(StringRef(ir).count("store volatile i8"), 1u);
  EXPECT_EQ(StringRef(ir).count("store i8"), 0u);
  ir = irOf("(br_if $done (i32.eqz (i32.load8_u (local.get $p)))) (if (i32.and "
            "(i32.load8_u (local.get $p)) (i32.const 1)) (then (i32.store8 "
            "(i32.add (local.get $q) (i32.const 9)) (local.get $i)) (local.set "
            "$q (i32.add (local.get $q) (i32.const 1))))) (local.set $p "
            "(i32.add (local.get $p) (i32.const 1)))",
            Strategy::guard);
  EXPECT_EQ(StringRef(ir).count("store volatile i8"), 2u);
  EXPECT_GE(StringRef(ir).count("store i8"), 4u);
}

// x[++i] or, by producers, an address beside the index.
TEST_F(LoopStrips, SearchesThatGoOnCompareTheirIndex) {
  auto searches = [](const std::string &address, const std::string &start) {
    return "(local.set $i (i32.const -1)) (loop $outer " + start +
           "(loop $inner (br_if $inner (i32.lt_s (i32.load (i32.add (local.get "
           "$p) (i32.shl (local.tee $i (i32.add (local.get $i) (i32.const 1))) "
           "(i32.const 2)))) (local.get $q))))" +
           address +
           "(br_if $outer (i32.lt_u (local.get $i) (local.get $q))))" +
           "(br_if $done (i32.const 1))";
  };
  std::string store = "(i32.store (i32.add (local.get $p) (i32.shl (local.get "
                      "$i) (i32.const 2))) (i32.const 0))";
  // One copy, which comes first: an outer loop may end it soon.
  std::string ir = irOf(searches(store, ""), Strategy::guard);
  EXPECT_EQ(StringRef(ir).count("= load i32"), 1u);
  EXPECT_EQ(StringRef(ir).count("load volatile i32"), 1u);
  ir = irOf(searches("", ""), Strategy::check);
  EXPECT_EQ(StringRef(ir).count("= load i32"), 2u);
  EXPECT_EQ(StringRef(ir).count("call void @wm_trap_memory_bounds"), 1u);
  // Each of these begins anew.
  ir = irOf(searches(store, "(local.set $i (local.get $p))"), Strategy::guard);
  EXPECT_EQ(StringRef(ir).count("= load i32"), 8u);
}

TEST_F(LoopStrips, UnknownAddressesAndCallsStay) {
  EXPECT_EQ(StringRef(irOf("(br_if $done (i32.eqz (local.tee $p (i32.load "
                           "(local.get $p)))))",
                           Strategy::guard))
                .count("load i32"),
            0u);
  EXPECT_EQ(
      StringRef(irOf(std::string("(drop (memory.grow (i32.const 1)))") + Search,
                     Strategy::guard))
          .count("load i8"),
      0u);
}
