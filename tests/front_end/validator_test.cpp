// The validator's rules where they are easy to get wrong.
#include "compiler/wasm/validator.h"
#include "tests/front_end/binary.h"

#include "gtest/gtest.h"

using namespace wasmetal;

static std::string withoutOffset(const std::string &message) {
  size_t colon = message.find(": ");
  return message == "OK" ? message : message.substr(colon + 2);
}

/// The diagnostic without the offset.
static std::string messageOf(llvm::StringRef text) {
  return withoutOffset(checkText(text));
}

TEST(Validator, AcceptsPolymorphicStacks) {
  EXPECT_EQ(messageOf("(module (func (result i32) unreachable i32.add))"),
            "OK");
  EXPECT_EQ(messageOf("(module (func (result i32)"
                      " (block (result i32) (br 0 (i32.const 1)) drop"
                      " select)))"),
            "OK");
  EXPECT_EQ(messageOf("(module (func unreachable br_table 0 0))"), "OK");
}

TEST(Validator, RejectsWrongTypesInUnreachableCode) {
  EXPECT_EQ(messageOf("(module (func (result i32)"
                      " unreachable i64.const 0 i32.add))"),
            "function 0: type mismatch in i32.add: expected i32, found i64");
}

TEST(Validator, ReportsAnEmptyStack) {
  EXPECT_EQ(messageOf("(module (func i32.const 0 i32.add drop))"),
            "function 0: type mismatch in i32.add: expected i32, found "
            "nothing");
}

TEST(Validator, ReportsWhatIsLeftOver) {
  EXPECT_EQ(messageOf("(module (func i32.const 0 i32.const 0))"),
            "function 0: type mismatch in end: expected [], found 2 more "
            "values on the operand stack");
}

TEST(Validator, BlocksDoNotReachBelowTheirStart) {
  EXPECT_EQ(messageOf("(module (func i32.const 0 (block drop) drop))"),
            "function 0: type mismatch in drop: expected a value, found "
            "nothing");
}

TEST(Validator, AcceptsBlocksWithParameters) {
  EXPECT_EQ(messageOf("(module (func (result i32) i32.const 1"
                      " (loop (param i32) (result i32)"
                      "  (br_if 0 (i32.const 0)))))"),
            "OK");
}

TEST(Validator, AnIfWithoutElsePassesItsParametersOn) {
  EXPECT_EQ(messageOf("(module (func (param i32) (result i32) i32.const 1"
                      " (if (param i32) (result i32) (local.get 0) (then))))"),
            "OK");
  EXPECT_EQ(messageOf("(module (func (param i32) (result i32)"
                      " (if (result i32) (local.get 0)"
                      " (then (i32.const 1)))))"),
            "function 0: type mismatch in end: expected [i32], found [] from "
            "the missing else");
}

TEST(Validator, BranchTablesAgreeInArity) {
  EXPECT_EQ(messageOf("(module (func (block (block (result i32)"
                      " i32.const 0 i32.const 0 br_table 0 1) drop)))"),
            "function 0: type mismatch in br_table: expected 0 values, found "
            "1 values for label 0");
}

TEST(Validator, BranchesToLoopsCarryTheirParameters) {
  EXPECT_EQ(messageOf("(module (func (result i32)"
                      " (loop (result i32) (br 0))))"),
            "OK");
}

TEST(Validator, SelectWithoutATypeTakesNoReferences) {
  EXPECT_EQ(messageOf("(module (func (param externref) (result externref)"
                      " local.get 0 local.get 0 i32.const 0 select))"),
            "function 0: type mismatch in select: expected a number or vector, "
            "found externref");
  EXPECT_EQ(messageOf("(module (func (param externref) (result externref)"
                      " local.get 0 local.get 0 i32.const 0"
                      " select (result externref)))"),
            "OK");
}

TEST(Validator, IndirectCallsNeedTablesOfFunctions) {
  EXPECT_EQ(messageOf("(module (table 1 externref) (func i32.const 0"
                      " call_indirect))"),
            "function 0: type mismatch in call_indirect: expected a table of "
            "funcref, found table 0 of externref");
}

TEST(Validator, FunctionReferencesMustBeDeclared) {
  EXPECT_EQ(messageOf("(module (func $f ref.func $f drop))"),
            "function 0 \"f\": undeclared function reference 0");
}

TEST(Validator, ImmutableGlobalsAreNotSet) {
  EXPECT_EQ(messageOf("(module (global i32 (i32.const 0))"
                      " (func i32.const 0 global.set 0))"),
            "function 0: immutable global 0 in global.set");
}

TEST(Validator, AlignmentIsAtMostNatural) {
  EXPECT_EQ(check(moduleOf(
                {section(1, {0x01, 0x60, 0x00, 0x00}), section(3, {0x01, 0x00}),
                 section(5, {0x01, 0x00, 0x01}),
                 codeOf({0x00, 0x41, 0x00, 0x28, 0x03, 0x00, 0x1a, 0x0b})})),
            "0x1e: function 0: alignment must not be larger than natural: "
            "expected at most 2^2, found 2^3");
}

TEST(Validator, SegmentInstructionsNeedADataCount) {
  EXPECT_EQ(check(functionOf({0x00, 0xfc, 0x09, 0x00, 0x0b})),
            "0x17: function 0: data count section required for data.drop");
}

TEST(Validator, AcceptsExtendedConstantExpressions) {
  EXPECT_EQ(messageOf("(module (global $a i32 (i32.const 1))"
                      " (global i32 (i32.add (global.get $a)"
                      "  (i32.mul (i32.const 2) (i32.const 3)))))"),
            "OK");
}

TEST(Validator, ConstantExpressionsReadEarlierImmutableGlobals) {
  EXPECT_EQ(messageOf("(module (global i32 (global.get 1))"
                      " (global i32 (i32.const 0)))"),
            "global 0: unknown global 1, there are 0");
  EXPECT_EQ(messageOf("(module (global (mut i32) (i32.const 0))"
                      " (global i32 (global.get 0)))"),
            "global 1: constant expression required: global 0 is mutable");
}

TEST(Validator, ConstantExpressionsGiveOneValue) {
  EXPECT_EQ(check(moduleOf({section(6, {0x01, 0x7f, 0x00, 0x0b})})),
            "0xd: global 0: type mismatch in end: expected i32, found nothing");
  EXPECT_EQ(messageOf("(module (memory 1) (data (i64.const 0)))"),
            "data segment 0: type mismatch in end: expected i32, found i64");
}

TEST(Validator, ExportNamesAreUnique) {
  EXPECT_EQ(messageOf("(module (func (export \"f\") (export \"g\")"
                      " (export \"f\")))"),
            "duplicate export name \"f\"");
}

TEST(Validator, LimitsHoldForMemoriesAndTables) {
  EXPECT_EQ(messageOf("(module (memory 65537))"),
            "memory 0 size must be at most 65536, found 65537");
  EXPECT_EQ(messageOf("(module (memory 2 1))"),
            "memory 0 size minimum 2 must not be greater than maximum 1");
  EXPECT_EQ(messageOf("(module (table 2 1 funcref))"),
            "table 0 size minimum 2 must not be greater than maximum 1");
}

TEST(Validator, TheStartFunctionTakesAndGivesNothing) {
  EXPECT_EQ(messageOf("(module (func (param i32)) (start 0))"),
            "start function 0: expected type [] -> [], found [i32] -> []");
}

TEST(Validator, SegmentsMatchTheirTables) {
  EXPECT_EQ(messageOf("(module (table 1 externref)"
                      " (elem (i32.const 0) func))"),
            "element segment 0: type mismatch: expected externref of table 0, "
            "found (ref func)");
}

TEST(Validator, AFunctionEndsWithItsEnd) {
  EXPECT_EQ(check(functionOf({0x00, 0x0b, 0x01})),
            "0x18: function 0: operators remaining after end of function");
  EXPECT_EQ(check(functionOf({0x00, 0x01, 0x01})),
            "0x19: function 0: unexpected end: END opcode expected");
}

TEST(Validator, GivesLocalsAndCode) {
  Bytes bytes = functionOf({0x02, 0x02, 0x7f, 0x01, 0x7e, 0x0b});
  std::unique_ptr<Module> module = llvm::cantFail(readModule(bytes));
  ValidatedModule validated = llvm::cantFail(validateModule(*module));
  ValidatedFunction function = llvm::cantFail(validateFunction(validated, 0));
  std::vector<ValType> expected = {ValType::i32(), ValType::i32(),
                                   ValType::i64()};
  EXPECT_EQ(function.locals().vec(), expected);
  EXPECT_EQ(function.code().size(), 1u);
  EXPECT_EQ(function.codeOffset(), module->functions[0].bodyOffset + 5);
}

TEST(Validator, AtomicAccessesHaveTheirNaturalAlignment) {
  auto load = [](uint8_t opcode, uint8_t alignLog2) {
    return withoutOffset(check(
        moduleOf({section(1, {0x01, 0x60, 0x00, 0x00}),
                  section(3, {0x01, 0x00}), section(5, {0x01, 0x00, 0x01}),
                  codeOf({0x00, 0x41, 0x00, 0xfe, opcode, alignLog2, 0x00, 0x1a,
                          0x0b})})));
  };
  constexpr uint8_t Load32 = 0x10, Load8 = 0x12;
  EXPECT_EQ(load(Load32, 2), "OK");
  EXPECT_EQ(load(Load8, 0), "OK");
  EXPECT_EQ(load(Load32, 1),
            "function 0: alignment of an atomic access must be natural: "
            "expected 2^2, found 2^1");
  EXPECT_EQ(load(Load8, 1),
            "function 0: alignment of an atomic access must be natural: "
            "expected 2^0, found 2^1");
}

TEST(Validator, SharedMemoriesHaveAMaximum) {
  EXPECT_EQ(check(moduleOf({section(5, {0x01, 0x03, 0x01, 0x02})})), "OK");
  EXPECT_EQ(check(moduleOf({section(5, {0x01, 0x02, 0x01})})),
            "0xb: memory 0: shared memory must have maximum");
}
