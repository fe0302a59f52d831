// In an image there is one instance of each module, whose descriptor, records
// and store are objects with values. A program has no host: nobody but its own
// code looks at them, so that what starts a program of any kind becomes what
// starts this one. No pass knows of instances; they fold away step by step, as
// one round's constants let the next one see which fields are read, written, or
// neither.
#include "compiler/codegen/optimize_image.h"
#include "compiler/codegen/known_fields.h"
#include "compiler/codegen/symbols.h"

#include "llvm/Analysis/InlineCost.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/IPO/DeadArgumentElimination.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/GlobalOpt.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/IPO/SCCP.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LowerAtomicPass.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace wasmetal;

/// The port's library calls these by name, and so does text.
static bool isCalledFromOutside(const llvm::GlobalValue &value) {
  StringRef name = value.getName();
  return name == "main" || name == "wm_handle_fault" ||
         name == "wm_stack_check" || name == "wm_stack_exhausted" ||
         isRoundingLibcall(name);
}

/// Those that ask where they were called from stay what they are.
static bool asksForCaller(const llvm::Function &function) {
  return any_of(instructions(function), [](const Instruction &inst) {
    auto *call = dyn_cast<IntrinsicInst>(&inst);
    return call && call->getIntrinsicID() == Intrinsic::returnaddress;
  });
}

/// The one call of a function, if there is no other use of it.
static CallInst *onlyCall(llvm::Function &function) {
  if (!function.hasLocalLinkage() || !function.hasOneUse())
    return nullptr;
  auto *call = dyn_cast<CallInst>(function.user_back());
  return call && call->getCalledFunction() == &function ? call : nullptr;
}

/// The runtime's functions that have one caller become part of it. Never of the
/// guest's code, which may be left at any instruction.
static void inlineSingleCalls(llvm::Module &module) {
  for (llvm::Function &function : make_early_inc_range(module)) {
    CallInst *call = onlyCall(function);
    if (!call || isGuestCode(function) || isGuestCode(*call->getFunction()) ||
        call->getFunction() == &function ||
        function.hasFnAttribute(Attribute::NoInline) ||
        function.hasFnAttribute(Attribute::Naked) ||
        function.hasFnAttribute(Attribute::OptimizeNone) ||
        !isInlineViable(function).isSuccess() || asksForCaller(function))
      continue;
    InlineFunctionInfo info;
    if (InlineFunction(*call, info).isSuccess())
      function.eraseFromParent();
  }
}

/// Whether a call of the function is no smaller than what it does: nothing, or
/// one other call. Such are adapters of what needs none, and what the runtime
/// has for objects that nobody reads.
static bool isTrivial(const llvm::Function &function) {
  if (function.isDeclaration() || !function.hasLocalLinkage() ||
      function.size() != 1 || function.hasFnAttribute(Attribute::NoInline) ||
      function.hasFnAttribute(Attribute::Naked) ||
      function.hasFnAttribute(Attribute::OptimizeNone))
    return false;
  const BasicBlock &body = function.front();
  if (!isa<ReturnInst>(body.getTerminator()) || body.size() > 2)
    return false;
  if (body.size() == 1)
    return function.getReturnType()->isVoidTy();
  auto *call = dyn_cast<CallInst>(&body.front());
  const llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
  return callee && callee != &function && !callee->isIntrinsic();
}

/// Of guest code too, which nothing but a call becomes part of.
static void inlineTrivialCalls(llvm::Module &module) {
  for (llvm::Function &function : module) {
    if (!isTrivial(function))
      continue;
    for (User *user : make_early_inc_range(function.users())) {
      auto *call = dyn_cast<CallInst>(user);
      if (!call || call->getCalledFunction() != &function)
        continue;
      InlineFunctionInfo info;
      InlineFunction(*call, info);
    }
  }
}

/// What instantiation stores first are initial values: it runs once, and before
/// it nobody reads or writes what is the guest's.
static void foldInitialStores(llvm::Function &start) {
  for (llvm::Instruction &inst : make_early_inc_range(start.front())) {
    auto *store = dyn_cast<StoreInst>(&inst);
    auto *value =
        store ? dyn_cast<Constant>(store->getValueOperand()) : nullptr;
    auto *object =
        store ? dyn_cast<GlobalVariable>(store->getPointerOperand()) : nullptr;
    if (!value || !store->isSimple() || !object || !object->hasLocalLinkage() ||
        object->isConstant() || object->getValueType() != value->getType())
      return;
    object->setInitializer(value);
    store->eraseFromParent();
  }
}

static uint64_t sizeOf(const llvm::Module &module) {
  return module.getInstructionCount() + module.size() + module.global_size();
}

/// Which module and which store an instance has is so as long as it lives.
static ConstantHeader headerOf(const llvm::Module &module, StringRef name) {
  return {module.getNamedGlobal((name + ":instance").str()),
          2 * module.getDataLayout().getPointerSize()};
}

void wasmetal::optimizeImage(llvm::Module &module, TargetMachine &machine,
                             StringRef name, bool isProgram) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  if (isProgram) {
    internalizeModule(module, isCalledFromOutside);
    // One thread, and nothing that interrupts it looks at its objects.
    for (llvm::Function &function : module)
      if (!function.isDeclaration())
        LowerAtomicPass().run(function, functions);
  }
  ModulePassManager always;
  always.addPass(AlwaysInlinerPass());
  always.run(module, modules);
  constexpr int MostRounds = 10;
  for (int round = 0; round < MostRounds; ++round) {
    uint64_t before = sizeOf(module);
    inlineSingleCalls(module);
    if (isProgram) {
      inlineTrivialCalls(module);
      if (llvm::Function *start = module.getFunction((name + ":start").str()))
        foldInitialStores(*start);
    }
    functions.clear();
    modules.clear();
    ModulePassManager constants;
    constants.addPass(GlobalOptPass());
    constants.addPass(IPSCCPPass());
    constants.run(module, modules);
    functions.clear();
    FunctionPassManager simplify;
    simplify.addPass(SROAPass(SROAOptions::ModifyCFG));
    simplify.addPass(EarlyCSEPass());
    simplify.addPass(InstCombinePass());
    simplify.addPass(SimplifyCFGPass());
    std::string adapters = (name + ":import:").str();
    for (llvm::Function &function : module)
      if (!function.isDeclaration() &&
          (!isGuestCode(function) || function.getName().starts_with(adapters)))
        simplify.run(function, functions);
    functions.clear();
    modules.clear();
    ModulePassManager rest;
    rest.addPass(DeadArgumentEliminationPass());
    rest.addPass(GlobalOptPass());
    rest.addPass(GlobalDCEPass());
    rest.run(module, modules);
    if (!foldKnownFields(module, headerOf(module, name)) &&
        sizeOf(module) == before)
      break;
  }
  ModulePassManager rest;
  rest.addPass(GlobalOptPass());
  rest.addPass(GlobalDCEPass());
  rest.run(module, modules);
}
