// A switch becomes a comparison with its bounds and a table. A processor that
// runs ahead of the comparison would read beyond the table and jump to what it
// finds there. Here every index is made to select a case: 0 stands for what
// lies outside, LLVM's own default is never reached, and it leaves the
// comparison out. docs/security.md has the sandbox's position.
#include "compiler/codegen/harden_switches.h"
#include "compiler/codegen/symbols.h"
#include "compiler/emit/speculation.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// The values of a switch's cases, which wrap around.
struct Range {
  APInt first;
  uint64_t count = 0;
};

} // namespace

/// LLVM makes tables of fewer cases than these, or of a smaller part of their
/// range, for no target.
static bool mayBecomeTable(SwitchInst &inst, Range &range) {
  constexpr unsigned FewestCases = 3;
  constexpr uint64_t SparsestPart = 10;
  if (inst.getNumCases() < FewestCases ||
      inst.getCondition()->getType()->getIntegerBitWidth() > 64)
    return false;
  APInt last = range.first = inst.case_begin()->getCaseValue()->getValue();
  for (const SwitchInst::CaseHandle &one : inst.cases()) {
    const APInt &value = one.getCaseValue()->getValue();
    if (value.slt(range.first))
      range.first = value;
    if (value.sgt(last))
      last = value;
  }
  uint64_t distance = (last - range.first).getZExtValue();
  if (distance / SparsestPart >= inst.getNumCases())
    return false;
  range.count = distance + 1;
  return true;
}

/// Position in the range, from 1; 0 for what lies outside.
static Value *position(IRBuilder<> &builder, Value *condition,
                       const Range &range) {
  Type *type = builder.getInt64Ty();
  Value *index = hide(builder, condition);
  index =
      builder.CreateSub(index, ConstantInt::get(index->getType(), range.first));
  index = builder.CreateZExt(index, type);
  Value *mask = maskIfBelow(builder, index, builder.getInt64(range.count));
  return builder.CreateAnd(builder.CreateAdd(index, builder.getInt64(1)), mask);
}

/// A block of its own for the edge to the default, which gets many cases: the
/// phi nodes there have one entry for each edge.
static BasicBlock *splitDefault(SwitchInst &inst) {
  BasicBlock *from = inst.getParent();
  BasicBlock *to = inst.getDefaultDest();
  auto *edge =
      BasicBlock::Create(from->getContext(), "default", from->getParent(), to);
  BranchInst::Create(to, edge);
  for (PHINode &phi : to->phis()) {
    int entry = phi.getBasicBlockIndex(from);
    phi.addIncoming(phi.getIncomingValue(entry), edge);
    phi.removeIncomingValue(entry, /*DeletePHIIfEmpty=*/false);
  }
  return edge;
}

static void harden(SwitchInst &inst, const Range &range) {
  BasicBlock *fallback = splitDefault(inst);
  BasicBlock *never = BasicBlock::Create(inst.getContext(), "never",
                                         inst.getFunction(), fallback);
  new UnreachableInst(inst.getContext(), never);
  std::vector<BasicBlock *> targets(range.count + 1, fallback);
  for (const SwitchInst::CaseHandle &one : inst.cases())
    targets[1 + (one.getCaseValue()->getValue() - range.first).getZExtValue()] =
        one.getCaseSuccessor();
  IRBuilder<> builder(&inst);
  SwitchInst *hardened =
      builder.CreateSwitch(position(builder, inst.getCondition(), range), never,
                           static_cast<unsigned>(targets.size()));
  for (auto [i, target] : enumerate(targets))
    hardened->addCase(builder.getInt64(i), target);
  inst.eraseFromParent();
}

PreservedAnalyses HardenSwitchesPass::run(llvm::Function &function,
                                          FunctionAnalysisManager &) {
  if (!isGuestCode(function))
    return PreservedAnalyses::all();
  SmallVector<std::pair<SwitchInst *, Range>, 4> found;
  for (BasicBlock &block : function)
    if (auto *inst = dyn_cast<SwitchInst>(block.getTerminator()))
      if (Range range; mayBecomeTable(*inst, range))
        found.emplace_back(inst, range);
  for (auto &[inst, range] : found)
    harden(*inst, range);
  return found.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
