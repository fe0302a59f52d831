// The transformation. The original loops become the fast copy, whose accesses
// are plain and made of 64-bit numbers: a pointer to the row, made before the
// loop, and the loop's own iteration number (loop_rows.cpp). The sandbox rests
// on these files and on loop_nest.cpp.
#include "compiler/codegen/loop_versions.h"
#include "compiler/codegen/loop_copy.h"
#include "compiler/codegen/loop_rows.h"
#include "compiler/codegen/reroll.h"
#include "compiler/codegen/searches.h"
#include "compiler/codegen/store_order.h"
#include "compiler/codegen/version_test.h"

#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Versioner {
public:
  Versioner(LoopNest &nest, LoopInfo &loops, DominatorTree &dominators,
            ScalarEvolution &scev)
      : nest(nest), loop(nest.loop), loops(loops), dominators(dominators),
        scev(scev), expander(scev, "row"),
        i64(Type::getInt64Ty(scev.getContext())),
        number(loop->getHeader()->getDataLayout().getIntPtrType(
            scev.getContext())),
        isWide(number == i64), faults(nest.leavesFaults()),
        test(nest, scev, expander, number),
        rows(nest, test, loops, expander, number) {}

  /// False, and nothing has changed, where versions cannot be made.
  bool run(size_t maxTests);

private:
  void countLoops();
  void addSlowCopy(Value *holds);
  void moveExits(Loop *slow, BasicBlock *before);
  const SCEV *inNumbers(const SCEV *value, const Loop *inner);
  void computeResults(Loop *inner, const SCEV *count);
  Value *boundLast(const Loop *inner, Value *last);
  Value *lastNumber(Loop *inner, const SCEV *count);
  ICmpInst *leaveAt(const Loop *inner, BasicBlock *exiting, Value *last);
  void setExit(Loop *inner, const SCEV *count);
  void widenSearch(Loop *inner, const SCEV *count);
  void makePlain(const Access &access);
  void alignLoops();

  LoopNest &nest;
  Loop *loop;
  LoopInfo &loops;
  DominatorTree &dominators;
  ScalarEvolution &scev;
  SCEVExpander expander;
  Type *i64;
  Type *number;        // of the fast copy: as wide as pointers
  bool isWide;         // what 32 bits count may wrap: no flags
  bool stores = false; // where a fault would have been the trap
  const bool faults;   // an access that is left may

  VersionTest test;
  LoopRows rows;
  LoopRows::Counts counts;
  SmallVector<std::pair<Loop *, const SCEV *>, 2> searches;
  SmallVector<CountedLoop, 8> counted;
};

} // namespace

/// Finds the exact counts of loops with one exit, and those of searches.
void Versioner::countLoops() {
  for (Loop *inner : loop->getLoopsInPreorder()) {
    if (isWide && nest.left.empty())
      if (const SCEV *count = searchCount(*inner, scev))
        searches.push_back({inner, count});
    BasicBlock *exiting = inner->getExitingBlock();
    if (!exiting || !isa<BranchInst>(exiting->getTerminator()) ||
        loops.getLoopFor(exiting) != inner)
      continue;
    // An iteration's number, times the copies of a body, has 64 bits.
    if (const SCEV *count = nest.count(inner))
      counts.push_back({inner, count});
  }
}

//===-- The copies --------------------------------------------------------===//

/// Both copies leave to the same places.
void Versioner::moveExits(Loop *slow, BasicBlock *before) {
  for (BasicBlock *block : loop->blocks()) {
    SmallVector<DomTreeNode *, 4> outside;
    for (DomTreeNode *child : dominators.getNode(block)->children())
      if (!loop->contains(child->getBlock()))
        outside.push_back(child);
    for (DomTreeNode *node : outside)
      dominators.changeImmediateDominator(node, dominators.getNode(before));
  }
  for (Loop *copy : {loop, slow})
    formDedicatedExitBlocks(copy, &dominators, &loops, nullptr,
                            /*PreserveLCSSA=*/true);
  if (Loop *outermost = loop->getParentLoop()) {
    while (Loop *parent = outermost->getParentLoop())
      outermost = parent;
    formLCSSARecursively(*outermost, dominators, &loops, &scev);
  }
}

/// LLVM makes vectors of what stands side by side, beginning where both copies'
/// results meet. What the slow copy cannot be part of, the fast one would lose.
static void fenceResults(const Loop &copy) {
  SmallVector<BasicBlock *, 4> exits;
  copy.getUniqueExitBlocks(exits);
  for (BasicBlock *exit : exits)
    for (PHINode &result : exit->phis()) {
      if (!result.getType()->isFloatingPointTy())
        continue;
      IRBuilder<> builder(exit, exit->getFirstInsertionPt());
      auto *fence = cast<Instruction>(
          builder.CreateArithmeticFence(&result, result.getType(), "result"));
      result.replaceUsesWithIf(
          fence, [&](Use &use) { return use.getUser() != fence; });
    }
}

void Versioner::addSlowCopy(Value *holds) {
  BasicBlock *before = loop->getLoopPreheader();
  BasicBlock *fast = SplitBlock(before, before->getTerminator(), &dominators,
                                &loops, nullptr, "fast");
  ValueToValueMapTy clones;
  Loop *slow =
      copyLoop(*loop, fast, before, ".slow", clones, loops, dominators);
  Instruction *end = before->getTerminator();
  IRBuilder<> builder(end);
  MDBuilder weights(builder.getContext());
  builder.CreateCondBr(builder.CreateFreeze(holds, "in.bounds"), fast,
                       slow->getLoopPreheader(),
                       weights.createLikelyBranchWeights());
  end->eraseFromParent();
  for (Loop *inner : slow->getLoopsInPreorder())
    addStringMetadataToLoop(inner, "llvm.loop.disable_nonforced", 1);
  moveExits(slow, before);
  if (isWide)
    for (const Loop *copy : {loop, slow})
      fenceResults(*copy);
}

/// What `value` is before the loop, by the numbers of those around it.
const SCEV *Versioner::inNumbers(const SCEV *value, const Loop *inner) {
  if (scev.isLoopInvariant(value, loop))
    return value;
  LoopToScevMapT numbers;
  for (const Loop *outer = inner; outer != loop;) {
    outer = outer->getParentLoop();
    numbers[outer] = scev.getUnknown(rows.counter(outer));
  }
  return SCEVLoopAddRecRewriter::rewrite(value, numbers, scev);
}

/// What is needed of a recurrence behind the loop is computed before it.
void Versioner::computeResults(Loop *inner, const SCEV *count) {
  Instruction *before = inner->getLoopPreheader()->getTerminator();
  for (BasicBlock *block : inner->blocks())
    for (Instruction &inst : *block) {
      SmallVector<Use *, 2> results;
      for (Use &use : inst.uses())
        if (!inner->contains(cast<Instruction>(use.getUser())))
          results.push_back(&use);
      if (results.empty() || !inst.getType()->isIntegerTy())
        continue;
      auto *recurrence = dyn_cast<SCEVAddRecExpr>(scev.getSCEV(&inst));
      if (!recurrence || recurrence->getLoop() != inner ||
          !recurrence->isAffine())
        continue;
      const SCEV *result =
          inNumbers(recurrence->evaluateAtIteration(count, scev), inner);
      if (!expander.isSafeToExpandAt(result, before))
        continue;
      Value *value = expander.expandCodeFor(result, inst.getType(), before);
      for (Use *use : results)
        use->set(value);
    }
}

/// LLVM unrolls what runs a few times at most by as much, not by more: it has
/// to see that bound, which may follow from several ways to the loop.
Value *Versioner::boundLast(const Loop *inner, Value *last) {
  constexpr uint64_t Few = 8;
  std::optional<uint64_t> most = nest.mostIterations(inner);
  if (!most || !*most || *most > Few || isa<Constant>(last))
    return last;
  IRBuilder<> builder(inner->getLoopPreheader()->getTerminator());
  return builder.CreateBinaryIntrinsic(Intrinsic::umin, last,
                                       ConstantInt::get(number, *most - 1));
}

/// Of the loop's last iteration, computed before it; null where that cannot be.
Value *Versioner::lastNumber(Loop *inner, const SCEV *count) {
  Instruction *before = inner->getLoopPreheader()->getTerminator();
  count = scev.getTruncateOrZeroExtend(inNumbers(count, inner), number);
  if (!expander.isSafeToExpandAt(count, before))
    return nullptr;
  return boundLast(inner, expander.expandCodeFor(count, number, before));
}

/// Leaves the loop by its iteration number, which LLVM can count.
ICmpInst *Versioner::leaveAt(const Loop *inner, BasicBlock *exiting,
                             Value *last) {
  auto *branch = cast<BranchInst>(exiting->getTerminator());
  bool leavesIfTrue = !inner->contains(branch->getSuccessor(0));
  auto *exit =
      new ICmpInst(branch->getIterator(),
                   leavesIfTrue ? ICmpInst::ICMP_EQ : ICmpInst::ICMP_NE,
                   rows.counter(inner), last, "done");
  branch->setCondition(exit);
  return exit;
}

void Versioner::setExit(Loop *inner, const SCEV *count) {
  if (inner->isInnermost())
    computeResults(inner, count);
  Value *last = lastNumber(inner, count);
  if (!last)
    return;
  ICmpInst *exit = leaveAt(inner, inner->getExitingBlock(), last);
  counted.push_back({inner, rows.counter(inner), exit, last});
}

//===-- The fast copy's accesses ------------------------------------------===//

/// All that a search might load was tested for: LLVM may load it beforehand.
void Versioner::widenSearch(Loop *inner, const SCEV *count) {
  Value *last = lastNumber(inner, count);
  if (!last)
    return;
  leaveAt(inner, inner->getLoopLatch(), last);
  rows.assumeReadable(inner, last);
}

void Versioner::makePlain(const Access &access) {
  CallInst *translate = access.translate;
  Value *pointer = rows.pointerTo(access);
  Align alignment = test.isAligned(access) ? Align(WordSize) : Align(1);
  for (User *user : translate->users()) {
    if (auto *load = dyn_cast<LoadInst>(user)) {
      load->setVolatile(false);
      load->setAlignment(std::max(load->getAlign(), alignment));
    } else {
      auto *store = cast<StoreInst>(user);
      if (!faults) {
        stores |= store->isVolatile();
        store->setVolatile(false);
      }
      store->setAlignment(std::max(store->getAlign(), alignment));
    }
  }
  translate->replaceAllUsesWith(pointer);
  translate->eraseFromParent();
}

/// What is small should be in one line of the cache, with its branches, where
/// one instruction fills what is left of another line.
void Versioner::alignLoops() {
  constexpr unsigned CacheLine = 64;
  if (!loop->getHeader()->getModule()->getTargetTriple().isX86())
    return;
  for (Loop *inner : loop->getLoopsInPreorder())
    if (inner->isInnermost())
      addStringMetadataToLoop(inner, "llvm.loop.align", CacheLine);
}

bool Versioner::run(size_t maxTests) {
  if (!test.collect(maxTests))
    return false;
  countLoops();
  if (Value *holds = test.emit())
    addSlowCopy(holds);
  for (Access &access : nest.accesses)
    for (auto &[leaf, factor] : access.address.leaves)
      leaf = inNumbers(leaf, access.loop);
  rows.prepare(counts);
  for (auto &[inner, count] : counts)
    setExit(inner, count);
  for (const Access &access : nest.accesses)
    makePlain(access);
  for (auto &[inner, count] : searches)
    widenSearch(inner, count);
  if (stores)
    keepStoresIn(*loop);
  // Flags that hold where a value was found need not hold where it is tested.
  for (Instruction *inst : expander.getAllInsertedInstructions())
    inst->dropPoisonGeneratingAnnotations();
  if (isWide) { // what it is for, vectors and caches, the others do not have
    for (const CountedLoop &inner : counted)
      reroll(inner);
    alignLoops();
  }
  scev.forgetAllLoops();
  return true;
}

bool wasmetal::makeVersions(wasmetal::LoopNest &nest, size_t maxTests,
                            LoopInfo &loops, DominatorTree &dominators,
                            ScalarEvolution &scev) {
  return Versioner(nest, loops, dominators, scev).run(maxTests);
}
