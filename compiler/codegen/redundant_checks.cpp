// One walk down the dominator tree. What it finds, LLVM would find too, one
// branch and one block later for each check, in code that is larger by then.
// docs/decisions/0019-redundant-checks.md
#include "compiler/codegen/redundant_checks.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/preserved.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// What is in bounds of an address, up to this distance, below a block.
struct Known {
  const BasicBlock *block;
  uint64_t end;
};

/// A memory's base, which no other memory of the function has, and an address.
using Place = std::pair<const Value *, const Value *>;

class Walk {
public:
  Walk(const DominatorTree &dominators, const SimplifyQuery &query,
       bool behindLoops)
      : dominators(dominators), query(query), behindLoops(behindLoops) {}

  bool isRedundant(const CallInst &check);

private:
  const DominatorTree &dominators;
  SimplifyQuery query;
  bool behindLoops;
  /// From the outermost block to the innermost one, ends ascending.
  DenseMap<Place, SmallVector<Known, 2>> known;
};

} // namespace

static uint64_t constantOperand(const CallInst &check, unsigned operand) {
  return cast<ConstantInt>(check.getArgOperand(operand))->getZExtValue();
}

/// What a value is behind the loop that it comes from.
static const Value *leftWith(const Value *value) {
  auto *phi = dyn_cast<PHINode>(value);
  return phi && phi->getNumIncomingValues() == 1 ? phi->getIncomingValue(0)
                                                 : nullptr;
}

/// The address as the guest computed it: each access widens its own.
static const Value *addressOf(const CallInst &check, bool &isBehindLoop) {
  const Value *address = check.getArgOperand(Translate::Address);
  for (;;) {
    const Value *inside = leftWith(address);
    isBehindLoop |= inside != nullptr;
    if (auto *wide = dyn_cast<ZExtInst>(address))
      inside = wide->getOperand(0);
    if (!inside)
      return address;
    address = inside;
  }
}

bool Walk::isRedundant(const CallInst &check) {
  uint64_t offset = constantOperand(check, Translate::Offset);
  uint64_t end = offset + constantOperand(check, Translate::Size);
  if (end < offset)
    return false;
  const Value *address = check.getArgOperand(Translate::Address);
  uint64_t minimum = constantOperand(check, Translate::Minimum);
  if (!behindLoops && end <= minimum &&
      computeKnownBits(address, query.getWithInstruction(&check))
          .getMaxValue()
          .ule(minimum - end))
    return true;
  bool isBehindLoop = false;
  const Value *place = addressOf(check, isBehindLoop);
  SmallVector<Known, 2> &above =
      known[{check.getArgOperand(Translate::Base), place}];
  // The walk does not return to a subtree that it has left.
  while (!above.empty() &&
         !dominators.dominates(above.back().block, check.getParent()))
    above.pop_back();
  if (!above.empty() && end <= above.back().end)
    return isBehindLoop || !behindLoops;
  above.push_back({check.getParent(), end});
  return false;
}

/// The sum does not wrap, as it lies in the memory.
void wasmetal::replaceCheck(CallInst &check) {
  IRBuilder<> builder(&check);
  GEPNoWrapFlags flags =
      GEPNoWrapFlags::inBounds() | GEPNoWrapFlags::noUnsignedWrap();
  Value *pointer = check.getArgOperand(Translate::Base);
  for (unsigned operand : {Translate::Address, Translate::Offset})
    pointer = builder.CreateGEP(builder.getInt8Ty(), pointer,
                                check.getArgOperand(operand), "", flags);
  check.replaceAllUsesWith(pointer);
  check.eraseFromParent();
}

PreservedAnalyses RedundantChecksPass::run(llvm::Function &function,
                                           FunctionAnalysisManager &manager) {
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  auto &assumptions = manager.getResult<AssumptionAnalysis>(function);
  Walk walk(dominators,
            SimplifyQuery(function.getDataLayout(), &dominators, &assumptions),
            behindLoops);
  bool changed = false;
  for (const DomTreeNode *node : depth_first(dominators.getRootNode()))
    for (llvm::Instruction &inst : make_early_inc_range(*node->getBlock())) {
      auto *check = dyn_cast<CallInst>(&inst);
      llvm::Function *callee = check ? check->getCalledFunction() : nullptr;
      if (!callee || !isCheck(callee->getName()) || !walk.isRedundant(*check))
        continue;
      replaceCheck(*check);
      changed = true;
    }
  return keepingBranches(changed);
}
