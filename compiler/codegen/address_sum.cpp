// Through additions, differences and products with constants, to a small depth:
// as producers compute addresses.
#include "compiler/codegen/address_sum.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/InstrTypes.h"

using namespace llvm;
using namespace wasmetal;

void Sum::add(const Value *value, uint32_t factor, unsigned depth) {
  constexpr unsigned MaxDepth = 4;
  if (auto *number = dyn_cast<ConstantInt>(value)) {
    constant += factor * static_cast<uint32_t>(number->getZExtValue());
    return;
  }
  auto *inst = dyn_cast<BinaryOperator>(value);
  if (inst && depth < MaxDepth) {
    const Value *left = inst->getOperand(0), *right = inst->getOperand(1);
    auto *number = dyn_cast<ConstantInt>(right);
    switch (inst->getOpcode()) {
    case BinaryOperator::Or:
      if (!cast<PossiblyDisjointInst>(inst)->isDisjoint())
        break;
      [[fallthrough]];
    case BinaryOperator::Add:
      add(left, factor, depth + 1);
      add(right, factor, depth + 1);
      return;
    case BinaryOperator::Sub:
      add(left, factor, depth + 1);
      add(right, -factor, depth + 1);
      return;
    case BinaryOperator::Mul:
      if (!number)
        break;
      add(left, factor * static_cast<uint32_t>(number->getZExtValue()),
          depth + 1);
      return;
    case BinaryOperator::Shl:
      if (!number || number->getValue().uge(32))
        break;
      add(left, factor << number->getZExtValue(), depth + 1);
      return;
    default:
      break;
    }
  }
  uint32_t &term = terms[value];
  term += factor;
  if (!term)
    terms.erase(value);
}

std::optional<Sum> Sum::ofAddress(const CallInst &translate) {
  const Value *address = Translate::narrowAddress(translate);
  if (!address)
    return std::nullopt;
  Sum sum;
  sum.add(address, 1);
  return sum;
}
