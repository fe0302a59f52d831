// An address is an index's multiple if both are recurrences of one loop, whose
// steps are multiples of each other: then what is left does not vary in it.
// The sandbox rests on this file.
#include "compiler/codegen/carried_index.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Constants.h"

using namespace llvm;
using namespace wasmetal;

bool wasmetal::dependsOn(Value *from, const llvm::Instruction &wanted,
                         const Loop &loop, bool byComparison) {
  constexpr size_t MaxVisits = 64;
  SmallVector<Value *, 8> open{from};
  SmallPtrSet<Value *, 16> seen;
  while (!open.empty() && seen.size() < MaxVisits) {
    auto *inst = dyn_cast<llvm::Instruction>(open.pop_back_val());
    if (inst == &wanted)
      return true;
    if (inst && loop.contains(inst) && seen.insert(inst).second &&
        (byComparison || !isa<CmpInst>(inst)))
      append_range(open, inst->operands());
  }
  return false;
}

/// Whether a value is a sum of multiples of values; what they are. The constant
/// is apart.
static bool splitSum(const SCEV *value, uint32_t factor, CarriedIndex &index,
                     uint32_t &constant) {
  if (auto *number = dyn_cast<SCEVConstant>(value)) {
    constant +=
        factor * static_cast<uint32_t>(number->getAPInt().getZExtValue());
    return true;
  }
  if (auto *unknown = dyn_cast<SCEVUnknown>(value)) {
    index.terms.push_back({unknown->getValue(), factor});
    return true;
  }
  if (auto *sum = dyn_cast<SCEVAddExpr>(value))
    return all_of(sum->operands(), [&](const SCEV *operand) {
      return splitSum(operand, factor, index, constant);
    });
  auto *product = dyn_cast<SCEVMulExpr>(value);
  auto *number =
      product ? dyn_cast<SCEVConstant>(product->getOperand(0)) : nullptr;
  return number && product->getNumOperands() == 2 &&
         splitSum(product->getOperand(1),
                  factor *
                      static_cast<uint32_t>(number->getAPInt().getZExtValue()),
                  index, constant);
}

/// An affine recurrence of the loop by a constant; else null.
static const SCEVAddRecExpr *recurrenceOf(Value *value, const Loop &loop,
                                          ScalarEvolution &scev) {
  if (!value->getType()->isIntegerTy(32))
    return nullptr;
  auto *recurrence = dyn_cast<SCEVAddRecExpr>(scev.getSCEV(value));
  return recurrence && recurrence->getLoop() == &loop &&
                 recurrence->isAffine() &&
                 isa<SCEVConstant>(recurrence->getOperand(1))
             ? recurrence
             : nullptr;
}

static int64_t stepOf(const SCEVAddRecExpr &recurrence) {
  return cast<SCEVConstant>(recurrence.getOperand(1))
      ->getAPInt()
      .getSExtValue();
}

std::optional<CarriedIndex> wasmetal::carriedIndexOf(Value *address,
                                                     const Loop &loop,
                                                     ScalarEvolution &scev) {
  constexpr int64_t MaxFactor = int64_t(1) << 20;
  const Loop *outer = loop.getParentLoop();
  const BasicBlock *before = loop.getLoopPreheader();
  if (!outer || !before)
    return std::nullopt;
  const SCEVAddRecExpr *place = recurrenceOf(address, loop, scev);
  if (!place)
    return std::nullopt;
  for (PHINode &variable : loop.getHeader()->phis()) {
    if (&variable == address)
      continue;
    const SCEVAddRecExpr *count = recurrenceOf(&variable, loop, scev);
    if (!count)
      continue;
    int64_t factor = stepOf(*place) / stepOf(*count);
    if (factor * stepOf(*count) != stepOf(*place) || factor < 2 ||
        factor > MaxFactor)
      continue;
    const SCEV *rest = scev.getMinusSCEV(
        place->getStart(),
        scev.getMulExpr(
            count->getStart(),
            scev.getConstant(place->getType(), static_cast<uint64_t>(factor))));
    CarriedIndex index = {
        &variable, 0, place, static_cast<uint32_t>(factor), {}};
    uint32_t constant = 0;
    if (!scev.isLoopInvariant(rest, outer) ||
        !splitSum(rest, 1, index, constant) || index.terms.empty() ||
        !dependsOn(variable.getIncomingValueForBlock(before), variable, *outer,
                   /*byComparison=*/false))
      continue;
    // What has moved already: the one before the first is no index.
    if (constant == static_cast<uint32_t>(stepOf(*place)))
      index.ahead = stepOf(*count);
    else if (constant != 0)
      index.terms.push_back(
          {ConstantInt::get(address->getType(), constant), 1});
    return index;
  }
  return std::nullopt;
}
