// Which loops over vectors run several iterations at once, and what these are
// made of. What they compute is for tests/cli/vector_loops.py.
#include "run_on_function.h"

#include "compiler/codegen/widen_vectors.h"

using namespace llvm;
using namespace wasmetal;

/// A loop over `body`, of rows %a and %b and numbers %k, as it is after the
/// pass. `variable` is a phi of its own, `result` what is returned.
static std::string widened(const std::string &body, unsigned width = 256,
                           const std::string &variable = "",
                           const std::string &result = "i64 0") {
  LLVMContext context;
  std::string type = StringRef(result).rsplit(' ').first.str();
  std::string value = StringRef(result).rsplit(' ').second.str();
  std::string text = "define " + type +
                     " @f(ptr %a, ptr %b, i64 %last, double %x) {\n"
                     "before:\n  br label %loop\nloop:\n"
                     "  %k = phi i64 [ 0, %before ], [ %k.next, %loop ]\n" +
                     variable + "  %k16 = mul nuw nsw i64 %k, 16\n" + body +
                     "  %k.next = add nuw nsw i64 %k, 1\n"
                     "  %done = icmp eq i64 %k, %last\n"
                     "  br i1 %done, label %end, label %loop\nend:\n"
                     "  %result = phi " +
                     type + " [ " + value +
                     ", %loop ]\n"
                     "  ret " +
                     type + " %result\n}\n";
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, WidenVectorsPass(width));
  std::string after;
  if (module)
    raw_string_ostream(after) << *module->getFunction("f");
  return after;
}

static size_t timesIn(const std::string &text, const char *part) {
  return StringRef(text).count(part);
}

/// %p and %q are where rows %a and %b are, some bytes on.
static std::string places(int ofA, int ofB, const char *step = "%k16") {
  return "  %a.k = getelementptr i8, ptr %a, i64 " + std::string(step) +
         "\n  %b.k = getelementptr i8, ptr %b, i64 " + step +
         "\n  %p = getelementptr i8, ptr %a.k, i64 " + std::to_string(ofA) +
         "\n  %q = getelementptr i8, ptr %b.k, i64 " + std::to_string(ofB) +
         "\n";
}

static const char *const Double =
    "  %v = load <2 x double>, ptr %p, align 1\n"
    "  %sum = fadd <2 x double> %v, <double 1.0, double 2.0>\n"
    "  store <2 x double> %sum, ptr %q, align 1\n";

TEST(WidenVectors, IterationsBecomeOne) {
  std::string ir = widened(places(0, 0) + Double);
  EXPECT_EQ(timesIn(ir, "load <4 x double>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "fadd <4 x double>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "store <4 x double>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "<double 1.000000e+00, double 2.000000e+00, "
                        "double 1.000000e+00, double 2.000000e+00>"),
            1u)
      << ir;
  // What is left, and what overlaps.
  EXPECT_EQ(timesIn(ir, "load <2 x double>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "icmp ule"), 2u) << ir;
  EXPECT_EQ(timesIn(ir, "mul nuw nsw i64 %w, 32"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "!llvm.loop"), 1u) << ir; // is not unrolled
}

TEST(WidenVectors, AsManyAsThereIsRoomFor) {
  EXPECT_EQ(timesIn(widened(places(0, 0) + Double, 512), "<8 x double>"), 3u);
  // Two registers, as LLVM splits them; it does not unroll them further.
  std::string ir = widened(places(0, 0) + Double, 128);
  EXPECT_EQ(timesIn(ir, "<4 x double>"), 3u) << ir;
  EXPECT_EQ(timesIn(ir, "!llvm.loop"), 2u) << ir;
}

TEST(WidenVectors, OneRowIsComparedBeforehand) {
  auto inPlace = [](int from, int to) {
    return widened("  %a.k = getelementptr i8, ptr %a, i64 %k16\n"
                   "  %p = getelementptr i8, ptr %a.k, i64 " +
                   std::to_string(from) +
                   "\n  %q = getelementptr i8, ptr %a.k, i64 " +
                   std::to_string(to) + "\n" + Double);
  };
  for (int further : {0, -8, -16, 32}) {
    std::string ir = inPlace(0, further);
    EXPECT_EQ(timesIn(ir, "load <4 x double>"), 1u) << further << ir;
    EXPECT_EQ(timesIn(ir, "icmp ule"), 0u) << further << ir;
  }
  // The next iteration loads what this one stores.
  for (int further : {1, 8, 16, 24, 31})
    EXPECT_EQ(timesIn(inPlace(0, further), "<4 x double>"), 0u) << further;
}

TEST(WidenVectors, WhatStaysAsItIs) {
  std::string gap = "  %k32 = mul nuw nsw i64 %k, 32\n";
  EXPECT_EQ(timesIn(widened(gap + places(0, 0, "%k32") + Double), "<4 x"), 0u);
  std::string down = "  %k.down = mul nsw i64 %k, -16\n";
  EXPECT_EQ(timesIn(widened(down + places(0, 0, "%k.down") + Double), "<4 x"),
            0u);
  for (const char *load : {"load volatile i64, ptr %b",
                           "load atomic i64, ptr %b monotonic, align 8"})
    EXPECT_EQ(timesIn(widened(places(0, 0) + Double + "  %z = " + load + "\n"),
                      "<4 x"),
              0u)
        << load;
  // Sums of floating point are made in their order.
  EXPECT_EQ(
      timesIn(widened(places(0, 0) + "  %v = load <2 x double>, ptr %p\n"
                                     "  %sum = fadd <2 x double> %old, %v\n",
                      256,
                      "  %old = phi <2 x double> [ zeroinitializer, %before ], "
                      "[ %sum, %loop ]\n",
                      "<2 x double> %sum"),
              "<4 x"),
      0u);
  // A lane that is chosen by a number.
  EXPECT_EQ(timesIn(widened(places(0, 0) +
                            "  %v = load <2 x double>, ptr %p\n"
                            "  %i = load i64, ptr %b\n"
                            "  %y = insertelement <2 x double> %v, double %x, "
                            "i64 %i\n"
                            "  store <2 x double> %y, ptr %q\n"),
                    "<4 x"),
            0u);
}

TEST(WidenVectors, SumsOfIntegersAreMadeInParts) {
  std::string ir =
      widened(places(0, 0) + "  %v = load <4 x i32>, ptr %p\n"
                             "  %sum = add nsw <4 x i32> %old, %v\n",
              256,
              "  %old = phi <4 x i32> [ splat (i32 7), %before ], "
              "[ %sum, %loop ]\n",
              "<4 x i32> %sum");
  // A part of a sum may wrap where the sum does not.
  EXPECT_EQ(timesIn(ir, "= add <8 x i32>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "<i32 7, i32 7, i32 7, i32 7, i32 0, i32 0, i32 0, i32 "
                        "0>"),
            1u)
      << ir;
  EXPECT_EQ(timesIn(ir, "= add <4 x i32>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "= add nsw <4 x i32>"), 1u) << ir;
}

TEST(WidenVectors, LanesThatNothingUsesAreLeftOut) {
  std::string ir = widened("  %k4 = mul nuw nsw i64 %k, 4\n"
                           "  %p = getelementptr i8, ptr %a, i64 %k4\n"
                           "  %q = getelementptr i8, ptr %b, i64 %k16\n"
                           "  %v = load i32, ptr %p\n"
                           "  %i = insertelement <4 x i32> zeroinitializer, "
                           "i32 %v, i64 0\n"
                           "  %c = bitcast <4 x i32> %i to <16 x i8>\n"
                           "  %s = shufflevector <16 x i8> %c, <16 x i8> "
                           "poison, <4 x i32> <i32 0, i32 1, i32 2, i32 3>\n"
                           "  %z = zext <4 x i8> %s to <4 x i32>\n"
                           "  store <4 x i32> %z, ptr %q\n");
  EXPECT_EQ(timesIn(ir, "load <2 x i32>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "bitcast <2 x i32>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "zext <8 x i8>"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "<32 x i8>"), 0u) << ir;
}

TEST(WidenVectors, InstructionsOfTheProcessorHaveTwiceTheirWidth) {
  std::string pack = places(0, 0) +
                     "  %v = load <8 x i16>, ptr %p\n"
                     "  %n = call <16 x i8> @llvm.x86.sse2.packsswb.128("
                     "<8 x i16> %v, <8 x i16> %v)\n"
                     "  store <16 x i8> %n, ptr %q\n";
  for (unsigned width : {256, 512})
    EXPECT_EQ(timesIn(widened(pack, width), "@llvm.x86.avx2.packsswb("), 1u)
        << width;
  // Each part has its own, and the loop that was.
  EXPECT_EQ(timesIn(widened(pack, 128), "@llvm.x86.sse2.packsswb.128("), 3u);
}

/// Runs a loop of 128 bits in another loop.
static std::string nested(const std::string &body, const std::string &variable,
                          const std::string &result) {
  LLVMContext context;
  std::string text =
      "define void @f(ptr %a, ptr %b, i64 %last) {\n"
      "before:\n  br label %outer\nouter:\n"
      "  %o = phi i64 [ 0, %before ], [ %o.next, %end ]\n  br label %loop\n"
      "loop:\n"
      "  %k = phi i64 [ 0, %outer ], [ %k.next, %loop ]\n" +
      variable + "  %k16 = mul nuw nsw i64 %k, 16\n" + body +
      "  %k.next = add nuw nsw i64 %k, 1\n"
      "  %done = icmp eq i64 %k, %last\n"
      "  br i1 %done, label %end, label %loop\nend:\n" +
      result +
      "  %o.next = add i64 %o, 1\n"
      "  %all = icmp eq i64 %o, 9\n"
      "  br i1 %all, label %out, label %outer\nout:\n  ret void\n}\n";
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, WidenVectorsPass(128));
  std::string after;
  if (module)
    raw_string_ostream(after) << *module->getFunction("f");
  return after;
}

TEST(WidenVectors, WithoutRoomSumsGainInNests) {
  EXPECT_EQ(timesIn(nested(places(0, 0) + Double, "", ""), "<4 x double>"), 0u);
  EXPECT_GT(timesIn(nested(places(0, 0) + "  %v = load <4 x i32>, ptr %p\n"
                                          "  %sum = add <4 x i32> %old, %v\n",
                           "  %old = phi <4 x i32> [ zeroinitializer, %outer ],"
                           " [ %sum, %loop ]\n",
                           "  %s = phi <4 x i32> [ %sum, %loop ]\n"
                           "  store <4 x i32> %s, ptr %a\n"),
                    "<8 x i32>"),
            0u);
}
