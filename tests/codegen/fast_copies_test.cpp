// The copies of loop nests that have no checks: what their accesses are made
// of, and what unrolled bodies become.
#include "versioning.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"

#include <set>

using namespace llvm;
using namespace wasmetal;

namespace {

class FastCopies : public VersioningTest {};

} // namespace

/// One store in the outer one of two loops, and one at addresses that the inner
/// loop steps through, `count` times.
static std::string nestOf(const std::string &count) {
  return "entry:\n"
         "%some = icmp ne i32 %n, 0\n"
         "br i1 %some, label %before, label %end\n"
         "before:\n"
         "br label %outer\n"
         "outer:\n"
         "%i = phi i32 [ 0, %before ], [ %i.next, %latch ]\n"
         "%column = shl i32 %i, 3\n"
         "%first = add i32 %a, %column\n" +
         store("first") +
         "br label %inner\n"
         "inner:\n"
         "%j = phi i32 [ 0, %outer ], [ %j.next, %inner ]\n"
         "%by = shl i32 %j, 12\n"
         "%up = add i32 %first, %by\n" +
         store("up") +
         "%j.next = add i32 %j, 1\n"
         "%j.more = icmp ult i32 %j.next, " +
         count +
         "\n"
         "br i1 %j.more, label %inner, label %latch\n"
         "latch:\n"
         "%i.next = add i32 %i, 1\n"
         "%i.more = icmp ne i32 %i.next, %n\n"
         "br i1 %i.more, label %outer, label %after\n"
         "after:\n"
         "br label %end\n"
         "end:\n"
         "ret void\n";
}

// Once LLVM has unrolled the inner one, the outer one is innermost, and may be
// vectorised if the addresses are its row's.
TEST_F(FastCopies, SmallLoopsStepThroughTheRowsOfThoseAround) {
  auto rowLoops = [&](const std::string &count) {
    llvm::Function &function = parse(nestOf(count));
    EXPECT_TRUE(version(function));
    DominatorTree dominators(function);
    LoopInfo loops(dominators);
    std::vector<unsigned> depths;
    for (BasicBlock &block : function)
      for (llvm::Instruction &inst : block)
        if (isa<IntToPtrInst>(inst) && inst.getName().starts_with("row"))
          depths.push_back(loops.getLoopDepth(&block));
    functions.clear();
    return depths;
  };
  EXPECT_EQ(rowLoops("4"), (std::vector<unsigned>{0, 0}));
  EXPECT_EQ(rowLoops("1000"), (std::vector<unsigned>{0, 1}));
}

// From one pointer, LLVM sees that what ascends leaves where it began. In rows
// of their own it finds vectors, where more is accessed.
TEST_F(FastCopies, RowsThatBeginTogetherShareAPointer) {
  auto countRows = [&](const std::string &accesses,
                       const std::string &layout = "e") {
    llvm::Function &function =
        parse(loopOf("%by = shl i32 %i, 3\n%up = add i32 %a, %by\n"
                     "%behind = add i32 %up, 56\n%near = add i32 %up, 4\n"
                     "%other = add i32 %n, %by\n" +
                     store("a") + accesses),
              layout);
    EXPECT_TRUE(version(function));
    size_t count = countOf(function, "= inttoptr");
    functions.clear();
    return count;
  };
  EXPECT_EQ(countRows(store("behind")), 1u);
  EXPECT_EQ(countRows(store("behind"), "e-p:32:32"), 1u);
  EXPECT_EQ(countRows(store("near")), 2u);
  EXPECT_EQ(countRows(store("behind") + store("other")), 3u);
}

// Processors add more to a pointer within an access than they subtract.
TEST_F(FastCopies, RowsBeginAtTheLowestAccess) {
  llvm::Function &function =
      parse(loopOf("%by = shl i32 %i, 3\n%up = add i32 %a, %by\n"
                   "%low = add i32 %up, -16\n%high = add i32 %up, 24\n" +
                   store("up") + store("low") + store("high")));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "= inttoptr"), 1u);
  std::multiset<int64_t> distances;
  for (llvm::Instruction &inst : instructions(function))
    if (auto *gep = dyn_cast<GetElementPtrInst>(&inst))
      if (auto *distance = dyn_cast<ConstantInt>(gep->getOperand(1)))
        distances.insert(distance->getSExtValue());
  EXPECT_EQ(distances.count(16), 1u);
  EXPECT_EQ(distances.count(40), 1u);
  EXPECT_TRUE(distances.lower_bound(0) == distances.begin());
}

//===-- What was unrolled -------------------------------------------------===//

// Where the access behind a translation is the trap, plain stores would change
// places with it; loads may.
TEST_F(FastCopies, LoadsArePlainBesideFaultsAndStoresAreNot) {
  llvm::Function &function = parse(loopOf(
      "%square = mul i32 %i, %i\n"
      "%up = add i32 %a, %i\n"
      "%above = add i32 %up, 8\n" +
      load("kept", "up") + store("above", "kept") + store("square", "kept")));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "%kept = load i64"), 1u);
  EXPECT_EQ(countOf(function, "load volatile i64"), 1u);
  EXPECT_EQ(countOf(function, "store i64"), 0u);
  EXPECT_EQ(countOf(function, "store volatile i64"), 4u);
  EXPECT_EQ(countOf(function, "@wm_translate"), 3 + 1u);
}

/// %up, %up1 to %up4: elements of a row that moves on by two in an iteration.
static const char *const Elements = "%by = shl i32 %i, 4\n"
                                    "%up = add i32 %a, %by\n"
                                    "%up1 = add i32 %up, 8\n"
                                    "%up2 = add i32 %up, 16\n"
                                    "%up3 = add i32 %up, 24\n";

TEST_F(FastCopies, UnrolledStoresAreRolled) {
  llvm::Function &function =
      parse(loopOf(Elements + store("up") + store("up1")));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store volatile i64"), 2u);
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  EXPECT_EQ(countOf(function, "mul nuw nsw i64 %k, 8"), 1u);
}

TEST_F(FastCopies, CopiesThatDifferAreNotRolled) {
  for (const char *second : {"%y = add i64 %x1, 4\n", "%y = sub i64 %x1, 3\n",
                             "%y = add i64 %x, 3\n"}) {
    llvm::Function &function =
        parse(loopOf(Elements + load("x", "up2") + load("x1", "up3") +
                     "%z = add i64 %x, 3\n" + second + store("up", "z") +
                     store("up1", "y")));
    EXPECT_TRUE(version(function));
    EXPECT_EQ(countOf(function, "store i64"), 2u) << second;
    functions.clear();
  }
}

// Each element is loaded before or after its neighbour is stored.
TEST_F(FastCopies, RollingKeepsTheOrderOfLoadsAndStores) {
  llvm::Function &before =
      parse(loopOf(Elements + load("x", "up") + load("x1", "up1") +
                   store("up1", "x") + store("up2", "x1")));
  EXPECT_TRUE(version(before));
  EXPECT_EQ(countOf(before, "store i64"), 2u);
  functions.clear();
  llvm::Function &between =
      parse(loopOf(Elements + load("x", "up") + store("up1", "x") +
                   load("x1", "up1") + store("up2", "x1")));
  EXPECT_TRUE(version(between));
  EXPECT_EQ(countOf(between, "store i64"), 1u);
}

/// A sum over the elements of a row, which is stored at 0; the second element
/// is added to `to`.
static std::string sumOf(const std::string &to) {
  std::string text =
      loopOf("%sum = phi i64 [ 0, %before ], [ %sum2, %loop ]\n" +
             (Elements + load("x", "up")) + load("x1", "up1") +
             "%sum1 = mul i64 %sum, %x\n"
             "%sum2 = mul i64 %" +
             to + ", %x1\n");
  std::string after = "after:\n"
                      "%result = phi i64 [ %sum2, %loop ]\n"
                      "store i64 %result, ptr %base\n";
  return text.replace(text.find("after:\n"), strlen("after:\n"), after);
}

TEST_F(FastCopies, UnrolledReductionsAreRolled) {
  llvm::Function &chain = parse(sumOf("sum1"));
  EXPECT_TRUE(version(chain));
  EXPECT_EQ(countOf(chain, "= load i64, ptr"), 1 + 1u); // the memory's size
  EXPECT_EQ(countOf(chain, "mul nuw nsw i64 %k, 8"), 1u);
  functions.clear();
  llvm::Function &broken = parse(sumOf("sum"));
  EXPECT_TRUE(version(broken));
  EXPECT_EQ(countOf(broken, "mul nuw nsw i64 %k, 16"), 1u);
}

/// Each element becomes the sum of it and the one before, which the first copy
/// loads; `between` stands behind what is stored last.
static std::string prefixSums(const std::string &between = "") {
  return loopOf((Elements + load("x", "up") + load("x1", "up1") +
                 "%sum1 = add i64 %x, %x1\n" + store("up1", "sum1") +
                 load("x2", "up2") + "%sum2 = add i64 %sum1, %x2\n" +
                 store("up2", "sum2") + between));
}

TEST_F(FastCopies, ValuesThatCopiesStoreAreCarried) {
  llvm::Function &function = parse(prefixSums());
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "%first = load i64"), 1u);
  EXPECT_EQ(countOf(function, "phi i64 [ %first"), 1u);
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  EXPECT_EQ(countOf(function, "mul nuw nsw i64 %k, 8"), 2u);
}

TEST_F(FastCopies, WhatMayBeStoredInBetweenIsLoaded) {
  // A part of it, and another row, which may be anywhere.
  for (const char *place :
       {"%to = add i32 %up, 20\n", "%to = add i32 %b, %by\n"}) {
    llvm::Function &function = parse(prefixSums(place + store("to", "x")));
    EXPECT_TRUE(version(function));
    EXPECT_EQ(countOf(function, "= phi i64 [ %first"), 0u) << place;
    EXPECT_EQ(countOf(function, "store i64"), 3u) << place;
    functions.clear();
  }
}

// An odd number of elements, two in an iteration: the exit stands between them.
TEST_F(FastCopies, CopiesBehindTheExitAreRolled) {
  llvm::Function &function =
      parse("entry:\n"
            "br label %loop\n"
            "loop:\n"
            "%i = phi i32 [ 0, %entry ], [ %next, %latch ]\n" +
            (Elements + store("up")) +
            "%done = icmp eq i32 %i, 119\n"
            "br i1 %done, label %end, label %latch\n"
            "latch:\n" +
            store("up1") +
            "%next = add i32 %i, 1\n"
            "br label %loop\n"
            "end:\n"
            "ret void\n");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  // 119 * 2 + 1 - 1
  EXPECT_EQ(countOf(function, "icmp eq i64 %k, 238"), 1u);
}

//===-- By way of the whole pipeline --------------------------------------===//

static const char *const Sum = R"((module
  (memory (export "m") 1 4)
  (func $loop (export "loop") (param $a i32) (param $n i32)
    (local $i i32)
    (if (local.get $n) (then
      (loop $l
        (f64.store (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 3)))
          (f64.add (f64.const 1)
            (f64.load (i32.add (local.get $a)
              (i32.shl (local.get $i) (i32.const 3))))))
        (br_if $l (i32.ne (local.get $n) (local.tee $i
          (i32.add (local.get $i) (i32.const 1))))))))))
)";

TEST_F(FastCopies, LoopsAreVectorised) {
  for (Strategy strategy : {Strategy::guard, Strategy::check, Strategy::mask}) {
    CompileOptions options = optionsFor(OutputKind::IrText);
    options.emit.strategy = strategy;
    EXPECT_GT(countIn(Sum, options, "fadd <2 x double>"), 0u);
    EXPECT_GT(countIn(Sum, options, "in.bounds"), 0u);
    // Once each, in the other copy.
    EXPECT_EQ(countIn(Sum, options, "load volatile double"),
              strategy == Strategy::guard ? 1u : 0u);
    options.optLevel = 1;
    EXPECT_EQ(countIn(Sum, options, "in.bounds"), 0u);
  }
}

// Both copies' sums meet, and LLVM would make pairs of what meets.
TEST_F(FastCopies, SumsSideBySideBecomeOneVector) {
  std::string sums, total = "(f32.const 0)";
  for (std::string name : {"$p", "$q", "$r", "$s"}) {
    std::string offset = std::to_string(4 * (name[1] - 'p'));
    std::string at = "(f32.load offset=" + offset + " (i32.add (local.get ";
    sums += "(local.set " + name + " (f32.add (local.get " + name +
            ") (f32.mul " + at + "$a) (local.get $i))) " + at +
            "$b) (local.get $i))))))\n";
    total = "(f32.add " + total + " (local.get " + name + "))";
  }
  std::string text =
      "(module (memory (export \"m\") 1 4)"
      "(func $loop (export \"loop\") (param $a i32) (param $b i32)"
      "(param $n i32) (result f32)"
      "(local $i i32) (local $p f32) (local $q f32) (local $r f32)"
      "(local $s f32)"
      "(if (local.get $n) (then (loop $l " +
      sums +
      "(br_if $l (i32.ne (local.get $n) (local.tee $i"
      "(i32.add (local.get $i) (i32.const 16))))))))" +
      total + "))";
  for (Strategy strategy : {Strategy::guard, Strategy::check}) {
    CompileOptions options = optionsFor(OutputKind::IrText);
    options.emit.strategy = strategy;
    EXPECT_GT(countIn(text, options, "load <4 x float>"), 0u);
    EXPECT_EQ(countIn(text, options, "load <2 x float>"), 0u);
  }
}

TEST_F(FastCopies, MasksAgainstSpeculationStay) {
  CompileOptions options = optionsFor(OutputKind::IrText);
  options.emit.spectre = true;
  EXPECT_EQ(countIn(Sum, options, "in.bounds"), 0u);
}
