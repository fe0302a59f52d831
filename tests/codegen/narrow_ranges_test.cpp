// Words that are known to be small are saturated at once.
#include "run_on_function.h"

#include "compiler/codegen/narrow_ranges.h"

using namespace llvm;
using namespace wasmetal;

/// i16x8.narrow_i32x4_u of %x & mask and %y, shifted right.
static std::string narrowed(const std::string &mask, int shift,
                            const std::string &back = "-32768") {
  LLVMContext context;
  std::string text =
      "declare <8 x i16> @llvm.x86.sse2.packssdw.128(<4 x i32>, <4 x i32>)\n"
      "define <8 x i16> @f(<4 x i32> %x, <4 x i32> %y) {\n"
      "  %a = and <4 x i32> %x, splat (i32 " +
      mask + ")\n  %b = lshr <4 x i32> %y, splat (i32 " +
      std::to_string(shift) +
      ")\n  %one = add <4 x i32> %a, splat (i32 -32768)\n"
      "  %two = add <4 x i32> %b, splat (i32 -32768)\n"
      "  %p = call <8 x i16> @llvm.x86.sse2.packssdw.128(<4 x i32> %one, "
      "<4 x i32> %two)\n"
      "  %r = xor <8 x i16> %p, splat (i16 " +
      back + ")\n  ret <8 x i16> %r\n}\n";
  std::unique_ptr<llvm::Module> module =
      runOnFunction(context, text, NarrowRangesPass());
  std::string after;
  if (module)
    raw_string_ostream(after) << *module->getFunction("f");
  return after;
}

static size_t timesIn(const std::string &text, const char *part) {
  return StringRef(text).count(part);
}

TEST(NarrowRanges, SmallWordsAreNotMoved) {
  std::string ir = narrowed("32767", 17);
  EXPECT_EQ(timesIn(ir, "xor <4 x i32> %one, splat (i32 -32768)"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "xor <4 x i32> %two, splat (i32 -32768)"), 1u) << ir;
  EXPECT_EQ(timesIn(ir, "xor <8 x i16>"), 0u) << ir;
  EXPECT_EQ(timesIn(ir, "packssdw"), 1u) << ir;
}

TEST(NarrowRanges, OthersAre) {
  for (const std::string &ir : {narrowed("32768", 17), narrowed("32767", 16),
                                narrowed("-1", 17), narrowed("255", 24, "255")})
    EXPECT_EQ(timesIn(ir, "xor <8 x i16>"), 1u) << ir;
}
