// A sort compares by a function that its caller has chosen. Where a fixed table
// leaves few that it can be, the front end has a direct call for each, and asks
// for the small ones to be inlined. But a loop with calls is not versioned, and
// one in which each iteration chooses again is slow: here it becomes a loop for
// each callee, before which the choice is made once.
// docs/decisions/0015-bounds-versioning.md
#include "compiler/codegen/known_callees.h"
#include "compiler/codegen/loop_copy.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace wasmetal;

/// Whether the front end has asked for this one to be inlined.
static bool isChosen(const CallBase &call) {
  return call.getAttributes().hasFnAttr(Attribute::AlwaysInline);
}

/// Whether this selects among calls that are to be inlined, and nothing else.
static bool selectsCallees(const SwitchInst &inst, const Loop &loop) {
  constexpr unsigned MostCallees = 4;
  return inst.getNumCases() <= MostCallees &&
         loop.isLoopInvariant(inst.getCondition()) &&
         !loop.contains(inst.getDefaultDest()) &&
         all_of(inst.cases(), [&](const auto &one) {
           const BasicBlock *block = one.getCaseSuccessor();
           return block->getSinglePredecessor() == inst.getParent() &&
                  any_of(*block, [](const llvm::Instruction &inside) {
                    auto *call = dyn_cast<CallBase>(&inside);
                    return call && isChosen(*call);
                  });
         });
}

/// What selects the only callees of a small innermost loop, if it does not
/// vary.
static SwitchInst *choiceIn(const Loop &loop) {
  constexpr size_t MaxInstructions = 200;
  if (!loop.isInnermost() || !loop.isSafeToClone())
    return nullptr;
  SwitchInst *choice = nullptr;
  size_t count = 0;
  for (BasicBlock *block : loop.blocks()) {
    count += block->size();
    for (llvm::Instruction &inst : *block)
      if (auto *call = dyn_cast<CallBase>(&inst);
          call && !isa<IntrinsicInst>(call) && !isChosen(*call) &&
          !Translate::matchAny(inst))
        return nullptr;
    auto *inst = dyn_cast<SwitchInst>(block->getTerminator());
    if (!inst || !selectsCallees(*inst, loop))
      continue;
    if (choice)
      return nullptr;
    choice = inst;
  }
  return count <= MaxInstructions ? choice : nullptr;
}

/// Leaves one of the ways that a switch may go.
static void always(SwitchInst &inst, BasicBlock *way) {
  BasicBlock *block = inst.getParent();
  bool isKept = false;
  for (BasicBlock *successor : successors(block)) {
    if (successor == way && !isKept)
      isKept = true;
    else
      successor->removePredecessor(block);
  }
  IRBuilder<>(&inst).CreateBr(way);
  inst.eraseFromParent();
}

/// A loop for each case; none is left for the others, which trap.
static void makeLoops(Loop &loop, SwitchInst &choice, LoopInfo &loops,
                      DominatorTree &dominators) {
  BasicBlock *before = loop.getLoopPreheader();
  BasicBlock *others = SplitBlock(before, before->getTerminator(), &dominators,
                                  &loops, nullptr, "others");
  llvm::Instruction *end = before->getTerminator();
  IRBuilder<> builder(end);
  // It may stand where the value was not needed.
  SwitchInst *first =
      builder.CreateSwitch(builder.CreateFreeze(choice.getCondition()), others,
                           choice.getNumCases());
  for (const auto &one : choice.cases()) {
    ValueToValueMapTy clones;
    Loop *copy =
        copyLoop(loop, others, before, ".callee", clones, loops, dominators);
    always(*cast<SwitchInst>(clones.lookup(&choice)),
           cast<BasicBlock>(clones.lookup(one.getCaseSuccessor())));
    first->addCase(one.getCaseValue(), copy->getLoopPreheader());
  }
  end->eraseFromParent();
  always(choice, choice.getDefaultDest());
}

/// Brings loops into form. One that comes back on several ways may become two.
static void simplify(llvm::Function &function, FunctionAnalysisManager &manager,
                     LoopInfo &loops, DominatorTree &dominators) {
  auto &assumptions = manager.getResult<AssumptionAnalysis>(function);
  SmallVector<Loop *, 8> outermost(loops.begin(), loops.end());
  for (Loop *loop : outermost)
    simplifyLoop(loop, &dominators, &loops, nullptr, &assumptions, nullptr,
                 /*PreserveLCSSA=*/false);
}

/// False where there is no such loop; what changes is told.
static bool makeLoopsOfOne(llvm::Function &function,
                           FunctionAnalysisManager &manager, bool &changed) {
  auto &loops = manager.getResult<LoopAnalysis>(function);
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  auto hasChoice = [](const Loop *loop) { return choiceIn(*loop); };
  if (none_of(loops.getLoopsInPreorder(), hasChoice))
    return false;
  changed = true;
  simplify(function, manager, loops, dominators);
  for (Loop *loop : loops.getLoopsInPreorder())
    if (SwitchInst *choice = choiceIn(*loop);
        choice && loop->isLoopSimplifyForm()) {
      formLCSSARecursively(*loop, dominators, &loops, nullptr);
      makeLoops(*loop, *choice, loops, dominators);
      return true;
    }
  return false;
}

/// Of the copies, and of all else that the front end has asked for.
static void inlineChosen(llvm::Function &function) {
  SmallVector<CallBase *, 4> chosen;
  for (llvm::Instruction &inst : instructions(function))
    if (auto *call = dyn_cast<CallBase>(&inst); call && isChosen(*call))
      chosen.push_back(call);
  for (CallBase *call : chosen) {
    InlineFunctionInfo info;
    InlineFunction(*call, info, /*MergeAttributes=*/true);
  }
}

PreservedAnalyses
wasmetal::KnownCalleesPass::run(llvm::Function &function,
                                FunctionAnalysisManager &manager) {
  constexpr unsigned MostLoops = 8;
  bool changed = false;
  for (unsigned i = 0;
       i < MostLoops && makeLoopsOfOne(function, manager, changed); ++i) {
    removeUnreachableBlocks(function);
    manager.invalidate(function, PreservedAnalyses::none());
  }
  if (changed)
    inlineChosen(function);
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
