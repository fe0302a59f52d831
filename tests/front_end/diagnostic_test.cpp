// How errors read.
#include "compiler/diagnostic.h"

#include "compiler/wasm/quote.h"
#include "tests/front_end/binary.h"

#include "gtest/gtest.h"

using namespace wasmetal;

TEST(Diagnostic, GivesOffsetFunctionAndBothValues) {
  EXPECT_EQ(checkText("(module (func $parse (param i64) (result i32)"
                      " i32.const 1 local.get 0 i32.add))"),
            "0x1d: function 0 \"parse\": type mismatch in i32.add: expected "
            "i32, found i64");
}

TEST(Diagnostic, SaysHowManyLanesThereAre) {
  EXPECT_EQ(check(functionOf({0x00, 0x41, 0x00, 0xfd, 0x0f, // i8x16.splat
                              0xfd, 0x15, 0x10, 0x1a, 0x0b})),
            "0x1b: function 0: invalid lane index in i8x16.extract_lane_s: "
            "expected less than 16, found 16");
}

TEST(Diagnostic, LeavesOutTheOffsetWhereThereIsNone) {
  EXPECT_EQ(llvm::toString(makeError(DiagnosticKind::Io, "no such file")),
            "no such file");
}

TEST(Diagnostic, EscapesControlCharactersOfNames) {
  EXPECT_EQ(quote("a\x1b[31m\"\\"), "\"a\\1b[31m\\22\\5c\"");
  EXPECT_EQ(quote("na\xc3\xafve \xc2\x9b"), "\"na\xc3\xafve \\c2\\9b\"");
}

TEST(Diagnostic, CutsLongNamesBetweenCharacters) {
  std::string name(199, 'a');
  EXPECT_EQ(quote(name + "\xc3\xaf"), "\"" + name + "...\"");
}

TEST(Diagnostic, NamesMissingFeatures) {
  EXPECT_EQ(check(moduleOf({section(4, {0x01, 0x70, 0x03, 0x01, 0x01})})),
            "0xb: table 0: shared tables are not supported yet");
  EXPECT_EQ(check(functionOf({0x00, 0xd0, 0x71, 0xd0, 0x71, 0xd3, 0x1a, 0x0b})),
            "0x1b: function 0: garbage collection instructions are not "
            "supported yet");
}

TEST(Diagnostic, NamesIllegalOpcodes) {
  EXPECT_EQ(check(functionOf({0x00, 0xff, 0x0b})),
            "0x17: function 0: illegal opcode 0xff");
  EXPECT_EQ(check(functionOf({0x00, 0xfd, 0x9a, 0x01, 0x0b})),
            "0x17: function 0: illegal opcode 0xfd 0x9a");
}
