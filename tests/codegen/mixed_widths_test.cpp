// What LLVM would miscompile, or lose a trap of, is kept from it.
#include "support.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class MixedWidths : public CodegenTest {};
class WholeAccesses : public CodegenTest {};

} // namespace

// x[i + 1] = x[i] + 1, behind a store to a byte of x[i].
TEST_F(MixedWidths, WhatAnotherWidthOverwritesIsLoaded) {
  CompileOptions options = optionsFor(OutputKind::IrText);
  options.optLevel = 2;
  std::string ir = contentOf(compileText(
      "(module (memory (export \"m\") 1) (func $loop (export \"loop\") (param "
      "$p i32) (param $n i32) (loop $l (i32.store8 offset=1 (local.get $p) "
      "(i32.const 5)) (i32.store offset=4 (local.get $p) (i32.add (i32.const "
      "1) (i32.load (local.get $p)))) (local.set $p (i32.add (local.get $p) "
      "(i32.const 4))) (br_if $l (local.tee $n (i32.sub (local.get $n) "
      "(i32.const 1)))))))",
      options, "output.ll"));
  EXPECT_EQ(ir.find("store_forwarded"), std::string::npos);
  StringRef body = StringRef(ir).split(":loop\"(").second.split("\n}").first;
  EXPECT_GE(body.count("load i32"), 1u);
}

// Half of a vector is extended, and all of it has been accessed.
TEST_F(WholeAccesses, VectorsAreLoadedBeforeTheyAreExtended) {
  CompileOptions options = optionsFor(OutputKind::Assembly);
  options.emit.strategy = Strategy::guard;
  options.cpu = "x86-64-v2";
  for (unsigned level : {0u, 2u}) {
    options.optLevel = level;
    std::string code = contentOf(compileText(
        "(module (memory (export \"m\") 1) (func (export \"f\") (param $p i32) "
        "(v128.store (i32.const 0) (i64x2.extend_low_i32x4_u (v128.load "
        "(local.get $p))))))",
        options, "output.s"));
    SmallVector<StringRef, 0> lines;
    StringRef(code).split(lines, '\n');
    EXPECT_TRUE(none_of(lines, [](StringRef line) {
      return line.contains("pmovzx") && line.contains("(");
    })) << level;
  }
}
