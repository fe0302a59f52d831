// Values that data moves, and what they are between: what a byte holds, what a
// mask or a division keeps small, what branches keep below an end, what each
// iteration moves by so much at most. The sandbox rests on this file.
#include "compiler/codegen/advance.h"
#include "compiler/codegen/guarded_values.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"

using namespace llvm;
using namespace wasmetal;

std::optional<Range> LoopNest::leafRange(const SCEV *leaf) {
  auto known = leafRanges.find(leaf);
  if (known != leafRanges.end())
    return known->second;
  Mark before = mark();
  leafRanges.insert({leaf, std::nullopt}); // while it is being found out
  std::optional<Range> result = computeLeafRange(leaf);
  if (!result)
    rollBack(before);
  leafRanges[leaf] = result;
  return result;
}

/// The most that a value is which the program itself keeps small, as in
/// `x[i & 1023]`: what it indexes is as large, most likely.
static std::optional<int64_t> mostOfMask(const llvm::Instruction *inst) {
  constexpr int64_t Large = int64_t(1) << 20;
  bool isRemainder = inst && inst->getOpcode() == llvm::Instruction::URem;
  if (!inst ||
      (!inst->getType()->isIntegerTy(32) &&
       !inst->getType()->isIntegerTy(64)) ||
      (!isRemainder && inst->getOpcode() != llvm::Instruction::And))
    return std::nullopt;
  auto *limit = dyn_cast<ConstantInt>(inst->getOperand(1));
  if (!limit || limit->isZero() || limit->getValue().uge(Large))
    return std::nullopt;
  return static_cast<int64_t>(limit->getZExtValue()) - isRemainder;
}

std::optional<Range> LoopNest::computeLeafRange(const SCEV *leaf) {
  constexpr unsigned ByteBits = 8; // what a load of a byte gives
  constexpr size_t MaxLeaves = 32;
  APInt highest = scev.getUnsignedRangeMax(leaf);
  if (highest.getActiveBits() <= ByteBits)
    return Range{number(scev.getUnsignedRangeMin(leaf).getSExtValue()),
                 number(highest.getSExtValue())};
  if (leafRanges.size() > MaxLeaves)
    return std::nullopt;
  llvm::Instruction *inst = instructionOf(leaf);
  if (std::optional<int64_t> most = mostOfMask(inst)) {
    // Where data decides how often a loop runs, as it looks for a key in a hash
    // table, it runs a few times: a test takes longer.
    if (!trip(loops.getLoopFor(inst->getParent())))
      return std::nullopt;
    return Range{number(0), number(*most)};
  }
  if (auto *quotient = dyn_cast<SCEVUDivExpr>(leaf)) {
    auto *divisor = dyn_cast<SCEVConstant>(quotient->getRHS());
    if (!divisor || divisor->isZero())
      return std::nullopt;
    std::optional<Range> bounds = exactRange(quotient->getLHS());
    if (!bounds)
      return std::nullopt;
    const SCEV *by = scev.getConstant(divisor->getAPInt().zext(64));
    return Range{scev.getUDivExpr(bounds->low, by),
                 scev.getUDivExpr(bounds->high, by)};
  }
  if (!inst || !loop->contains(inst))
    return std::nullopt;
  // A loop that data ends wins its checks, and where a fault is the trap,
  // nothing but what computes the middle.
  std::optional<GuardedRange> range =
      trapsByFault && !isMiddle(*inst)
          ? std::nullopt
          : guardedRange(*inst, *loop, scev, dominators);
  if (!range)
    return variableRange(*inst);
  require(range->low);
  require(scev.getMinusSCEV(number(INT32_MAX), range->most));
  return Range{range->low, range->high};
}

/// The bounds of a variable: of all that it is moved to.
std::optional<Range> LoopNest::variableRange(llvm::Instruction &variable) {
  auto *phi = dyn_cast<PHINode>(&variable);
  if (!phi)
    return std::nullopt;
  if (loops.isLoopHeader(phi->getParent()))
    return movedRange(*phi);
  std::optional<Range> merged;
  for (Value *incoming : phi->incoming_values()) {
    std::optional<Range> one = exactRange(scev.getSCEVAtScope(
        scev.getSCEV(incoming), loops.getLoopFor(phi->getParent())));
    if (!one)
      return std::nullopt;
    if (!merged)
      merged = one;
    merged->low = scev.getSMinExpr(merged->low, one->low);
    merged->high = scev.getSMaxExpr(merged->high, one->high);
  }
  return merged;
}

/// The bounds of a variable that each iteration changes by something between
/// two constants: of so many steps as there are iterations.
std::optional<Range> LoopNest::movedRange(PHINode &variable) {
  const Loop *inner = loops.getLoopFor(variable.getParent());
  BasicBlock *before = inner->getLoopPreheader();
  if (!before || !inner->getLoopLatch())
    return std::nullopt;
  std::optional<Advance> advance = advanceOf(variable, *inner, scev);
  std::optional<Affine> count = advance ? trip(inner) : std::nullopt;
  std::optional<Range> counts = count ? range(*count) : std::nullopt;
  std::optional<Range> start =
      counts ? exactRange(scev.getSCEVAtScope(
                   variable.getIncomingValueForBlock(before),
                   inner->getParentLoop()))
             : std::nullopt;
  if (!start)
    return std::nullopt;
  const SCEV *steps = scev.getMinusSCEV(counts->high, number(1));
  auto reach = [&](const SCEV *from, int64_t step) {
    return scev.getAddExpr(from, scev.getMulExpr(steps, number(step)));
  };
  Range bounds = {reach(start->low, std::min<int64_t>(0, advance->least)),
                  reach(start->high, std::max<int64_t>(0, advance->most))};
  require(bounds.low);
  require(scev.getMinusSCEV(number(TwoTo32 - 1), bounds.high));
  return bounds;
}

/// An address, in which values that masks keep small are values of their own:
/// ScalarEvolution looks into them, and finds what cannot be bounded.
const SCEV *LoopNest::withMasks(Value *address, unsigned depth) {
  constexpr unsigned MaxDepth = 8;
  auto *inst = dyn_cast<llvm::Instruction>(address);
  if (!inst || !loop->contains(inst) || depth > MaxDepth)
    return scev.getSCEV(address);
  if (mostOfMask(inst) || isMiddle(*inst))
    return scev.getUnknown(inst);
  auto operand = [&](unsigned number) {
    return withMasks(inst->getOperand(number), depth + 1);
  };
  auto *number = inst->getNumOperands() == 2
                     ? dyn_cast<ConstantInt>(inst->getOperand(1))
                     : nullptr;
  switch (inst->getOpcode()) {
  case llvm::Instruction::Add:
    return scev.getAddExpr(operand(0), operand(1));
  case llvm::Instruction::Sub:
    return scev.getMinusSCEV(operand(0), operand(1));
  case llvm::Instruction::Mul:
    return scev.getMulExpr(operand(0), operand(1));
  case llvm::Instruction::ZExt:
    return scev.getZeroExtendExpr(operand(0), inst->getType());
  case llvm::Instruction::Shl:
    if (number && number->getValue().ult(number->getBitWidth()))
      return scev.getMulExpr(
          operand(0), scev.getConstant(APInt::getOneBitSet(
                          number->getBitWidth(),
                          static_cast<unsigned>(number->getZExtValue()))));
    break;
  default:
    break;
  }
  return scev.getSCEV(address);
}
