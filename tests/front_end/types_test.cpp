// Identity and subtyping of types.
#include "compiler/wasm/subtyping.h"
#include "tests/front_end/binary.h"

#include "gtest/gtest.h"

using namespace wasmetal;

static std::vector<DefinedType> typesOf(const Bytes &contents) {
  Bytes bytes = moduleOf({section(1, contents)});
  return llvm::cantFail(readModule(bytes))->types;
}

TEST(Types, EqualFunctionTypesHaveOneIdentity) {
  std::vector<DefinedType> types =
      typesOf({0x03, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x00,
               0x01, 0x7f});
  EXPECT_EQ(types[0].canonical, types[1].canonical);
  EXPECT_NE(types[0].canonical, types[2].canonical);
}

TEST(Types, EqualTypesHaveTheNumberOfTheFirst) {
  std::vector<DefinedType> types =
      typesOf({0x04, 0x60, 0x00, 0x00, 0x60, 0x01, 0x7f, 0x00, 0x60, 0x00, 0x00,
               0x60, 0x01, 0x7f, 0x00});
  for (uint32_t i = 0; i < types.size(); i++)
    EXPECT_EQ(types[i].firstEqual, i % 2) << i;
}

TEST(Types, AGroupOfOnePlainTypeIsThatType) {
  std::vector<DefinedType> types =
      typesOf({0x02, 0x60, 0x00, 0x00, 0x4e, 0x01, 0x60, 0x00, 0x00});
  EXPECT_EQ(types[0].canonical, types[1].canonical);
}

TEST(Types, PositionInTheGroupDistinguishes) {
  // (rec (type (func)) (type (func))), twice
  std::vector<DefinedType> types =
      typesOf({0x02, 0x4e, 0x02, 0x60, 0x00, 0x00, 0x60, 0x00, 0x00, 0x4e, 0x02,
               0x60, 0x00, 0x00, 0x60, 0x00, 0x00});
  EXPECT_NE(types[0].canonical, types[1].canonical);
  EXPECT_EQ(types[0].canonical, types[2].canonical);
  EXPECT_EQ(types[1].canonical, types[3].canonical);
}

TEST(Types, ReferencesWithinTheGroupAreRelative) {
  // (rec (type $a (struct (field (ref null $a))))), twice, then a struct that
  // refers to the first from outside.
  std::vector<DefinedType> types =
      typesOf({0x03, 0x4e, 0x01, 0x5f, 0x01, 0x63, 0x00, 0x00, 0x4e, 0x01,
               0x5f, 0x01, 0x63, 0x01, 0x00, 0x5f, 0x01, 0x63, 0x00, 0x00});
  EXPECT_EQ(types[0].canonical, types[1].canonical);
  EXPECT_NE(types[0].canonical, types[2].canonical);
}

TEST(Types, FinalityMutabilityAndPackingDistinguish) {
  std::vector<DefinedType> types = typesOf(
      {0x06, 0x5e, 0x7f, 0x00, 0x5e, 0x7f, 0x01, 0x5e, 0x78, 0x00, 0x5e,
       0x77, 0x00, 0x50, 0x00, 0x5e, 0x7f, 0x00, 0x5f, 0x01, 0x7f, 0x00});
  for (size_t i = 0; i < types.size(); i++)
    for (size_t j = 0; j < i; j++)
      EXPECT_NE(types[i].canonical, types[j].canonical) << i << " " << j;
}

TEST(Types, ReferencesMustNotLeadBeyondTheGroup) {
  EXPECT_EQ(check(moduleOf({section(1, {0x01, 0x60, 0x01, 0x63, 0x01, 0x00})})),
            "0xb: unknown type 1 in a type definition that may refer to types "
            "below 1");
}

TEST(Types, AbstractTypesFormTheirHierarchies) {
  Module module;
  auto isBelow = [&](HeapKind actual, HeapKind expected) {
    return isSubtype(module, ValType::ref(actual), ValType::ref(expected));
  };
  EXPECT_TRUE(isBelow(HeapKind::None, HeapKind::Struct));
  EXPECT_TRUE(isBelow(HeapKind::Struct, HeapKind::Eq));
  EXPECT_TRUE(isBelow(HeapKind::I31, HeapKind::Any));
  EXPECT_TRUE(isBelow(HeapKind::NoFunc, HeapKind::Func));
  EXPECT_TRUE(isBelow(HeapKind::NoExtern, HeapKind::Extern));
  EXPECT_FALSE(isBelow(HeapKind::Func, HeapKind::Any));
  EXPECT_FALSE(isBelow(HeapKind::Extern, HeapKind::Func));
  EXPECT_FALSE(isBelow(HeapKind::None, HeapKind::Func));
  EXPECT_FALSE(isBelow(HeapKind::Any, HeapKind::Eq));
}

TEST(Types, NullableIsNotBelowNonNull) {
  Module module;
  ValType nullable = ValType::ref(HeapKind::Func, true);
  ValType nonNull = ValType::ref(HeapKind::Func, false);
  EXPECT_TRUE(isSubtype(module, nonNull, nullable));
  EXPECT_FALSE(isSubtype(module, nullable, nonNull));
}

TEST(Types, DeclaredSubtypesAreBelowTheirSupertypes) {
  // (sub (func)), (sub 0 (func)), (sub final 1 (func)), (func)
  Bytes bytes = moduleOf({section(
      1, {0x04, 0x50, 0x00, 0x60, 0x00, 0x00, 0x50, 0x01, 0x00, 0x60, 0x00,
          0x00, 0x4f, 0x01, 0x01, 0x60, 0x00, 0x00, 0x60, 0x00, 0x00})});
  std::unique_ptr<Module> module = llvm::cantFail(readModule(bytes));
  EXPECT_TRUE(isDefinedSubtype(*module, 2, 0));
  EXPECT_TRUE(isDefinedSubtype(*module, 1, 0));
  EXPECT_FALSE(isDefinedSubtype(*module, 0, 1));
  EXPECT_FALSE(isDefinedSubtype(*module, 3, 0));
  EXPECT_TRUE(
      isSubtype(*module, ValType::refIndex(2, false), ValType::funcref()));
  EXPECT_FALSE(
      isSubtype(*module, ValType::funcref(), ValType::refIndex(0, true)));
  EXPECT_TRUE(isSubtype(*module, ValType::ref(HeapKind::NoFunc),
                        ValType::refIndex(0, true)));
}

TEST(Types, HaveTheTextFormatsNames) {
  EXPECT_EQ(toString(ValType::funcref()), "funcref");
  EXPECT_EQ(toString(ValType::ref(HeapKind::Func, false)), "(ref func)");
  EXPECT_EQ(toString(ValType::refIndex(3, true)), "(ref null 3)");
  ValType list[] = {ValType::i32(), ValType::f64()};
  EXPECT_EQ(toString(llvm::ArrayRef(list)), "[i32 f64]");
}
