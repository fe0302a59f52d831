// A switch becomes a comparison with its bounds and a table. A processor that
// runs ahead of the comparison would read beyond the table and jump to what it
// finds there. Here every index is made to select a case: one more stands for
// what lies outside, LLVM's own default is never reached, and it leaves the
// comparison out. docs/security.md has the sandbox's position.
//
// A jump without a comparison is so short that LLVM copies it into
// predecessors, and every case then moves all that is alive: in a large
// interpreter half as many instructions again. A convergent instruction before
// the jump keeps it in one place.
#include "compiler/codegen/harden_switches.h"
#include "compiler/codegen/symbols.h"
#include "compiler/emit/speculation.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// The values that a table has entries for, which wrap around.
struct Range {
  APInt first;
  uint64_t count = 0;
  bool isWholeType = false; // no value lies outside
};

} // namespace

/// The range from the first to the last case, signed or not: the shorter one.
static Range rangeOf(SwitchInst &inst) {
  APInt low, high, lowSigned, highSigned;
  low = high = lowSigned = highSigned =
      inst.case_begin()->getCaseValue()->getValue();
  for (const SwitchInst::CaseHandle &one : inst.cases()) {
    const APInt &value = one.getCaseValue()->getValue();
    low = APIntOps::umin(low, value);
    high = APIntOps::umax(high, value);
    lowSigned = APIntOps::smin(lowSigned, value);
    highSigned = APIntOps::smax(highSigned, value);
  }
  APInt distance = high - low, distanceSigned = highSigned - lowSigned;
  // A whole type has 2^64 values at most, of which one less is counted.
  if (distance.ule(distanceSigned))
    return {low, SaturatingAdd<uint64_t>(distance.getZExtValue(), 1)};
  return {lowSigned, SaturatingAdd<uint64_t>(distanceSigned.getZExtValue(), 1)};
}

/// Whether all values of a byte get an entry, so that it needs no mask: where
/// most have a case, or where a loop loads one and goes by it, for the time's
/// sake. That a value has no more than a byte's bits must be by how it was
/// made, and not by a comparison.
static bool hasWholeTable(const SwitchInst &inst, const Range &range,
                          bool isInLoop) {
  constexpr unsigned ByteBits = 8, ManyCases = 8;
  const Value *condition = inst.getCondition();
  unsigned width = condition->getType()->getIntegerBitWidth();
  if (width > ByteBits)
    return false;
  return range.count > (1ull << width) / 2 ||
         (isInLoop && isa<LoadInst>(condition) &&
          inst.getNumCases() >= ManyCases);
}

/// LLVM makes tables of fewer cases than these, or of a smaller part of their
/// range, for no target.
static std::optional<Range> rangeOfTable(SwitchInst &inst, bool isInLoop) {
  constexpr unsigned FewestCases = 3;
  constexpr uint64_t SparsestPart = 10;
  unsigned width = inst.getCondition()->getType()->getIntegerBitWidth();
  if (inst.getNumCases() < FewestCases || width > 64)
    return std::nullopt;
  Range range = rangeOf(inst);
  if ((range.count - 1) / SparsestPart >= inst.getNumCases())
    return std::nullopt;
  if (hasWholeTable(inst, range, isInLoop))
    return Range{APInt::getZero(width), 1ull << width, /*isWholeType=*/true};
  return range;
}

/// The entry that stands for a value within the range.
static uint64_t entryOf(const APInt &value, const Range &range) {
  return (value - range.first).getZExtValue();
}

/// The entry of the condition's value; the last one for what lies outside.
static Value *position(IRBuilder<> &builder, Value *condition,
                       const Range &range) {
  Type *type = builder.getInt64Ty();
  if (range.isWholeType)
    return builder.CreateZExt(condition, type);
  Value *index = builder.CreateSub(
      condition, ConstantInt::get(condition->getType(), range.first));
  return clampIndex(builder, builder.CreateZExt(index, type), range.count);
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

/// As much for each block: LLVM would compare first with the values that go to
/// one that is likely, and leave them out of the table.
static MDNode *evenWeights(ArrayRef<BasicBlock *> targets) {
  constexpr uint32_t Whole = 1 << 20;
  DenseMap<const BasicBlock *, uint32_t> entries;
  for (const BasicBlock *target : targets)
    ++entries[target];
  SmallVector<uint32_t> weights{0}; // of the default, which is never reached
  for (const BasicBlock *target : targets)
    weights.push_back(std::max(Whole / entries[target], 1u));
  return MDBuilder(targets[0]->getContext()).createBranchWeights(weights);
}

static void harden(SwitchInst &inst, const Range &range) {
  BasicBlock *fallback = splitDefault(inst);
  BasicBlock *never = BasicBlock::Create(inst.getContext(), "never",
                                         inst.getFunction(), fallback);
  new UnreachableInst(inst.getContext(), never);
  std::vector<BasicBlock *> targets(range.count + !range.isWholeType, fallback);
  for (const SwitchInst::CaseHandle &one : inst.cases())
    targets[entryOf(one.getCaseValue()->getValue(), range)] =
        one.getCaseSuccessor();
  IRBuilder<> builder(&inst);
  CallInst *entry =
      hideAll(builder, position(builder, inst.getCondition(), range));
  entry->setConvergent();
  SwitchInst *hardened =
      builder.CreateSwitch(entry, never, static_cast<unsigned>(targets.size()));
  for (auto [i, target] : enumerate(targets))
    hardened->addCase(builder.getInt64(i), target);
  hardened->setMetadata(LLVMContext::MD_prof, evenWeights(targets));
  inst.eraseFromParent();
}

PreservedAnalyses HardenSwitchesPass::run(llvm::Function &function,
                                          FunctionAnalysisManager &manager) {
  if (!isGuestCode(function))
    return PreservedAnalyses::all();
  const auto &loops = manager.getResult<LoopAnalysis>(function);
  SmallVector<std::pair<SwitchInst *, Range>, 4> found;
  for (BasicBlock &block : function)
    if (auto *inst = dyn_cast<SwitchInst>(block.getTerminator()))
      if (std::optional<Range> range =
              rangeOfTable(*inst, hasWholeTables && loops.getLoopFor(&block)))
        found.emplace_back(inst, *range);
  for (auto &[inst, range] : found)
    harden(*inst, range);
  return found.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
