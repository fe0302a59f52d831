// LLVM's standard pipelines, since guest code is ordinary code once its
// accesses have been translated.
#include "compiler/codegen/optimize.h"
#include "compiler/codegen/bounds_versioning.h"
#include "compiler/codegen/count_down.h"
#include "compiler/codegen/harden_switches.h"
#include "compiler/codegen/index_limits.h"
#include "compiler/codegen/joined_checks.h"
#include "compiler/codegen/keep_quieting.h"
#include "compiler/codegen/known_callees.h"
#include "compiler/codegen/lane_indices.h"
#include "compiler/codegen/loop_strips.h"
#include "compiler/codegen/mixed_widths.h"
#include "compiler/codegen/narrow_ranges.h"
#include "compiler/codegen/near_accesses.h"
#include "compiler/codegen/redundant_checks.h"
#include "compiler/codegen/round_limits.h"
#include "compiler/codegen/scaled_addresses.h"
#include "compiler/codegen/shifted_indices.h"
#include "compiler/codegen/skip_equal.h"
#include "compiler/codegen/static_places.h"
#include "compiler/codegen/symbols.h"
#include "compiler/codegen/target.h"
#include "compiler/codegen/unprivileged.h"
#include "compiler/codegen/widen_vectors.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/PassTimingInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/PGOOptions.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"
#include "llvm/Transforms/Scalar/LoopRotation.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"
#include "llvm/Transforms/Utils/LCSSA.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"

using namespace llvm;
using namespace wasmetal;

static OptimizationLevel levelOf(const CompileOptions &options) {
  if (options.sizeLevel)
    return options.sizeLevel > 1 ? OptimizationLevel::Oz
                                 : OptimizationLevel::Os;
  switch (options.optLevel) {
  case 0:
    return OptimizationLevel::O0;
  case 1:
    return OptimizationLevel::O1;
  case 2:
    return OptimizationLevel::O2;
  default:
    return OptimizationLevel::O3;
  }
}

/// Where nothing is optimised, nothing looks through locals either.
static void keepQuieting(llvm::Module &module, FunctionAnalysisManager &manager,
                         const CompileOptions &options) {
  auto runOnAll = [&](FunctionPassManager passes) {
    for (llvm::Function &function : module)
      if (!function.isDeclaration())
        passes.run(function, manager);
  };
  FunctionPassManager promote, keep;
  if (options.optLevel > 0)
    promote.addPass(SROAPass(SROAOptions::ModifyCFG));
  keep.addPass(KeepQuietingPass());
  runOnAll(std::move(promote));
  runOnAll(std::move(keep));
}

/// Masks against speculation are computed beside the translation, which would
/// be gone.
static bool versionsLoops(const CompileOptions &options) {
  return options.optLevel >= 2 && !options.sizeLevel && !options.emit.spectre;
}

/// What firmware runs on hardly speculates (docs/decisions/0009).
static bool hardensSwitches(const CompileOptions &options) {
  return options.emit.spectre || !options.emit.target->isFirmware();
}

/// Comparing again off the path takes flash; ARMv6-M has room for other limits.
static bool roundsLimits(const CompileOptions &options) {
  Triple triple(options.emit.target->triple);
  bool hasRoom =
      triple.isAArch64() || (options.emit.target->isFirmware() &&
                             triple.getSubArch() != Triple::ARMSubArch_v6m);
  return hasRoom && options.optLevel >= 2 && !options.sizeLevel;
}

/// Until loops have been versioned, a translation may trap and is nothing that
/// LLVM knows more about.
static AttributeList opaqueTranslation(LLVMContext &context) {
  AttrBuilder attributes(context);
  attributes.addAttribute(Attribute::NoInline)
      .addAttribute(Attribute::NoUnwind)
      .addMemoryAttr(MemoryEffects::readOnly());
  return AttributeList::get(context, AttributeList::FunctionIndex, attributes);
}

/// Those of memories that are not shared.
using Translations = SmallVector<llvm::Function *, 2>;

static Translations translationsOf(llvm::Module &module) {
  Translations found;
  for (StringRef name : {"wm_translate", "wm_translate64"})
    if (llvm::Function *function = module.getFunction(name))
      found.push_back(function);
  return found;
}

/// Whether a loop accesses linear memory and calls nothing else: others are not
/// versioned.
static bool mayVersion(const Loop &loop, const Translations &translations) {
  bool accesses = false;
  for (const BasicBlock *block : loop.blocks())
    for (const Instruction &inst : *block) {
      auto *call = dyn_cast<CallBase>(&inst);
      if (!call || isa<IntrinsicInst>(call))
        continue;
      if (!is_contained(translations, call->getCalledFunction()))
        return false;
      accesses = true;
    }
  return accesses;
}

static SmallSetVector<llvm::Function *, 16>
functionsToVersion(const Translations &translations,
                   FunctionAnalysisManager &manager) {
  SmallSetVector<llvm::Function *, 16> found;
  for (llvm::Function *translate : translations)
    for (User *user : translate->users())
      if (auto *call = dyn_cast<CallInst>(user))
        found.insert(call->getFunction());
  found.remove_if([&](llvm::Function *function) {
    auto &loops = manager.getResult<LoopAnalysis>(*function);
    return none_of(loops.getLoopsInPreorder(), [&](const Loop *loop) {
      return mayVersion(*loop, translations);
    });
  });
  return found;
}

static void separateCallees(llvm::Module &module,
                            FunctionAnalysisManager &manager) {
  KnownCalleesPass separate;
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && isGuestCode(function))
      manager.invalidate(function, separate.run(function, manager));
}

static bool isWideTranslation(StringRef name) {
  return name == "wm_translate64" || name == "wm_translate64_shared";
}
static bool isTranslation(StringRef name) {
  return isWideTranslation(name) || name == "wm_translate" ||
         name == "wm_translate_shared";
}

/// Masks against speculation are made for each access as it was emitted.
static Compares comparesOf(const CompileOptions &options) {
  return options.optLevel == 0 || options.emit.spectre
             ? Compares::None
             : infoOf(options.emit.strategy).compares;
}

/// Induction variables are not widened here: that would hide trip counts.
static void versionLoops(llvm::Module &module, FunctionAnalysisManager &manager,
                         const TargetMachine &machine,
                         const CompileOptions &options) {
  Translations translations = translationsOf(module);
  SmallVector<AttributeList, 2> attributes;
  for (llvm::Function *translate : translations) {
    attributes.push_back(translate->getAttributes());
    translate->setAttributes(opaqueTranslation(module.getContext()));
  }
  FunctionPassManager passes;
  passes.addPass(SROAPass(SROAOptions::ModifyCFG));
  passes.addPass(EarlyCSEPass());
  passes.addPass(SimplifyCFGPass());
  passes.addPass(LoopSimplifyPass());
  passes.addPass(LCSSAPass());
  passes.addPass(createFunctionToLoopPassAdaptor(LoopRotatePass()));
  passes.addPass(EarlyCSEPass());
  passes.addPass(InstCombinePass());
  passes.addPass(SimplifyCFGPass());
  passes.addPass(LoopSimplifyPass());
  passes.addPass(LCSSAPass());
  passes.addPass(LaneIndicesPass());
  if (machine.getTargetTriple().getArch() == Triple::x86_64)
    passes.addPass(NarrowRangesPass());
  if (!options.emit.target->isFirmware()) // it takes flash
    passes.addPass(SkipEqualPass());
  // It takes room and time, for loops that are a part of few programs' work.
  bool hasStrips = options.optLevel >= 3 && !options.emit.target->isFirmware();
  passes.addPass(BoundsVersioningPass(hasStrips));
  if (hasStrips) {
    passes.addPass(LoopSimplifyPass());
    passes.addPass(LCSSAPass());
    if (comparesOf(options) == Compares::All)
      passes.addPass(RedundantChecksPass(isTranslation, /*behindLoops=*/true));
    passes.addPass(LoopStripsPass());
  }
  if (machine.getTargetTriple().getArch() == Triple::x86_64)
    passes.addPass(WidenVectorsPass(hasWideVectors(machine) ? 0 : 128));
  passes.addPass(ScaledAddressesPass());
  for (llvm::Function *function : functionsToVersion(translations, manager))
    passes.run(*function, manager);
  for (auto [translate, before] : zip(translations, attributes))
    translate->setAttributes(before);
}

/// What it adds before loops is flash, and time where they are short.
static bool limitsIndices(const CompileOptions &options) {
  return options.optLevel >= 2 && !options.sizeLevel &&
         !options.emit.target->isFirmware();
}

/// The counts of guest code alone.
static std::optional<PGOOptions> profileGuest(llvm::Module &module,
                                              const CompileOptions &options) {
  if (!options.profileGenerate && options.profileUse.empty())
    return std::nullopt;
  for (llvm::Function &function : module)
    if (!isGuestCode(function))
      function.addFnAttr(Attribute::NoProfile);
  return PGOOptions(options.profileUse, "", "", "",
                    options.profileGenerate ? PGOOptions::IRInstr
                                            : PGOOptions::IRUse);
}

static void removeChecks(llvm::Module &module, FunctionAnalysisManager &manager,
                         const CompileOptions &options) {
  Compares compares = comparesOf(options);
  if (compares == Compares::None)
    return;
  NearAccessesPass share(/*isChecked=*/compares == Compares::All);
  RedundantChecksPass remove(compares == Compares::All ? isTranslation
                                                       : isWideTranslation);
  // Where the access itself is what traps, its size is what it is.
  bool joins =
      options.savesFlash() && infoOf(options.emit.strategy).comparesAlone();
  IndexLimitsPass limit(/*isChecked=*/compares == Compares::All);
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      if (joins)
        manager.invalidate(function, JoinedChecksPass().run(function, manager));
      manager.invalidate(function, share.run(function, manager));
      manager.invalidate(function, remove.run(function, manager));
      if (limitsIndices(options))
        manager.invalidate(function, limit.run(function, manager));
    }
}

/// Whatever the level: nothing but the kind of access changes.
static void makeUnprivileged(llvm::Module &module,
                             FunctionAnalysisManager &manager,
                             const CompileOptions &options) {
  if (!infoOf(options.emit.strategy).unprivileged)
    return;
  UnprivilegedPass pass(options.emit.name + ":memory:0");
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && isGuestCode(function))
      manager.invalidate(function, pass.run(function, manager));
}

/// In flash, small code has one call for all traps of a kind in a function: of
/// where it came from, the function is known then.
static void mergeTraps(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &inst : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&inst))
        call->removeFnAttr(Attribute::NoMerge);
}

/// What would be miscompiled is not given to a pass.
static void leaveOutDefects(PassInstrumentationCallbacks &callbacks) {
  callbacks.registerShouldRunOptionalPassCallback([](StringRef pass,
                                                     Any subject) {
    if (pass != "LoopLoadEliminationPass")
      return true;
    auto *function = any_cast<const llvm::Function *>(&subject);
    return !function || !mixesWidths(const_cast<llvm::Function &>(**function));
  });
}

void wasmetal::optimize(llvm::Module &module, TargetMachine &machine,
                        const CompileOptions &options) {
  PassInstrumentationCallbacks callbacks;
  TimePassesHandler timing(options.timePasses);
  timing.setOutStream(errs());
  timing.registerCallbacks(callbacks);
  leaveOutDefects(callbacks);

  PipelineTuningOptions tuning;
  tuning.SLPVectorization = options.optLevel > 1 && options.sizeLevel < 2;
  // Who compiled to WebAssembly has inlined and unrolled already: see
  // docs/decisions/0007.
  constexpr int TinyFunctions = 25;
  if (options.optLevel <= 2)
    tuning.InlinerThreshold = TinyFunctions;
  if (options.optLevel == 1)
    tuning.LoopUnrolling = false;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine, tuning, profileGuest(module, options),
                      &callbacks);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  bool hardens = hardensSwitches(options);
  bool hasWholeTables = options.optLevel >= 2 && !options.sizeLevel;
  builder.registerOptimizerEarlyEPCallback(
      [=](ModulePassManager &manager, OptimizationLevel, ThinOrFullLTOPhase) {
        if (hardens)
          manager.addPass(createModuleToFunctionPassAdaptor(
              HardenSwitchesPass(hasWholeTables)));
      });
  OptimizationLevel level = levelOf(options);
  keepQuieting(module, functions, options);
  if (versionsLoops(options)) {
    separateCallees(module, functions);
    versionLoops(module, functions, machine, options);
  }
  removeChecks(module, functions, options);
  makeUnprivileged(module, functions, options);
  if (options.savesFlash())
    mergeTraps(module);
  ModulePassManager passes = level == OptimizationLevel::O0
                                 ? builder.buildO0DefaultPipeline(level)
                                 : builder.buildPerModuleDefaultPipeline(level);
  if (level == OptimizationLevel::O0)
    passes.addPass(GlobalDCEPass());
  else if (options.emit.staticInstance)
    passes.addPass(StaticPlacesPass());
  if (roundsLimits(options))
    passes.addPass(createModuleToFunctionPassAdaptor(RoundLimitsPass()));
  if (options.optLevel > 0 && machine.getTargetTriple().isX86())
    passes.addPass(createModuleToFunctionPassAdaptor(ShiftedIndicesPass()));
  if (options.savesFlash()) // elsewhere, LLVM finds other counts
    passes.addPass(createModuleToFunctionPassAdaptor(CountDownPass()));
  passes.run(module, modules);
}
