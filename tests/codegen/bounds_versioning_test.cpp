// Loop nests are told apart: those whose first and last addresses say all get
// a copy without checks, and the others stay as they are. What the copies
// compute, and that traps stay exact, is for tests/exact.
#include "versioning.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class BoundsVersioning : public VersioningTest {};

} // namespace

TEST_F(BoundsVersioning, RowsAscendOrDescend) {
  EXPECT_EQ(describe(parse(loopOf("%by = shl i32 %i, 3\n"
                                  "%up = add i32 %a, %by\n" +
                                  store("up")))),
            "(zext i32 %a to i64) to ((zext i32 %a to i64) + (8 * (zext i32 "
            "(-1 + %n) to i64))<nuw><nsw>); 0 left");
  functions.clear();
  EXPECT_EQ(describe(parse(loopOf("%by = mul i32 %i, -4\n"
                                  "%down = add i32 %a, %by\n" +
                                  store("down")))),
            "((zext i32 %a to i64) + (-4 * (zext i32 (-1 + %n) to i64))<nsw>) "
            "to (zext i32 %a to i64); 0 left");
}

TEST_F(BoundsVersioning, TheFastCopyIsPlain) {
  llvm::Function &function = parse(loopOf("%by = shl i32 %i, 3\n"
                                          "%up = add i32 %a, %by\n" +
                                          store("up")));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "@wm_translate"), 1u);
  EXPECT_EQ(countOf(function, "store volatile"), 1u);
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  // The upper end; the lower one is no less than 0, whatever %a is.
  EXPECT_EQ(countOf(function, "icmp sle"), 1u);
  EXPECT_EQ(countOf(function, "icmp sge"), 0u);
  EXPECT_EQ(countOf(function, "freeze"), 1u);
}

// What 32 bits count may wrap, and copies of bodies are for vectors.
TEST_F(BoundsVersioning, NumbersAreAsWideAsPointers) {
  llvm::Function &function = parse(loopOf("%by = shl i32 %i, 4\n"
                                          "%up = add i32 %a, %by\n"
                                          "%up1 = add i32 %up, 8\n" +
                                          store("up") + store("up1")),
                                   "e-p:32:32");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 2u);
  EXPECT_EQ(countOf(function, "mul i32 %k, 16"), 2u);
  EXPECT_EQ(countOf(function, "add i32 %k, 1"), 1u);
  EXPECT_EQ(countOf(function, "ptrtoint ptr %base to i32"), 1u);
  EXPECT_EQ(countOf(function, "icmp sle i64"), 1u);
}

// Where LLVM does not know it, the test asks for it too.
TEST_F(BoundsVersioning, WordsAreAligned) {
  std::string ascending = "%by = shl i32 %i, 3\n"
                          "%up = add i32 %start, %by\n" +
                          store("up");
  auto aligned = [&](const std::string &start, StringRef layout) {
    llvm::Function &function =
        parse(loopOf("%start = " + start + "\n" + ascending), layout.str());
    EXPECT_TRUE(version(function));
    size_t tests = countOf(function, "and i32");
    size_t stores = countOf(function, "align 4");
    functions.clear();
    return std::pair(stores, tests);
  };
  using Counts = std::pair<size_t, size_t>;
  EXPECT_EQ(aligned("add i32 %a, 1", "e-p:32:32"), Counts(1, 1));
  EXPECT_EQ(aligned("shl i32 %a, 2", "e-p:32:32"), Counts(1, 0));
  EXPECT_EQ(aligned("shl i32 %a, 1", "e-p:32:32"), Counts(1, 1));
  EXPECT_EQ(aligned("or i32 1, 0", "e-p:32:32"), Counts(0, 0));
  EXPECT_EQ(aligned("add i32 %a, 1", "e"), Counts(0, 0));
}

TEST_F(BoundsVersioning, AccessesAConstantApartShareTests) {
  llvm::Function &function =
      parse(loopOf("%by = shl i32 %i, 3\n"
                   "%up = add i32 %a, %by\n"
                   "%more.up = add i32 %up, 24\n"
                   "%less.up = add i32 %up, -8\n" +
                   store("up") + store("more.up") + store("less.up")));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "icmp sle"), 1u);
  EXPECT_EQ(countOf(function, "icmp sge"), 1u); // %a - 8
  EXPECT_EQ(countOf(function, "inttoptr"), 1u);
}

// An exit that may be missed is no bound, unless the parity is tested.
TEST_F(BoundsVersioning, MissedExitsAreTestedFor) {
  std::string body = "%up = add i32 %a, %i\n" + store("up");
  llvm::Function &byTwo = parse(loopOf(body, "2"));
  EXPECT_TRUE(version(byTwo));
  EXPECT_GT(countOf(byTwo, "urem") + countOf(byTwo, "and i32 %n, 1") +
                countOf(byTwo, "trunc i32 %n to i1"),
            0u);
}

// `i + 4 <= n` holds for ever if n is the largest number: LLVM does not count.
TEST_F(BoundsVersioning, ExitsThatMayNeverBeTakenAreTestedFor) {
  std::string body = "%up = add i32 %a, %i\n" + store("up");
  for (const char *compare : {"sle", "ule"}) {
    llvm::Function &function = parse(loopOf(body, "4", compare));
    bool isSigned = *compare == 's';
    EXPECT_EQ(
        describe(function),
        std::string("(zext i32 %a to i64) to ((zext i32 %a to i64) + (4 * ") +
            (isSigned ? "(zext i32 (trunc i64 ((sext i32 %n to i64) /u 4) to "
                        "i32) to i64)"
                      : "((zext i32 %n to i64) /u 4)") +
            ")<nuw><nsw>); 0 left");
    EXPECT_TRUE(version(function));
    EXPECT_EQ(countOf(function, "%done"), 2u) << "the exit, and its branch";
    // Beyond it, one more step would wrap.
    EXPECT_EQ(countOf(function, isSigned ? "2147483643" : "4294967291"), 1u);
    functions.clear();
  }
  // Downwards.
  llvm::Function &down =
      parse("entry:\n"
            "br label %loop\n"
            "loop:\n"
            "%i = phi i32 [ %a, %entry ], [ %next, %loop ]\n" +
            store("i") +
            "%next = add i32 %i, -3\n"
            "%more = icmp sge i32 %next, %n\n"
            "br i1 %more, label %loop, label %end\n"
            "end:\n"
            "ret void\n");
  EXPECT_TRUE(version(down));
  EXPECT_EQ(countOf(down, "%done"), 2u);
}

/// Two strings of bytes compared from %n - 1 down, or from 0 up to it.
static std::string comparison(bool isUp, const std::string &kind) {
  auto load = [&](const std::string &name, const std::string &address) {
    return "%wide." + name + " = zext i32 " + address + " to i64\n%at." + name +
           " = call ptr @wm_translate(ptr %memory, ptr %base, i64 %wide." +
           name + ", i64 0, i64 1, i64 65536, i64 131072)\n%" + name +
           " = load " + kind + " i8, ptr %at." + name + "\n";
  };
  return "entry:\n"
         "%start = " +
         std::string(isUp ? "add i32 0, 0\n" : "sub i32 %n, 1\n") +
         "br label %loop\n"
         "loop:\n"
         "%i = phi i32 [ %start, %entry ], [ %next, %more ]\n" +
         std::string(isUp ? "%goes = icmp ult i32 %i, %n\n"
                          : "%goes = icmp sge i32 %i, 0\n") +
         "br i1 %goes, label %body, label %end\n"
         "body:\n"
         "%left = add i32 %i, %a\n%right = add i32 %i, %b\n" +
         load("x", "%left") + load("y", "%right") +
         "%same = icmp eq i8 %x, %y\n"
         "br i1 %same, label %more, label %end\n"
         "more:\n"
         "%next = add nsw i32 %i, " +
         std::string(isUp ? "1" : "-1") +
         "\nbr label %loop\n"
         "end:\n"
         "ret void\n";
}

TEST_F(BoundsVersioning, SearchesAreNotTestedForLong) {
  EXPECT_TRUE(version(parse(comparison(/*isUp=*/true, "volatile"))));
  functions.clear();
  EXPECT_FALSE(version(parse(comparison(/*isUp=*/false, "volatile"))));
  functions.clear();
  EXPECT_TRUE(version(parse(comparison(/*isUp=*/false, ""))))
      << "checks to lose";
}

TEST_F(BoundsVersioning, SubtractionsAreRestored) {
  // -3 - 4 * i
  std::string body = "%by4 = shl i32 %i, 2\n"
                     "%down = xor i32 %by4, -3\n"
                     "%at = add i32 %down, %a\n" +
                     store("at");
  EXPECT_TRUE(version(parse(loopOf(body))));
  functions.clear();
  // Bits in common.
  body.replace(body.find("-3"), 2, "-6");
  EXPECT_FALSE(version(parse(loopOf(body))));
}

TEST_F(BoundsVersioning, CountsOfMoreThan32BitsAreTestedFor) {
  llvm::Function &function =
      parse("entry:\n"
            "%bound = ptrtoint ptr %memory to i64\n"
            "br label %loop\n"
            "loop:\n"
            "%i = phi i64 [ 0, %entry ], [ %next, %loop ]\n"
            "%low = trunc i64 %i to i32\n"
            "%up = add i32 %low, %a\n" +
            store("up") +
            "%next = add i64 %i, 1\n"
            "%more = icmp ne i64 %next, %bound\n"
            "br i1 %more, label %loop, label %end\n"
            "end:\n"
            "ret void\n");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "%done"), 2u);
  EXPECT_EQ(countOf(function, "store i64"), 1u);
}

// Numbers of iterations are multiplied by the copies of a body.
TEST_F(BoundsVersioning, CountsOfMoreThan32BitsStay) {
  llvm::Function &function =
      parse("entry:\n"
            "%bound = ptrtoint ptr %memory to i64\n"
            "br label %loop\n"
            "loop:\n"
            "%i = phi i64 [ 0, %entry ], [ %next, %loop ]\n" +
            store("a") +
            "%next = add i64 %i, 1\n"
            "%more = icmp ne i64 %next, %bound\n"
            "br i1 %more, label %loop, label %end\n"
            "end:\n"
            "ret void\n");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "%done"), 0u);
  EXPECT_EQ(countOf(function, "store i64"), 1u);
}

TEST_F(BoundsVersioning, WhatVariesUnknownIsLeft) {
  // An address from memory.
  EXPECT_EQ(describe(parse(loopOf("%at.i = zext i32 %i to i64\n"
                                  "%slot = getelementptr i8, ptr %base, i64 "
                                  "%at.i\n"
                                  "%loaded = load i32, ptr %slot\n" +
                                  store("loaded")))),
            "1 left");
  functions.clear();
  // A square.
  EXPECT_EQ(
      describe(parse(loopOf("%square = mul i32 %i, %i\n" + store("square")))),
      "1 left");
  functions.clear();
  // Steps that may not be added up in 64 bits.
  EXPECT_EQ(
      describe(parse(loopOf("%far = mul i32 %i, 134217728\n" + store("far")))),
      "1 left");
}

// What a step is, the test finds out: it may be negative.
TEST_F(BoundsVersioning, StepsMayBeUnknown) {
  std::string body = "%by = mul i32 %i, %b\n"
                     "%at = add i32 %a, %by\n" +
                     store("at");
  llvm::Function &function = parse(loopOf(body));
  std::string last = "((zext i32 (-1 + %n) to i64) * (sext i32 %b to i64))";
  EXPECT_EQ(describe(function), "((zext i32 %a to i64) + (0 smin " + last +
                                    ")) to ((zext i32 %a to i64) + (0 smax " +
                                    last + ")); 0 left");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  // |step| < 2^27
  EXPECT_EQ(countOf(function, "134217727"), 2u);
  EXPECT_EQ(countOf(function, "mul nsw i64 %k, %"), 1u);
  functions.clear();
  // A step of the inner loop that varies in the outer one is another matter.
  EXPECT_EQ(describe(parse(loopOf("%slot = getelementptr i8, ptr %base, i32 "
                                  "%i\n"
                                  "%loaded = load i32, ptr %slot\n"
                                  "%far = mul i32 %loaded, %b\n" +
                                  store("far")))),
            "1 left");
}

// A count is what the step divides, where the step is positive.
TEST_F(BoundsVersioning, CountsMayHaveUnknownSteps) {
  llvm::Function &function =
      parse(loopOf("%by = shl i32 %i, 3\n%up = add i32 %a, %by\n" + store("up"),
                   "%b", "slt"));
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  EXPECT_EQ(countOf(function, "%done"), 2u) << "the exit, and its branch";
  EXPECT_GE(countOf(function, "@llvm.umax.i64"), 1u) << "no division by zero";
  EXPECT_EQ(countOf(function, "udiv i64"), countOf(function, "@llvm.umax.i64"));
}

// for (; i < j; i++, j -= 2), and the other way round.
TEST_F(BoundsVersioning, SidesOfAComparisonMayApproach) {
  for (const char *compare :
       {"icmp slt i32 %next, %j.next", "icmp ugt i32 %j.next, %next"}) {
    std::string text =
        loopOf("%j = phi i32 [ %b, %before ], [ %j.next, %loop ]\n"
               "%j.next = add i32 %j, -2\n"
               "%up = add i32 %a, %i\n"
               "%down = add i32 %a, %j\n" +
               store("up") + store("down"));
    size_t at = text.find("icmp ne i32 %next, %n");
    llvm::Function &function =
        parse(text.replace(at, strlen("icmp ne i32 %next, %n"), compare));
    EXPECT_TRUE(version(function)) << compare;
    EXPECT_EQ(countOf(function, "store i64"), 2u);
    EXPECT_EQ(countOf(function, "store volatile i64"), 2u);
    // The way between them.
    EXPECT_EQ(countOf(function, "udiv i64"), 1u);
    EXPECT_EQ(countOf(function, "%done"), 2u) << "the exit, and its branch";
    functions.clear();
  }
}

/// What a condition lets through goes behind what it let through before, by
/// `step` bytes.
static std::string compaction(const std::string &step) {
  return loopOf("%kept = phi i32 [ %b, %before ], [ %kept.next, %loop ]\n"
                "%slot = getelementptr i8, ptr %base, i32 %i\n"
                "%found = load i8, ptr %slot\n"
                "%is.kept = icmp ne i8 %found, 0\n"
                "%behind = add i32 %kept, " +
                step +
                "\n%kept.next = select i1 %is.kept, i32 %behind, i32 %kept\n"
                "%at = add i32 %a, %kept\n" +
                store("at"));
}

TEST_F(BoundsVersioning, VariablesMayAdvanceByMoreOrLess) {
  llvm::Function &function = parse(compaction("4"));
  EXPECT_EQ(describe(function),
            "((zext i32 %a to i64) + (zext i32 %b to i64)) to ((zext i32 %a to "
            "i64) + (zext i32 %b to i64) + (4 * (zext i32 (-1 + %n) to "
            "i64))<nuw><nsw>); 0 left");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  functions.clear();
  llvm::Function &down = parse(compaction("-4"));
  EXPECT_TRUE(version(down));
  // That it does not come to be below zero is part of the test.
  EXPECT_GE(countOf(down, "icmp sge i64"), 1u);
  functions.clear();
  // More than bounds are worth computing for.
  EXPECT_FALSE(version(parse(compaction("2097152"))));
}

TEST_F(BoundsVersioning, WhatAnIterationAddsIsBounded) {
  auto additions = [](unsigned count) {
    std::string body = "%kept = phi i32 [ %b, %before ], [ %s" +
                       std::to_string(count) + ", %loop ]\n" +
                       "%slot = getelementptr i8, ptr %base, i32 %i\n"
                       "%found = load i8, ptr %slot\n"
                       "%is.kept = icmp ne i8 %found, 0\n"
                       "%s0 = select i1 %is.kept, i32 %kept, i32 %kept\n";
    for (unsigned i = 0; i < count; ++i)
      body += "%s" + std::to_string(i + 1) + " = add i32 %s" +
              std::to_string(i) + ", 1000000\n";
    return loopOf(body + "%at = add i32 %a, %kept\n" + store("at"));
  };
  EXPECT_TRUE(version(parse(additions(8))));
  functions.clear();
  EXPECT_FALSE(version(parse(additions(9)))); // 2^23 and more
}

TEST_F(BoundsVersioning, InnermostLoopsOfFastCopiesAreAligned) {
  auto alignedLoops = [&](const char *triple, const std::string &layout) {
    llvm::Function &function =
        parse(loopOf("%up = add i32 %a, %i\n" + store("up")), layout);
    function.getParent()->setTargetTriple(Triple(triple));
    EXPECT_TRUE(version(function));
    functions.clear();
    std::string text;
    raw_string_ostream(text) << *function.getParent();
    return StringRef(text).count("llvm.loop.align");
  };
  EXPECT_EQ(alignedLoops("x86_64-linux", "e"), 1u);
  EXPECT_EQ(alignedLoops("i686-linux", "e-p:32:32"), 0u);
  // Each instruction that fills a line there is one of 4 bytes, or of 2.
  EXPECT_EQ(alignedLoops("aarch64-linux", "e"), 0u);
}

/// A place in a table, by a byte from memory.
static const char *const Lookup =
    "%slot = getelementptr i8, ptr %base, i32 %i\n"
    "%byte = load i8, ptr %slot\n"
    "%index = zext i8 %byte to i32\n"
    "%entry.of = shl i32 %index, 3\n"
    "%place = add i32 %a, %entry.of\n";

TEST_F(BoundsVersioning, TablesAreTestedAsAWhole) {
  llvm::Function &function = parse(loopOf(Lookup + store("place")));
  EXPECT_EQ(describe(function),
            "(zext i32 %a to i64) to (2040 + (zext i32 %a to i64))"
            "<nuw><nsw>; 0 left");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
}

TEST_F(BoundsVersioning, MasksBoundWhatTheyIndex) {
  auto masked = [](const std::string &mask) {
    return loopOf("%far = mul i32 %i, 7\n%index = " + mask +
                  "\n%by = shl i32 %index, 3\n%place = add i32 %a, %by\n" +
                  store("place"));
  };
  EXPECT_EQ(describe(parse(masked("and i32 %far, 1022"))),
            "(zext i32 %a to i64) to (8176 + (zext i32 %a to i64))"
            "<nuw><nsw>; 0 left");
  functions.clear();
  llvm::Function &function = parse(masked("urem i32 %far, 1000"));
  EXPECT_EQ(describe(function),
            "(zext i32 %a to i64) to (7992 + (zext i32 %a to i64))"
            "<nuw><nsw>; 0 left");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "store i64"), 1u);
  functions.clear();
  // What is found there may end the loop soon.
  std::string search = masked("and i32 %far, 1022");
  StringRef end = "icmp ne i32 %next, %n";
  search.replace(search.find(end), end.size(), "icmp ne i32 %found, 0");
  search.insert(search.find("%more"), "%found = load i32, ptr %base\n");
  EXPECT_EQ(describe(parse(search)), "1 left");
  functions.clear();
  // Nobody has a table of that size.
  EXPECT_EQ(describe(parse(masked("and i32 %far, 4194302"))), "1 left");
}

TEST_F(BoundsVersioning, SomeChecksMayBeLeft) {
  std::string checked = loopOf("%square = mul i32 %i, %i\n"
                               "%up = add i32 %a, %i\n" +
                               store("up") + store("square"));
  for (size_t at; (at = checked.find("volatile ")) != std::string::npos;)
    checked.erase(at, strlen("volatile "));
  llvm::Function &function = parse(checked);
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "@wm_translate"), 2 + 1u);
}

TEST_F(BoundsVersioning, CallsAndAtomicAccessesStay) {
  EXPECT_FALSE(version(parse(loopOf("%up = add i32 %a, %i\n" + store("up") +
                                    "call void @other()\n"))));
  functions.clear();
  std::string atomic = store("up");
  atomic.replace(atomic.find("store volatile i64 0, ptr %at.up, align 1"),
                 std::string::npos,
                 "store atomic i64 0, ptr %at.up unordered, align 8\n");
  EXPECT_FALSE(version(parse(loopOf("%up = add i32 %a, %i\n" + atomic))));
}

// for (i = 0; i < n; i++) for (j = 0; j < i; j++) a[j]
TEST_F(BoundsVersioning, TrianglesAreVersionedAsAWhole) {
  llvm::Function &function =
      parse("entry:\n"
            "%some = icmp ne i32 %n, 0\n"
            "br i1 %some, label %before, label %end\n"
            "before:\n"
            "br label %outer\n"
            "outer:\n"
            "%i = phi i32 [ 0, %before ], [ %i.next, %latch ]\n"
            "%any = icmp ne i32 %i, 0\n"
            "br i1 %any, label %row, label %latch\n"
            "row:\n"
            "br label %inner\n"
            "inner:\n"
            "%j = phi i32 [ 0, %row ], [ %j.next, %inner ]\n"
            "%by = shl i32 %j, 3\n"
            "%up = add i32 %a, %by\n" +
            store("up") +
            "%j.next = add i32 %j, 1\n"
            "%j.more = icmp ult i32 %j.next, %i\n"
            "br i1 %j.more, label %inner, label %behind\n"
            "behind:\n"
            "br label %latch\n"
            "latch:\n"
            "%i.next = add i32 %i, 1\n"
            "%i.more = icmp ne i32 %i.next, %n\n"
            "br i1 %i.more, label %outer, label %after\n"
            "after:\n"
            "br label %end\n"
            "end:\n"
            "ret void\n");
  EXPECT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "freeze"), 1u);
  BasicBlock *before = &*std::next(function.begin());
  EXPECT_TRUE(any_of(*before, [](llvm::Instruction &inst) {
    return isa<FreezeInst>(inst);
  })) << "the test belongs before the outer loop";
}

// for (i = 0; i < 5; i++) for (j = 4 - i; j > 0; j--): the last row is empty,
// which a branch on i sees to.
TEST_F(BoundsVersioning, TrianglesMayGetSmaller) {
  auto triangle = [](const std::string &last) {
    return "entry:\n"
           "br label %outer\n"
           "outer:\n"
           "%i = phi i32 [ 0, %entry ], [ %i.next, %latch ]\n"
           "%count = phi i32 [ 4, %entry ], [ %count.next, %latch ]\n"
           "%none = icmp ugt i32 %i, " +
           last +
           "\n"
           "br i1 %none, label %latch, label %row\n"
           "row:\n"
           "br label %inner\n"
           "inner:\n"
           "%up = phi i32 [ %a, %row ], [ %up.next, %inner ]\n"
           "%j = phi i32 [ %count, %row ], [ %j.next, %inner ]\n" +
           store("up") +
           "%up.next = add i32 %up, 8\n"
           "%j.next = add i32 %j, -1\n"
           "%done = icmp eq i32 %j.next, 0\n"
           "br i1 %done, label %behind, label %inner\n"
           "behind:\n"
           "br label %latch\n"
           "latch:\n"
           "%count.next = add i32 %count, -1\n"
           "%i.next = add i32 %i, 1\n"
           "%i.more = icmp ne i32 %i.next, 5\n"
           "br i1 %i.more, label %outer, label %end\n"
           "end:\n"
           "ret void\n";
  };
  EXPECT_EQ(
      describe(parse(triangle("3"))),
      "(zext i32 %a to i64) to (24 + (zext i32 %a to i64))<nuw><nsw>; 0 left");
  functions.clear();
  EXPECT_EQ(describe(parse(triangle("4"))), "1 left");
}

// for (j = 0; j != (n & -4); j += 4): what a producer unrolled by four. That is
// n / 4 iterations, if there is one at all.
TEST_F(BoundsVersioning, UnrolledCountsAreQuotients) {
  auto unrolled = [](const std::string &isSome) {
    return "entry:\n"
           "%count = and i32 %n, -4\n"
           "%some = icmp " +
           isSome +
           "\n"
           "br i1 %some, label %before, label %end\n"
           "before:\n"
           "br label %outer\n"
           "outer:\n"
           "%i = phi i32 [ 0, %before ], [ %i.next, %behind ]\n"
           "br label %inner\n"
           "inner:\n"
           "%j = phi i32 [ 0, %outer ], [ %j.next, %inner ]\n"
           "%up = add i32 %a, %j\n" +
           store("up") +
           "%j.next = add i32 %j, 4\n"
           "%j.more = icmp ne i32 %j.next, %count\n"
           "br i1 %j.more, label %inner, label %behind\n"
           "behind:\n"
           "%i.next = add i32 %i, 1\n"
           "%i.more = icmp ne i32 %i.next, %b\n"
           "br i1 %i.more, label %outer, label %after\n"
           "after:\n"
           "br label %end\n"
           "end:\n"
           "ret void\n";
  };
  EXPECT_EQ(describe(parse(unrolled("uge i32 %n, 4"))),
            "(zext i32 %a to i64) to (-4 + (zext i32 %a to i64) + (4 * ((zext "
            "i32 %n to i64) /u 4))<nuw><nsw>); 0 left");
  functions.clear();
  // None: then it goes on until 32 bits wrap.
  EXPECT_EQ(describe(parse(unrolled("uge i32 %n, 3"))),
            "(zext i32 %a to i64) to ((zext i32 (-4 + (4 * (%n /u 4))<nuw>) to "
            "i64) + (zext i32 %a to i64)); 0 left");
}

// n & 3 iterations are left by what was unrolled, if those are any; and where n
// is below `limit`, all of them.
TEST_F(BoundsVersioning, RemaindersAreEnteredOnSeveralWays) {
  auto remainder = [](const std::string &limit) {
    return "entry:\n"
           "%some = icmp sgt i32 %n, 0\n"
           "br i1 %some, label %before, label %end\n"
           "before:\n"
           "%rest = and i32 %n, 3\n"
           "%none = icmp eq i32 %rest, 0\n"
           "%short = icmp ult i32 %n, " +
           limit +
           "\n"
           "br label %outer\n"
           "outer:\n"
           "%i = phi i32 [ 0, %before ], [ %i.next, %behind ]\n"
           "br i1 %short, label %entered, label %unrolled\n"
           "unrolled:\n"
           "br i1 %none, label %behind, label %entered\n"
           "entered:\n"
           "br label %inner\n"
           "inner:\n"
           "%j = phi i32 [ 0, %entered ], [ %j.next, %inner ]\n"
           "%up = add i32 %a, %j\n" +
           store("up") +
           "%j.next = add i32 %j, 1\n"
           "%j.more = icmp ne i32 %j.next, %rest\n"
           "br i1 %j.more, label %inner, label %left\n"
           "left:\n"
           "br label %behind\n"
           "behind:\n"
           "%i.next = add i32 %i, 1\n"
           "%i.more = icmp ne i32 %i.next, %b\n"
           "br i1 %i.more, label %outer, label %after\n"
           "after:\n"
           "br label %end\n"
           "end:\n"
           "ret void\n";
  };
  EXPECT_EQ(describe(parse(remainder("4"))),
            "(zext i32 %a to i64) to (-1 + (zext i2 (trunc i32 %n to i2) to "
            "i64) + (zext i32 %a to i64)); 0 left");
  functions.clear();
  llvm::Function &function = parse(remainder("4"));
  ASSERT_TRUE(version(function));
  EXPECT_EQ(countOf(function, "@llvm.umin.i64(i64"), 1U)
      << "LLVM should see that there are three at most";
  functions.clear();
  // As many as 2^32 of them, where n is 4.
  EXPECT_EQ(
      describe(parse(remainder("5"))),
      "(zext i32 %a to i64) to ((zext i32 (-1 + (zext i2 (trunc i32 %n to "
      "i2) to i32))<nsw> to i64) + (zext i32 %a to i64)); 0 left");
}
