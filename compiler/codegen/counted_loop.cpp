// The form that loop_versions.cpp gives to accesses of fast copies.
#include "compiler/codegen/counted_loop.h"

#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

std::optional<Place> wasmetal::placeOf(Value *pointer,
                                       const CountedLoop &counted) {
  Place place = {nullptr, 0, 0};
  while (auto *offset = dyn_cast<GetElementPtrInst>(pointer)) {
    if (!counted.loop->contains(offset))
      break;
    const APInt *constant;
    if (!offset->getSourceElementType()->isIntegerTy(8))
      return std::nullopt;
    Value *by = offset->getOperand(1);
    if (match(by, m_APInt(constant)))
      place.distance += constant->getSExtValue();
    else if (match(by, m_Mul(m_Specific(counted.number), m_APInt(constant))))
      place.step += constant->getSExtValue();
    else
      return std::nullopt;
    pointer = offset->getPointerOperand();
  }
  if (!counted.loop->isLoopInvariant(pointer))
    return std::nullopt;
  place.row = pointer;
  return place;
}

bool wasmetal::areApart(const Place &one, int64_t oneSize, const Place &two,
                        int64_t twoSize) {
  return one.row == two.row && one.step == two.step &&
         (one.distance + oneSize <= two.distance ||
          two.distance + twoSize <= one.distance);
}

bool wasmetal::hasOtherUses(const CountedLoop &counted) {
  return any_of(counted.number->users(), [&](User *user) {
    if (user == counted.exit)
      return false;
    if (match(user, m_Add(m_Specific(counted.number), m_One())))
      return !user->hasOneUse();
    return !match(user, m_Mul(m_Specific(counted.number), m_ConstantInt())) ||
           any_of(user->users(),
                  [](User *place) { return !isa<GetElementPtrInst>(place); });
  });
}
