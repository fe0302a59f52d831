// Which loops are versioned.
#include "compiler/codegen/bounds_versioning.h"
#include "compiler/codegen/loop_versions.h"

#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Driver {
public:
  Driver(LoopInfo &loops, DominatorTree &dominators, ScalarEvolution &scev)
      : loops(loops), dominators(dominators), scev(scev) {}
  bool visit(Loop *loop);

private:
  bool mayVersion(Loop *loop);

  LoopInfo &loops;
  DominatorTree &dominators;
  ScalarEvolution &scev;
};

} // namespace

static bool isVolatile(const Instruction &inst) {
  if (auto *load = dyn_cast<LoadInst>(&inst))
    return load->isVolatile();
  auto *store = dyn_cast<StoreInst>(&inst);
  return store && store->isVolatile();
}

/// Whether an access is volatile that is not known by its translation.
static bool isForeign(Instruction &inst, const Loop *loop) {
  if (!isVolatile(inst))
    return false;
  auto *pointer = dyn_cast<Instruction>(getLoadStorePointerOperand(&inst));
  return !pointer || !Translate::match(*pointer) || !loop->contains(pointer);
}

/// A loop of few iterations, which nobody should make copies of.
static bool isLeftAlone(const Loop &loop) {
  return findStringMetadataForLoop(&loop, "llvm.loop.disable_nonforced")
      .has_value();
}

/// Calls keep a loop from being faster without tests, and code is copied.
bool Driver::mayVersion(Loop *loop) {
  constexpr size_t MaxInstructions = 4000;
  if (isLeftAlone(*loop) || !loop->isSafeToClone() ||
      !loop->isRecursivelyLCSSAForm(dominators, loops))
    return false;
  for (Loop *inner : loop->getLoopsInPreorder())
    if (!inner->isLoopSimplifyForm())
      return false;
  size_t count = 0;
  for (BasicBlock *block : loop->blocks()) {
    count += block->size();
    for (Instruction &inst : *block)
      if (isForeign(inst, loop) ||
          (isa<CallBase>(inst) && !isa<IntrinsicInst>(inst) &&
           !Translate::match(inst)))
        return false;
  }
  return count <= MaxInstructions;
}

/// Whether it pays to version a nest of which some accesses keep their checks:
/// in an innermost loop, if they are the fewer ones. It is exact where these
/// checks, and not the accesses behind them, are what traps.
static bool mayLeave(const wasmetal::LoopNest &nest) {
  if (nest.left.empty())
    return true;
  return nest.loop->isInnermost() && nest.accesses.size() >= nest.left.size() &&
         all_of(nest.left, [](const CallInst *translate) {
           return Translate::hasPlainUses(*translate) &&
                  none_of(translate->users(), [](const User *user) {
                    return isVolatile(*cast<Instruction>(user));
                  });
         });
}

static bool hasAccess(const Loop *loop) {
  for (BasicBlock *block : loop->blocks())
    for (Instruction &inst : *block)
      if (Translate::match(inst))
        return true;
  return false;
}

/// The outermost loop that can be described as a whole is what is versioned:
/// its test is made once.
bool Driver::visit(Loop *loop) {
  if (!hasAccess(loop))
    return false;
  if (mayVersion(loop)) {
    LoopNest nest(loop, scev, loops, dominators);
    nest.analyze();
    if (mayLeave(nest) && makeVersions(nest, loops, dominators, scev))
      return true;
  }
  bool changed = false;
  SmallVector<Loop *, 8> inside(loop->begin(), loop->end());
  for (Loop *inner : inside)
    changed |= visit(inner);
  return changed;
}

/// -2^m ^ x is -2^m - x where the low m bits of x are zero, which LLVM made it
/// of; ScalarEvolution knows the subtraction alone.
static bool restoreSubtractions(llvm::Function &function,
                                const DominatorTree &dominators,
                                ScalarEvolution &scev) {
  using namespace PatternMatch;
  bool changed = false;
  for (BasicBlock &block : function)
    for (Instruction &inst : make_early_inc_range(block)) {
      Value *value;
      const APInt *constant;
      if (!match(&inst, m_Xor(m_Value(value), m_APInt(constant))) ||
          !constant->isNegatedPowerOf2() || constant->isAllOnes() ||
          !MaskedValueIsZero(value, ~*constant,
                             SimplifyQuery(function.getDataLayout(),
                                           &dominators, nullptr, &inst)))
        continue;
      IRBuilder<> builder(&inst);
      Value *difference =
          builder.CreateSub(ConstantInt::get(inst.getType(), *constant), value);
      scev.forgetValue(&inst);
      inst.replaceAllUsesWith(difference);
      inst.eraseFromParent();
      changed = true;
    }
  return changed;
}

PreservedAnalyses BoundsVersioningPass::run(llvm::Function &function,
                                            FunctionAnalysisManager &manager) {
  auto &loops = manager.getResult<LoopAnalysis>(function);
  if (loops.empty())
    return PreservedAnalyses::all();
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  auto &scev = manager.getResult<ScalarEvolutionAnalysis>(function);
  bool changed = restoreSubtractions(function, dominators, scev);
  Driver driver(loops, dominators, scev);
  SmallVector<Loop *, 8> outermost(loops.begin(), loops.end());
  for (Loop *loop : outermost)
    changed |= driver.visit(loop);
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
