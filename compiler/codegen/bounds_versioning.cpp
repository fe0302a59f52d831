// Which loops are versioned.
#include "compiler/codegen/bounds_versioning.h"
#include "compiler/codegen/loop_remarks.h"
#include "compiler/codegen/loop_versions.h"
#include "compiler/codegen/strip_plan.h"
#include "compiler/codegen/unrolled_starts.h"

#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Driver {
public:
  Driver(llvm::Function &function, LoopInfo &loops, DominatorTree &dominators,
         ScalarEvolution &scev, bool hasStrips)
      : loops(loops), dominators(dominators), scev(scev), hasStrips(hasStrips),
        remarks(&function) {}
  bool visit(Loop *loop);

private:
  const char *obstacle(Loop *loop);
  std::string whyNot(Loop *loop);

  LoopInfo &loops;
  DominatorTree &dominators;
  ScalarEvolution &scev;
  bool hasStrips;
  OptimizationRemarkEmitter remarks;
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
  return !pointer || !Translate::matchAny(*pointer) || !loop->contains(pointer);
}

/// A loop of few iterations, which nobody should make copies of.
static bool isLeftAlone(const Loop &loop) {
  return findStringMetadataForLoop(&loop, "llvm.loop.disable_nonforced")
      .has_value();
}

/// Calls keep a loop from being faster without tests, and code is copied.
const char *Driver::obstacle(Loop *loop) {
  constexpr size_t MaxInstructions = 4000;
  if (isLeftAlone(*loop))
    return "few iterations";
  if (!loop->isSafeToClone() ||
      !loop->isRecursivelyLCSSAForm(dominators, loops) ||
      any_of(loop->getLoopsInPreorder(),
             [](const Loop *inner) { return !inner->isLoopSimplifyForm(); }))
    return "unusual control flow";
  size_t count = 0;
  for (BasicBlock *block : loop->blocks()) {
    count += block->size();
    for (Instruction &inst : *block) {
      if (isForeign(inst, loop))
        return "a volatile access of another kind";
      if (isa<CallBase>(inst) && !isa<IntrinsicInst>(inst) &&
          !Translate::matchAny(inst))
        return "a call";
    }
  }
  return count <= MaxInstructions ? nullptr : "too large";
}

/// Whether it pays to version a nest of which some accesses stay what they are:
/// in an innermost loop, if they are the fewer ones.
static bool mayLeave(const wasmetal::LoopNest &nest) {
  if (nest.left.empty())
    return true;
  return nest.loop->isInnermost() && nest.accesses.size() >= nest.left.size() &&
         all_of(nest.left, [](const CallInst *translate) {
           return Translate::hasPlainUses(*translate);
         });
}

/// Whether an innermost loop may be left early for what it finds in memory, so
/// that it is not vectorised. Such loops search and compare, mostly in a few
/// iterations.
static bool isSearch(const Loop *loop, ScalarEvolution &scev) {
  SmallVector<BasicBlock *, 4> exiting;
  loop->getExitingBlocks(exiting);
  return loop->isInnermost() && exiting.size() > 1 &&
         any_of(exiting, [&](const BasicBlock *block) {
           return isa<SCEVCouldNotCompute>(scev.getExitCount(loop, block));
         });
}

/// Versions a loop; else says what stands in the way.
std::string Driver::whyNot(Loop *loop) {
  if (const char *reason = obstacle(loop))
    return reason;
  LoopNest nest(loop, scev, loops, dominators);
  nest.analyze();
  if (!mayLeave(nest))
    return formatv("{0} of {1} accesses are not described", nest.left.size(),
                   nest.left.size() + nest.accesses.size());
  bool mayBeStrips = hasStrips && planStrips(*loop, scev, dominators);
  if (mayBeStrips && !nest.left.empty())
    return formatv("{0} accesses would keep their checks", nest.left.size());
  // An iteration's worth of tests is as much as a search can win back, unless
  // it has checks to lose, and nothing else takes them away.
  constexpr size_t MaxTests = 64;
  bool mustBeCheap = (isSearch(loop, scev) || !nest.left.empty()) &&
                     (nest.trapsByFault || mayBeStrips);
  size_t maxTests = mustBeCheap ? nest.accesses.size() : MaxTests;
  if (!makeVersions(nest, maxTests, loops, dominators, scev))
    return "the test cannot be made, takes too long, or never holds";
  return "";
}

/// The outermost loop that can be described as a whole is what is versioned:
/// its test is made once.
bool Driver::visit(Loop *loop) {
  // Before anything is changed.
  std::string place = placeOf(*loop);
  if (place.empty())
    return false;
  BasicBlock *header = loop->getHeader();
  std::string reason = whyNot(loop);
  if (reason.empty()) {
    remarks.emit([&] {
      return OptimizationRemark(BoundsVersioningPass::Remarks.data(),
                                "Versioned", DebugLoc(), header)
             << place << ": versioned";
    });
    return true;
  }
  remarks.emit([&] {
    return OptimizationRemarkMissed(BoundsVersioningPass::Remarks.data(),
                                    "NotVersioned", DebugLoc(), header)
           << place << ": not versioned: " << reason;
  });
  bool changed = false;
  SmallVector<Loop *, 8> inside(loop->begin(), loop->end());
  for (Loop *inner : inside)
    changed |= visit(inner);
  return changed;
}

/// c ^ x is c - x where x has no bit that c lacks, which LLVM made it of;
/// ScalarEvolution knows the subtraction alone.
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
          !constant->isNegative() || constant->isAllOnes() ||
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
  changed |= restoreStarts(function, loops, dominators, scev);
  Driver driver(function, loops, dominators, scev, hasStrips);
  // In the order of the program, the other way round than they are listed: what
  // ScalarEvolution knows on entry of a loop, it looks for on the way there.
  SmallVector<Loop *, 8> outermost(loops.rbegin(), loops.rend());
  for (Loop *loop : outermost)
    changed |= driver.visit(loop);
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
