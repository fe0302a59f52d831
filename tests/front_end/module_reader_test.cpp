// Header, sections and what the reader makes of them.
#include "tests/front_end/binary.h"

#include "gtest/gtest.h"

using namespace wasmetal;

static std::unique_ptr<Module> read(const Bytes &bytes) {
  return llvm::cantFail(readModule(bytes));
}

TEST(ModuleReader, RejectsForeignFiles) {
  EXPECT_EQ(check({}), "0x0: unexpected end: the file is empty");
  EXPECT_EQ(check({0x7f, 'E', 'L', 'F'}),
            "0x0: magic header not detected: a binary module starts with "
            "`\\0asm`");
  EXPECT_EQ(check({0x00, 'a', 's', 'm', 2, 0, 0, 0}),
            "0x4: unknown binary version 2, expected 1");
  EXPECT_EQ(check({0x00, 'a', 's', 'm', 0x0d, 0, 1, 0}),
            "0x4: this is a WebAssembly component, not a core module");
  EXPECT_EQ(check({0x00, 'a', 's', 'm', 1}),
            "0x4: unexpected end: 4 bytes wanted, 1 remain");
}

TEST(ModuleReader, AcceptsAModuleWithoutSections) {
  EXPECT_EQ(check(moduleOf({})), "OK");
}

TEST(ModuleReader, WantsSectionsInOrderAndOnce) {
  EXPECT_EQ(check(moduleOf({section(3, {0x00}), section(1, {0x00})})),
            "0xb: unexpected content after last section: section 1 is repeated "
            "or out of order");
  EXPECT_EQ(check(moduleOf({section(1, {0x00}), section(1, {0x00})})),
            "0xb: unexpected content after last section: section 1 is repeated "
            "or out of order");
  EXPECT_EQ(check(moduleOf({section(14, {})})), "0x8: malformed section id 14");
}

TEST(ModuleReader, WantsSectionsToBeReadCompletely) {
  EXPECT_EQ(check(moduleOf({section(1, {0x00, 0x00})})),
            "0xb: section size mismatch: 1 bytes are left over");
  EXPECT_EQ(check(moduleOf({{0x01, 0x05, 0x00}})),
            "0xa: length out of bounds: 5 bytes wanted, 1 remain");
}

TEST(ModuleReader, WantsABodyForEachFunction) {
  EXPECT_EQ(check(moduleOf({section(1, {0x01, 0x60, 0x00, 0x00}),
                            section(3, {0x01, 0x00})})),
            "0x12: function and code section have inconsistent lengths: 1 and "
            "0");
}

TEST(ModuleReader, SkipsUnknownCustomSections) {
  EXPECT_EQ(check(moduleOf({section(0, {0x01, 'x', 0xff, 0xff})})), "OK");
}

TEST(ModuleReader, ReadsNames) {
  Bytes bytes = llvm::cantFail(
      assembleText("(module $m (func $first) (func $second))", "test.wat"));
  std::unique_ptr<Module> module = read(bytes);
  EXPECT_EQ(module->name, "m");
  EXPECT_EQ(module->functions[0].name, "first");
  EXPECT_EQ(module->functions[1].name, "second");
}

TEST(ModuleReader, IgnoresAMalformedNameSection) {
  // The second name's length runs over the subsection's end.
  Bytes names = {0x04, 'n',  'a',  'm', 'e',  0x01, 0x06,
                 0x02, 0x00, 0x01, 'f', 0x01, 0x7f};
  Bytes bytes = functionOf({0x00, 0x0b});
  append(bytes, section(0, names));
  std::unique_ptr<Module> module = read(bytes);
  EXPECT_TRUE(module->functions[0].name.empty());
}

TEST(ModuleReader, NotesWhichFunctionsMayBeReferredTo) {
  Bytes bytes = llvm::cantFail(
      assembleText("(module (func) (func (export \"f\")) (func) (func)"
                   " (elem declare func 2) (global funcref (ref.func 3)))",
                   "test.wat"));
  std::unique_ptr<Module> module = read(bytes);
  EXPECT_FALSE(module->functions[0].isDeclaredRef);
  EXPECT_TRUE(module->functions[1].isDeclaredRef);
  EXPECT_TRUE(module->functions[2].isDeclaredRef);
  EXPECT_TRUE(module->functions[3].isDeclaredRef);
}

TEST(ModuleReader, LeavesBodiesWhereTheyAre) {
  Bytes bytes = functionOf({0x00, 0x0b});
  std::unique_ptr<Module> module = read(bytes);
  EXPECT_EQ(module->functions[0].body.data(), bytes.data() + 0x16);
  EXPECT_EQ(module->functions[0].bodyOffset, 0x16u);
}

TEST(ModuleReader, NotesWhatBodiesCall) {
  Bytes bytes = llvm::cantFail(assembleText(R"((module
    (type $t (func))
    (import "host" "f" (func $host))
    (table 1 funcref)
    (func $calls (call $calls) (call_indirect (type $t) (i32.const 0)))
    (func $leaves (return_call $host))
    (func $writes (table.set 0 (i32.const 0) (ref.null func)))
    (func $invalid (call 2) (drop))))",
                                            "test.wat"));
  std::unique_ptr<Module> module = read(bytes);
  const std::vector<Function> &functions = module->functions;
  EXPECT_EQ(functions[1].callees, std::vector<uint32_t>{1});
  EXPECT_EQ(functions[1].calledTypes, std::vector<uint32_t>{0});
  EXPECT_FALSE(functions[1].throwsItself);
  EXPECT_TRUE(functions[2].throwsItself);
  EXPECT_TRUE(functions[2].isInTailCall);
  EXPECT_TRUE(module->tables[0].isWritten);
  EXPECT_EQ(functions[4].callees, std::vector<uint32_t>{2});
}

TEST(ModuleReader, FindsTheEndOfConstantExpressions) {
  // Nested blocks are grammatical; the validator refuses them.
  EXPECT_EQ(check(moduleOf({section(
                6, {0x01, 0x7f, 0x00, 0x02, 0x7f, 0x41, 0x00, 0x0b, 0x0b})})),
            "0xd: global 0: constant expression required: found block");
  EXPECT_EQ(check(moduleOf({section(6, {0x01, 0x7f, 0x00, 0x41, 0x00})})),
            "0xf: unexpected end: END opcode expected");
}
