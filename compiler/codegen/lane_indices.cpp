// Of `a[3 * i]` for two i at once, a producer makes (0, 1), to which it adds
// (2, 2) in each iteration, multiplies by (24, 24), and extracts two addresses.
// LLVM knows recurrences of numbers, not of lanes. So each lane becomes a
// number, from the extraction up to what the loop counts in; what is then left
// of the vectors is dead.
#include "compiler/codegen/lane_indices.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/preserved.h"

#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

namespace {

/// The lanes of one loop's vectors.
class Lanes {
public:
  explicit Lanes(const Loop &loop) : loop(loop) {}

  /// Whether a vector counts, or is made of what does.
  bool counts(Value *vector, unsigned depth = 0) const;
  Value *lane(Value *vector, uint64_t index);

private:
  bool isCounter(PHINode &phi) const;
  Value *before(Value *vector, uint64_t index) const;
  Value *made(llvm::Instruction &inst, uint64_t index);

  const Loop &loop;
  DenseMap<std::pair<Value *, uint64_t>, Value *> known;
};

} // namespace

/// Whether each iteration adds the same.
bool Lanes::isCounter(PHINode &phi) const {
  Value *by;
  return phi.getParent() == loop.getHeader() &&
         match(phi.getIncomingValueForBlock(loop.getLoopLatch()),
               m_c_Add(m_Specific(&phi), m_Value(by))) &&
         loop.isLoopInvariant(by);
}

bool Lanes::counts(Value *vector, unsigned depth) const {
  constexpr unsigned MaxDepth = 6;
  auto *inst = dyn_cast<llvm::Instruction>(vector);
  if (!inst || !loop.contains(inst) || depth > MaxDepth ||
      !vector->getType()->isIntOrIntVectorTy())
    return false;
  if (auto *phi = dyn_cast<PHINode>(inst))
    return isCounter(*phi);
  return isa<BinaryOperator>(inst) && !inst->isIntDivRem() &&
         any_of(inst->operands(),
                [&](Value *of) { return counts(of, depth + 1); }) &&
         all_of(inst->operands(), [&](Value *of) {
           return loop.isLoopInvariant(of) || counts(of, depth + 1);
         });
}

/// A lane of what the loop does not change.
Value *Lanes::before(Value *vector, uint64_t index) const {
  if (auto *constant = dyn_cast<Constant>(vector))
    vector = ConstantFoldConstant(constant, loop.getHeader()->getDataLayout());
  if (Value *scalar = findScalarElement(vector, index))
    return scalar;
  return IRBuilder<>(loop.getLoopPreheader()->getTerminator())
      .CreateExtractElement(vector, index);
}

Value *Lanes::made(llvm::Instruction &inst, uint64_t index) {
  if (auto *phi = dyn_cast<PHINode>(&inst)) {
    BasicBlock *preheader = loop.getLoopPreheader();
    BasicBlock *latch = loop.getLoopLatch();
    auto *number = PHINode::Create(phi->getType()->getScalarType(), 2, "lane",
                                   phi->getIterator());
    known[{phi, index}] = number;
    number->addIncoming(lane(phi->getIncomingValueForBlock(preheader), index),
                        preheader);
    number->addIncoming(lane(phi->getIncomingValueForBlock(latch), index),
                        latch);
    return number;
  }
  auto &operation = cast<BinaryOperator>(inst);
  Value *one = lane(operation.getOperand(0), index);
  Value *two = lane(operation.getOperand(1), index);
  auto *number = BinaryOperator::Create(operation.getOpcode(), one, two, "",
                                        operation.getIterator());
  number->copyIRFlags(&operation);
  number->setDebugLoc(operation.getDebugLoc());
  return number;
}

Value *Lanes::lane(Value *vector, uint64_t index) {
  if (Value *number = known.lookup({vector, index}))
    return number;
  Value *number = loop.isLoopInvariant(vector)
                      ? before(vector, index)
                      : made(*cast<llvm::Instruction>(vector), index);
  known[{vector, index}] = number;
  return number;
}

/// Whether a number becomes an address, some operations later.
static bool becomesAddress(llvm::Instruction &number, unsigned depth = 0) {
  constexpr unsigned MaxDepth = 6;
  return depth <= MaxDepth && any_of(number.users(), [&](User *user) {
           auto *inst = cast<llvm::Instruction>(user);
           return isa<BinaryOperator, CastInst>(inst)
                      ? becomesAddress(*inst, depth + 1)
                      : Translate::matchAny(*inst) != nullptr;
         });
}

static bool makeNumbers(Loop &loop) {
  SmallVector<ExtractElementInst *, 16> extractions;
  for (BasicBlock *block : loop.blocks())
    for (llvm::Instruction &inst : *block)
      if (auto *extraction = dyn_cast<ExtractElementInst>(&inst))
        extractions.push_back(extraction);
  Lanes lanes(loop);
  SmallVector<WeakTrackingVH, 16> vectors;
  for (ExtractElementInst *extraction : extractions) {
    Value *vector = extraction->getVectorOperand();
    auto *index = dyn_cast<ConstantInt>(extraction->getIndexOperand());
    if (!index ||
        index->getValue().uge(
            cast<FixedVectorType>(vector->getType())->getNumElements()) ||
        !lanes.counts(vector) || !becomesAddress(*extraction))
      continue;
    extraction->replaceAllUsesWith(lanes.lane(vector, index->getZExtValue()));
    extraction->eraseFromParent();
    vectors.push_back(vector);
  }
  for (WeakTrackingVH &vector : vectors)
    if (auto *inst = dyn_cast_or_null<llvm::Instruction>(vector))
      RecursivelyDeleteTriviallyDeadInstructions(inst);
  DeleteDeadPHIs(loop.getHeader());
  return !vectors.empty();
}

PreservedAnalyses LaneIndicesPass::run(llvm::Function &function,
                                       FunctionAnalysisManager &manager) {
  bool changed = false;
  for (Loop *loop :
       manager.getResult<LoopAnalysis>(function).getLoopsInPreorder())
    if (loop->getLoopPreheader() && loop->getLoopLatch())
      changed |= makeNumbers(*loop);
  return keepingBranches(changed);
}
