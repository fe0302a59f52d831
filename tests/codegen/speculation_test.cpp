// What a processor executes ahead of a comparison finds no index out of bounds:
// masks are data, and no branch has been made of them.
#include "support.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Speculation : public CodegenTest {
protected:
  /// The instructions of a function, by its name, at a level.
  std::vector<std::string> instructionsOf(StringRef text, StringRef name,
                                          CompileOptions options);
  /// Calls `look` for each level, with options for assembly.
  template <typename Look> void atEachLevel(Look look) {
    for (unsigned level = 0; level <= 3; ++level) {
      CompileOptions options = optionsFor(OutputKind::Assembly);
      options.optLevel = level;
      SCOPED_TRACE(level);
      look(options);
    }
  }
};

} // namespace

std::vector<std::string> Speculation::instructionsOf(StringRef text,
                                                     StringRef name,
                                                     CompileOptions options) {
  std::string assembly = contentOf(compileText(text, options, "output.s"));
  StringRef body =
      StringRef(assembly).split((":" + name + "\":\n").str()).second;
  body = body.split(".Lfunc_end").first;
  std::vector<std::string> instructions;
  while (!body.empty()) {
    StringRef line;
    std::tie(line, body) = body.split('\n');
    if (line.consume_front("\t") && isAlpha(line[0]))
      instructions.push_back(line.str());
  }
  EXPECT_FALSE(instructions.empty()) << name.str();
  return instructions;
}

static size_t countOf(const std::vector<std::string> &instructions,
                      StringRef start) {
  return count_if(instructions,
                  [&](StringRef text) { return text.starts_with(start); });
}

static size_t countBranches(const std::vector<std::string> &instructions) {
  return countOf(instructions, "j") - countOf(instructions, "jmp");
}

static const char *const ShiftedSign = "sarq\t$63";
static const char *const MoveUnlessBelow = "cmovaeq\t";

TEST_F(Speculation, TableIndicesAreMasked) {
  const char *text = R"((module
    (type $f (func (param i32) (result i32)))
    (table $functions (export "functions") 10 20 funcref)
    (table $others 10 20 externref)
    (func $call (export "call") (type $f)
      (call_indirect $functions (type $f) (local.get 0) (local.get 0)))
    (func $get (export "get") (param i32) (result externref)
      (table.get $others (local.get 0)))
    (func $set (export "set") (param i32 externref)
      (table.set $others (local.get 0) (local.get 1)))))";
  atEachLevel([&](CompileOptions options) {
    for (StringRef name : {"0:call", "1:get", "2:set"})
      EXPECT_EQ(countOf(instructionsOf(text, name, options), MoveUnlessBelow),
                1u);
    // The type as well.
    options.emit.spectre = true;
    std::vector<std::string> found = instructionsOf(text, "0:call", options);
    EXPECT_EQ(countOf(found, MoveUnlessBelow), 1u);
    EXPECT_EQ(countOf(found, ShiftedSign), 1u);
  });
}

TEST_F(Speculation, IndicesAreExtendedBehindTheAssembly) {
  // The loop's end keeps the index above zero: predicted wrongly, it does not.
  const char *text = R"((module
    (memory (export "memory") 2)
    (func $load (export "load") (param i32) (result i32) (local $sum i32)
      (block $out
        (loop $again
          (br_if $out (i32.lt_u (local.get 0) (i32.const 65536)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 65536)))
          (local.set $sum (i32.add (local.get $sum)
            (i32.load8_u (local.get 0))))
          (br $again)))
      (local.get $sum))))";
  auto follows = [&](CompileOptions options, StringRef what) {
    auto found = instructionsOf(text, "0:load", options);
    for (size_t i = 1; i < found.size(); ++i)
      if (StringRef(found[i]).starts_with(what) &&
          StringRef(found[i - 1]).starts_with("movl\t%"))
        return true;
    return false;
  };
  for (unsigned level = 1; level <= 3; ++level) {
    CompileOptions options = optionsFor(OutputKind::Assembly);
    options.optLevel = level;
    SCOPED_TRACE(level);
    options.emit.spectre = true;
    EXPECT_TRUE(follows(options, "movzbl"));
    options.emit.strategy = Strategy::check;
    EXPECT_TRUE(follows(options, "cmpq"));
  }
}

TEST_F(Speculation, AArch64MasksByOneInstruction) {
  const char *text = R"((module
    (table $functions (export "functions") 10 20 funcref)
    (func $call (export "call") (param i32)
      (call_indirect $functions (local.get 0)))
    (func $jump (export "jump") (param i32) (result i32)
      (block (block (block (block
        (br_table 0 1 2 3 (i32.load8_u (local.get 0))))
        (call $call (i32.const 1)) (return (i32.const 31)))
        (call $call (i32.const 2)) (return (i32.const 41)))
        (call $call (i32.const 3)) (return (i32.const 59)))
      (i32.const 26))
    (memory 1)))";
  CompileOptions options = optionsFor(OutputKind::Assembly);
  for (unsigned level : {0u, 1u, 2u}) { // without inlining
    SCOPED_TRACE(level);
    options.optLevel = level;
    options.emit.target = findTarget("aarch64-linux");
    options.cpu = options.emit.target->cpu.str();
    for (StringRef name : {"0:call", "1:jump"}) {
      std::vector<std::string> found = instructionsOf(text, name, options);
      EXPECT_EQ(count_if(found,
                         [](StringRef inst) {
                           return inst.starts_with("and\t") &&
                                  inst.ends_with("asr #63");
                         }),
                1);
      EXPECT_EQ(countOf(found, "asr\t"), 0u);
    }
  }
}

TEST_F(Speculation, JumpTablesNeedNoBranch) {
  const char *text = R"((module (memory 1)
    (func $jump (export "jump") (param i32)
      (block (block (block (block (block
        (br_table 0 1 2 3 4 (local.get 0)))
        (i32.store (i32.const 0) (i32.const 1)) (return))
        (i32.store (i32.const 4) (i32.const 2)) (return))
        (i64.store (i32.const 8) (i64.const 3)) (return))
        (i32.store8 (i32.const 12) (i32.const 4)) (return))
      (i32.store16 (i32.const 16) (i32.const 5)))))";
  atEachLevel([&](CompileOptions options) {
    std::vector<std::string> found = instructionsOf(text, "0:jump", options);
    EXPECT_EQ(countOf(found, "jmpq\t*"), 1u);
    EXPECT_EQ(countOf(found, MoveUnlessBelow), 1u);
    EXPECT_EQ(countBranches(found), 0u);
  });
}

TEST_F(Speculation, FixedTablesNeedOneBranch) {
  const char *text = R"((module
    (type $f (func (param i32) (result i32)))
    (table funcref (elem $one $two $one $two $one $other)) ;; too many to compare
    (func $one (param i32) (result i32) (i32.const 1))
    (func $two (param i32) (result i32) (local.get 0))
    (func $other)
    (func $call (export "call") (type $f)
      (call_indirect (type $f) (local.get 0) (local.get 0)))))";
  CompileOptions options = optionsFor(OutputKind::Assembly);
  for (unsigned level = 1; level <= 3; ++level) {
    SCOPED_TRACE(level);
    options.optLevel = level;
    std::vector<std::string> found = instructionsOf(text, "3:call", options);
    EXPECT_EQ(countBranches(found), 1u);
    EXPECT_LE(found.size(), 18u); // with the prologue and the trap
    // The index is in bounds before the branch.
    auto branch = find_if(found, [](StringRef inst) {
      return inst.starts_with("j") && !inst.starts_with("jmp");
    });
    EXPECT_TRUE(std::any_of(found.begin(), branch, [](StringRef inst) {
      return inst.starts_with(MoveUnlessBelow);
    }));
  }
}

/// An interpreter: a loop that reads a byte and branches to one of its cases,
/// which work on four registers that are zero at first.
static std::string interpreterOf(unsigned cases) {
  std::string text = R"((module (memory 1)
    (func $run (export "run") (param $pc i32) (result i64)
      (local $a i64) (local $b i64) (local $c i64) (local $d i64)
      (block $end (loop $next (block $after)";
  std::string depths;
  for (unsigned i = 0; i < cases; ++i) {
    text += "(block ";
    depths += std::to_string(i) + " ";
  }
  text += formatv("(br_table {0} {1} (i32.load8_u (local.get $pc)))", depths,
                  cases);
  for (unsigned i = 0; i < cases; ++i)
    text += formatv(R"()
      (local.set ${0} (i64.add (local.get ${0})
        (i64.load offset={2} (i32.wrap_i64 (local.get ${1})))))
      (br_if $end (i64.eqz (local.get ${0})))
      (br $after))",
                    "abcd"[i % 4], "abcd"[i / 4 % 4], i);
  return text + R"()
      (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
      (br $next)))
      (i64.xor (i64.xor (local.get $a) (local.get $b))
               (i64.xor (local.get $c) (local.get $d))))))";
}

TEST_F(Speculation, ADispatchStaysInOnePlace) {
  CompileOptions options = optionsFor(OutputKind::Assembly);
  for (unsigned level = 1; level <= 3; ++level) {
    SCOPED_TRACE(level);
    options.optLevel = level;
    for (unsigned cases : {20u, 120u}) {
      std::vector<std::string> found =
          instructionsOf(interpreterOf(cases), "0:run", options);
      EXPECT_EQ(countOf(found, "jmpq\t*"), 1u);
      // A byte that a loop loads needs no mask where time counts.
      EXPECT_EQ(countOf(found, MoveUnlessBelow), level > 1 ? 0u : 1u);
    }
  }
}

TEST_F(Speculation, ATableOfAllBytesNeedsNoMask) {
  CompileOptions options = optionsFor(OutputKind::Assembly);
  for (unsigned level = 1; level <= 3; ++level) {
    SCOPED_TRACE(level);
    options.optLevel = level;
    for (unsigned cases : {6u, 8u, 180u}) {
      std::vector<std::string> found =
          instructionsOf(interpreterOf(cases), "0:run", options);
      bool isWhole = cases >= (level > 1 ? 8u : 128u);
      EXPECT_EQ(countOf(found, "jmpq\t*"), 1u) << cases;
      EXPECT_EQ(countOf(found, MoveUnlessBelow), !isWhole) << cases;
      std::string assembly =
          contentOf(compileText(interpreterOf(cases), options, "output.s"));
      EXPECT_EQ(StringRef(assembly).count("-.LJTI") >= 256, isWhole) << cases;
    }
  }
}

// LLVM would compare with values that are likely, and leave them out: a
// processor that predicts that wrongly reads beyond the table.
TEST_F(Speculation, TablesHaveTheLikelyValuesToo) {
  std::string likely;
  for (unsigned i = 0; i < 20; ++i)
    likely += "0 ";
  std::string text = R"((module (memory 1)
    (func $jump (export "jump") (param i32)
      (block (block (block (block (block
        (br_table )" +
                     likely + R"(1 2 3 4 (local.get 0)))
        (i32.store (i32.const 0) (i32.const 1)) (return))
        (i32.store (i32.const 4) (i32.const 2)) (return))
        (i64.store (i32.const 8) (i64.const 3)) (return))
        (i32.store8 (i32.const 12) (i32.const 4)) (return))
      (i32.store16 (i32.const 16) (i32.const 5)))))";
  CompileOptions options = optionsFor(OutputKind::Assembly);
  options.optLevel = 2;
  EXPECT_EQ(countBranches(instructionsOf(text, "0:jump", options)), 0u);
}

// LLVM makes a table of numbers where the targets only choose one.
TEST_F(Speculation, TablesOfValuesNeedNoBranch) {
  const char *text = R"((module
    (func $choose (export "choose") (param i32) (result i32)
      (block (block (block (block (block
        (br_table 0 1 2 3 4 (local.get 0)))
        (return (i32.const 31))) (return (i32.const 41)))
        (return (i32.const 59))) (return (i32.const 26)))
      (i32.const 53))))";
  CompileOptions options = optionsFor(OutputKind::Assembly);
  std::vector<std::string> found = instructionsOf(text, "0:choose", options);
  EXPECT_EQ(countOf(found, "jmp"), 0u);
  EXPECT_EQ(countOf(found, MoveUnlessBelow), 1u);
  EXPECT_EQ(countBranches(found), 0u);
}

TEST_F(Speculation, CheckedAccessesAreMaskedOnDemand) {
  const char *text = R"((module (memory 1)
    (func $load (export "load") (param i32) (result i32)
      (i32.load offset=4 (local.get 0)))))";
  for (Strategy strategy : {Strategy::guard, Strategy::check, Strategy::mask})
    atEachLevel([&](CompileOptions options) {
      options.emit.strategy = strategy;
      EXPECT_EQ(
          countOf(instructionsOf(text, "0:load", options), MoveUnlessBelow),
          0u);
      options.emit.spectre = true;
      EXPECT_EQ(
          countOf(instructionsOf(text, "0:load", options), MoveUnlessBelow),
          strategy == Strategy::check ? 1u : 0u);
    });
}
