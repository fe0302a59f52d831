// LLVM's standard pipelines, since guest code is ordinary code once its
// accesses have been translated.
#include "compiler/codegen/optimize.h"
#include "compiler/codegen/harden_switches.h"

#include "llvm/IR/PassTimingInfo.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"

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

void wasmetal::optimize(llvm::Module &module, TargetMachine &machine,
                        const CompileOptions &options) {
  PassInstrumentationCallbacks callbacks;
  TimePassesHandler timing(options.timePasses);
  timing.setOutStream(errs());
  timing.registerCallbacks(callbacks);

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
  PassBuilder builder(&machine, tuning, std::nullopt, &callbacks);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);

  builder.registerOptimizerEarlyEPCallback([](ModulePassManager &manager,
                                              OptimizationLevel,
                                              ThinOrFullLTOPhase) {
    manager.addPass(createModuleToFunctionPassAdaptor(HardenSwitchesPass()));
  });
  OptimizationLevel level = levelOf(options);
  ModulePassManager passes = level == OptimizationLevel::O0
                                 ? builder.buildO0DefaultPipeline(level)
                                 : builder.buildPerModuleDefaultPipeline(level);
  if (level == OptimizationLevel::O0)
    passes.addPass(GlobalDCEPass());
  passes.run(module, modules);
}
