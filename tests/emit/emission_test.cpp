// The shape of emitted code, and that it passes LLVM's verifier.
#include "compiler/emit/emit.h"
#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/text.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Verifier.h"

#include <gtest/gtest.h>

using namespace llvm;
using namespace wasmetal;

namespace {

struct Emitted {
  LLVMContext context;
  std::vector<uint8_t> bytes;
  std::unique_ptr<wasmetal::Module> wasm;
  std::unique_ptr<llvm::Module> module;

  explicit Emitted(StringRef text, EmitOptions options = {}) {
    bytes = cantFail(assembleText(text, "test.wat"));
    wasm = cantFail(readModule(bytes));
    ValidatedModule valid = cantFail(validateModule(*wasm));
    module = cantFail(emitPartition(context, valid, options, ModuleFacts(*wasm),
                                    planPartitions(*wasm), 0));
    EXPECT_FALSE(verifyModule(*module, &errs()));
  }

  llvm::Function *function(StringRef name) {
    return module->getFunction(("app:" + name).str());
  }
};

} // namespace

static const char *const storeText =
    R"((module (memory 1)
         (func $poke (param i32 i32)
           (i32.store offset=8 (local.get 0) (local.get 1)))))";

static const StoreInst *guestStore(llvm::Function *function) {
  for (const llvm::Instruction &inst : instructions(function))
    if (auto *store = dyn_cast<StoreInst>(&inst))
      if (store->hasMetadata(LLVMContext::MD_tbaa))
        return store;
  return nullptr;
}

TEST(Emission, GuestNamesNeverBecomeGlobalSymbols) {
  Emitted emitted(R"((module (func $malloc (export "malloc"))))");
  EXPECT_EQ(emitted.module->getFunction("malloc"), nullptr);
  llvm::Function *function = emitted.function("0:malloc");
  ASSERT_NE(function, nullptr);
  EXPECT_TRUE(function->hasInternalLinkage());
  EXPECT_EQ(function->getCallingConv(), CallingConv::Tail);
}

TEST(Emission, AccessesKeepTheirPlaceUnderGuardWhenTrapsAreExact) {
  EmitOptions options;
  Emitted exact(storeText, options);
  ASSERT_NE(guestStore(exact.function("0:poke")), nullptr);
  EXPECT_TRUE(guestStore(exact.function("0:poke"))->isVolatile());
  options.exactTraps = false;
  Emitted relaxed(storeText, options);
  EXPECT_FALSE(guestStore(relaxed.function("0:poke"))->isVolatile());
  options.exactTraps = true;
  options.strategy = Strategy::check;
  Emitted checked(storeText, options);
  EXPECT_FALSE(guestStore(checked.function("0:poke"))->isVolatile());
}

/// The static offset of what each load and store goes to, in their order.
static std::string partsOf(StringRef instruction, EmitOptions options = {}) {
  Emitted emitted(("(module (memory 1) (memory $shared 1 1 shared)\n"
                   "(func $f (param i32 i32) (" +
                   instruction + ")))")
                      .str(),
                  options);
  std::string text;
  for (llvm::Instruction &inst : instructions(emitted.function("0:f"))) {
    if (!inst.hasMetadata(LLVMContext::MD_tbaa))
      continue;
    auto *place = dyn_cast_or_null<CallInst>(getLoadStorePointerOperand(&inst));
    if (!place)
      continue;
    unsigned bits = getLoadStoreType(&inst)->getPrimitiveSizeInBits();
    text += (isa<LoadInst>(inst) ? " load " : " store ") +
            std::to_string(bits / 8) + "@" +
            std::to_string(
                cast<ConstantInt>(place->getArgOperand(3))->getZExtValue());
  }
  return text;
}

static std::string copyOf(const std::string &length,
                          const std::string &memories = "") {
  return "memory.copy " + memories +
         " (local.get 0) (local.get 1) (i32.const " + length + ")";
}

// The last part first: where it is in bounds, the others are.
TEST(Emission, ShortRangesAreMovedInPlace) {
  EXPECT_EQ(partsOf(copyOf("40")), " load 16@24 load 16@16 load 16@0"
                                   " store 16@24 store 16@16 store 16@0");
  EXPECT_EQ(partsOf(copyOf("32")), " load 16@16 load 16@0"
                                   " store 16@16 store 16@0");
  EXPECT_EQ(partsOf(copyOf("7")), " load 4@3 load 4@0 store 4@3 store 4@0");
  EXPECT_EQ(partsOf(copyOf("1")), " load 1@0 store 1@0");
  EXPECT_EQ(partsOf("memory.fill (local.get 0) (local.get 1) (i32.const 24)"),
            " store 16@8 store 16@0");
}

TEST(Emission, OtherRangesAreMovedByTheRuntime) {
  for (const char *length : {"0", "129", "-1"})
    EXPECT_EQ(partsOf(copyOf(length)), "") << length;
  EXPECT_EQ(partsOf(copyOf("16", "$shared 0")), "");
  EXPECT_EQ(partsOf(copyOf("16", "0 $shared")), "");
  EXPECT_EQ(partsOf("memory.fill (local.get 0) (i32.const 0) (local.get 1)"),
            "");
  // Where accesses wrap, or may be reordered, ranges trap all the same.
  EmitOptions options;
  options.exactTraps = false;
  EXPECT_EQ(partsOf(copyOf("16"), options), "");
  for (Strategy strategy : {Strategy::mask, Strategy::none}) {
    options = {};
    options.strategy = strategy;
    EXPECT_EQ(partsOf(copyOf("16"), options), "");
  }
}

TEST(Emission, CallsAreNoTailCalls) {
  Emitted emitted("(module (func $f (call $f)))");
  for (llvm::Instruction &inst : instructions(emitted.function("0:f")))
    if (auto *call = dyn_cast<CallInst>(&inst))
      EXPECT_TRUE(call->isNoTailCall());
}

TEST(Emission, ThreeResultsGoThroughABuffer) {
  Emitted emitted(R"((module
    (func $one (result i32) (i32.const 1))
    (func $two (result i32 f64) (i32.const 1) (f64.const 2))
    (func $three (result i32 i32 i32)
      (i32.const 1) (i32.const 2) (i32.const 3))
    (func $use (result i32) (call $three) (i32.add) (i32.add))))");
  EXPECT_EQ(emitted.function("0:one")->arg_size(), 1u);
  EXPECT_TRUE(emitted.function("1:two")->getReturnType()->isStructTy());
  EXPECT_EQ(emitted.function("2:three")->arg_size(), 2u);
  EXPECT_TRUE(emitted.function("2:three")->getReturnType()->isVoidTy());
}

TEST(Emission, CodeAfterABranchIsLeftOut) {
  Emitted emitted(R"((module (func $f (result i32)
    (block (br 0) (drop (i32.const 1)) (loop (br 0)))
    (return (i32.const 2)) (block (unreachable)) (i32.const 3))))");
  ASSERT_NE(emitted.function("0:f"), nullptr);
  EXPECT_LE(emitted.function("0:f")->size(), 4u);
}

TEST(Emission, AllReachableTrapsNameTheirPlace) {
  Emitted emitted(R"((module (memory 1) (func $f (param i32) (result i32)
    (i32.div_u (i32.load (local.get 0)) (local.get 0)))))");
  for (llvm::Instruction &inst : instructions(emitted.function("0:f")))
    if (auto *call = dyn_cast<CallInst>(&inst))
      EXPECT_GT(call->getDebugLoc().getLine(), 0u);
}

TEST(Emission, OnlyDirectCallsHaveTheCheapConvention) {
  Emitted emitted(R"((module
    (table funcref (elem $listed))
    (func $direct)
    (func $listed (call $direct))
    (func $exported (export "e") (call $direct))
    (func $jumps (return_call $target))
    (func $target)))");
  auto convention = [&](StringRef name) {
    return emitted.function(name)->getCallingConv();
  };
  EXPECT_EQ(convention("0:direct"), CallingConv::Fast);
  EXPECT_EQ(convention("1:listed"), CallingConv::Tail);
  EXPECT_EQ(convention("2:exported"), CallingConv::Tail);
  EXPECT_EQ(convention("3:jumps"), CallingConv::Tail);
  EXPECT_EQ(convention("4:target"), CallingConv::Tail);
}

/// Functions of a fixed table that nothing else refers to have it as well, and
/// so have calls of their type through it.
TEST(Emission, PrivateFunctionsOfTablesHaveTheCheapConvention) {
  auto conventions = [](StringRef more, EmitOptions options = {}) {
    options.mostCallees = 0; // called by the table, not by name
    std::string text = (R"((module
      (type $f (func (param i32) (result i32)))
      (table $t funcref (elem $one $other))
      (func $one (type $f) (local.get 0))
      (func $other)
      (func $call (export "call") (type $f)
        (call_indirect $t (type $f) (i32.const 1) (local.get 0))) )" +
                        more + ")")
                           .str();
    Emitted emitted(text, options);
    CallingConv::ID call = CallingConv::C;
    for (const llvm::Instruction &inst :
         instructions(emitted.function("2:call")))
      if (auto *found = dyn_cast<CallInst>(&inst))
        if (found->isIndirectCall())
          call = found->getCallingConv();
    EXPECT_EQ(emitted.function("2:call")->getCallingConv(), CallingConv::Tail);
    EXPECT_EQ(emitted.function("0:one")->getCallingConv(), call);
    return call;
  };
  EXPECT_EQ(conventions(""), CallingConv::Fast);
  // Other types do not matter.
  EXPECT_EQ(conventions(R"((export "other" (func $other)))"),
            CallingConv::Fast);
  EXPECT_EQ(conventions("(func (drop (ref.func $other)))"), CallingConv::Fast);
  // One function of the type does, whatever refers to it.
  for (const char *more :
       {R"((export "one" (func $one)))", "(func (drop (ref.func $one)))",
        "(elem declare func $one)", "(elem func $one)",
        "(global funcref (ref.func $one))",
        "(table $u 1 funcref) (elem (table $u) (i32.const 0) func $one)"
        "(func (table.set $u (i32.const 0) (ref.null func)))",
        "(func (drop (table.get $t (i32.const 0))))",
        "(table $u 1 funcref) (func (table.copy $u $t (i32.const 0)"
        " (i32.const 0) (i32.const 1)))",
        "(func (type $f) (return_call $one (local.get 0)))",
        "(func (type $f) (return_call_indirect (type $f) (i32.const 1)"
        " (i32.const 0)))"})
    EXPECT_EQ(conventions(more), CallingConv::Tail) << more;
  EmitOptions options;
  options.spectre = true; // the table is called through like any other
  EXPECT_EQ(conventions("", options), CallingConv::Tail);
}

/// The functions that a call_indirect becomes direct calls of, in order; "*"
/// for a call through the table.
static std::string calleesOf(StringRef table, StringRef instruction,
                             EmitOptions options = {}) {
  std::string text = R"((module
    (type $f (func (param i32) (result i32)))
    (func $one (type $f) (local.get 0))
    (func $two (type $f) (local.get 0))
    (func $wide (param i64))
    (func $call (type $f) (CALL))
    )";
  text.replace(text.find("CALL"), 4, instruction);
  Emitted emitted(text + table.str() + ")", options);
  std::string found;
  for (const llvm::Instruction &inst : instructions(emitted.function("3:call")))
    if (auto *call = dyn_cast<CallInst>(&inst)) {
      if (call->isIndirectCall())
        found += " *";
      else if (auto *callee = call->getCalledFunction();
               callee && callee->getName().starts_with("app:"))
        found += " " + callee->getName().substr(6).str();
    }
  return found;
}

TEST(Emission, FewFunctionsOfAFixedTableAreCalledByName) {
  const char *call = "call_indirect (type $f) (local.get 0) (local.get 0)";
  auto tableOf = [](StringRef functions) {
    return ("(table funcref (elem " + functions + "))").str();
  };
  EXPECT_EQ(calleesOf(tableOf("$one"), call), " one");
  EXPECT_EQ(calleesOf(tableOf("$wide $one $two"), call), " one two");
  EXPECT_EQ(calleesOf(tableOf("$one $one $two $one"), call),
            " one one two one");
  // Many, and none.
  EXPECT_EQ(calleesOf(tableOf("$one $one $two $one $one"), call), " *");
  EXPECT_EQ(calleesOf(tableOf("$wide"), call), " *");
  EXPECT_EQ(calleesOf(tableOf("$one"),
                      "return_call_indirect (type $f) (local.get 0) "
                      "(local.get 0)"),
            " one");
  // Tables that something changes, or that others see.
  for (const char *more : {"(func (table.set 0 (i32.const 0) (ref.null func)))",
                           "(export \"table\" (table 0))"})
    EXPECT_EQ(calleesOf(tableOf("$one") + more, call), " *") << more;
  EmitOptions options;
  options.mostCallees = 1;
  EXPECT_EQ(calleesOf(tableOf("$one"), call, options), " one");
  EXPECT_EQ(calleesOf(tableOf("$one $two"), call, options), " *");
  options.spectre = true;
  EXPECT_EQ(calleesOf(tableOf("$one"), call, options), " *");
}

/// Whether an access to memory 0 is compared with a constant.
static bool knowsSize(const std::string &fields, EmitOptions options) {
  Emitted emitted(
      "(module " + fields + "(func (drop (i32.load (i32.const 0)))))", options);
  llvm::Function *translate = emitted.module->getFunction("wm_translate");
  EXPECT_TRUE(translate && translate->hasOneUse());
  auto *access = cast<CallInst>(translate->user_back());
  return access->getArgOperand(5) == access->getArgOperand(6);
}

TEST(Emission, MemoriesThatNobodyGrowsHaveAConstantSize) {
  const char *exported = R"((memory (export "memory") 2))";
  const char *grows = "(func (drop (memory.grow (i32.const 0))))";
  EmitOptions options;
  options.strategy = Strategy::check;
  EXPECT_FALSE(knowsSize(exported, options)); // a host may
  options.isProgram = true;
  EXPECT_TRUE(knowsSize(exported, options));
  EXPECT_FALSE(knowsSize(std::string(exported) + grows, options));
  EXPECT_TRUE(knowsSize(std::string(exported) + "(memory $other 1) (func (drop "
                                                "(memory.grow $other "
                                                "(i32.const 0))))",
                        options));
  options.maxMemory = 1 << 20;
  EXPECT_TRUE(knowsSize(exported, options));
  // Who supplies it may have given it to others.
  EXPECT_FALSE(knowsSize(R"((import "env" "memory" (memory 2)))", options));
}
