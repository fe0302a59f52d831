// Which distances become indices, and what is still promised of them.
#include "compiler/codegen/scaled_addresses.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

using namespace llvm;
using namespace wasmetal;

/// The function's text after the pass.
static std::string scaled(const std::string &body) {
  LLVMContext context;
  SMDiagnostic error;
  std::string text =
      "define ptr @f(i64 %k, i32 %n, ptr %p) {\n" + body + "  ret ptr %q\n}\n";
  std::unique_ptr<llvm::Module> module =
      parseAssemblyString(text, error, context);
  EXPECT_TRUE(module) << error.getMessage().str() << "\n" << text;
  FunctionAnalysisManager manager;
  llvm::Function &function = *module->getFunction("f");
  ScaledAddressesPass().run(function, manager);
  std::string result;
  raw_string_ostream stream(result);
  EXPECT_FALSE(verifyFunction(function, &stream)) << result;
  stream << function;
  return result;
}

static bool has(const std::string &text, const std::string &part) {
  return StringRef(text).contains(part);
}

TEST(ScaledAddresses, ProductsBecomeIndices) {
  for (const char *product : {"mul nuw nsw i64 %k, 8", "shl nuw nsw i64 %k, 3"})
    EXPECT_TRUE(has(scaled(std::string("  %d = ") + product +
                           "\n  %q = getelementptr inbounds nuw i8, ptr %p, "
                           "i64 %d\n"),
                    "getelementptr inbounds nuw [8 x i8], ptr %p, i64 %k"))
        << product;
}

TEST(ScaledAddresses, AnIndexPromisesNoMoreThanItsProduct) {
  auto flags = [](const std::string &product) {
    return scaled("  %d = " + product + " i64 %k, 4\n" +
                  "  %q = getelementptr inbounds nuw i8, ptr %p, i64 %d\n");
  };
  EXPECT_TRUE(has(flags("mul"), "getelementptr [4 x i8], ptr %p, i64 %k"));
  EXPECT_TRUE(
      has(flags("mul nuw"), "getelementptr nuw [4 x i8], ptr %p, i64 %k"));
  EXPECT_TRUE(
      has(flags("mul nsw"), "getelementptr inbounds [4 x i8], ptr %p, i64 %k"));
  EXPECT_TRUE(has(scaled("  %d = mul nuw nsw i64 %k, 4\n"
                         "  %q = getelementptr i8, ptr %p, i64 %d\n"),
                  "getelementptr [4 x i8], ptr %p, i64 %k"));
}

TEST(ScaledAddresses, WhatNoAddressCanHoldStays) {
  for (const char *product :
       {"mul i64 %k, 24", "mul i64 %k, 16", "mul i64 %k, -8", "mul i64 %k, 1",
        "shl i64 %k, 4", "shl i64 %k, 0", "add i64 %k, 8"})
    EXPECT_TRUE(has(scaled(std::string("  %d = ") + product +
                           "\n  %q = getelementptr i8, ptr %p, i64 %d\n"),
                    "getelementptr i8, ptr %p, i64 %d"))
        << product;
}

TEST(ScaledAddresses, ProductsOfFewerBitsStay) {
  // A pointer has 64: the index would be extended before it is multiplied.
  EXPECT_TRUE(has(scaled("  %d = shl i32 %n, 2\n"
                         "  %q = getelementptr i8, ptr %p, i32 %d\n"),
                  "getelementptr i8, ptr %p, i32 %d"));
}
