// The ways from a variable to what it is in the next iteration, taken together.
// The sandbox rests on this file.
#include "compiler/codegen/advance.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace wasmetal;

/// How far `value` may be from `phi`, of which it is computed in the same
/// iteration. Ways may branch and meet again: it looks at so many values at
/// most.
static std::optional<Advance> distance(Value *value, PHINode *phi,
                                       const Loop &loop, ScalarEvolution &scev,
                                       unsigned &visits) {
  constexpr int64_t MaxSum = 8 * MaxAdvance; // of an iteration, in all
  if (value == phi)
    return Advance{0, 0};
  auto *inst = dyn_cast<llvm::Instruction>(value);
  if (!inst || !loop.contains(inst) || visits == 0)
    return std::nullopt;
  --visits;
  if (match(inst, m_Add(m_Value(), m_Value())))
    for (unsigned i : {0, 1}) {
      std::optional<Advance> first =
          distance(inst->getOperand(i), phi, loop, scev, visits);
      if (!first)
        continue;
      const SCEV *second = scev.getSCEV(inst->getOperand(1 - i));
      int64_t least = scev.getSignedRangeMin(second).getSExtValue();
      int64_t most = scev.getSignedRangeMax(second).getSExtValue();
      if (least <= -MaxAdvance || most >= MaxAdvance)
        return std::nullopt;
      Advance sum{first->least + least, first->most + most};
      if (sum.least <= -MaxSum || sum.most >= MaxSum)
        return std::nullopt;
      return sum;
    }
  SmallVector<Value *, 4> either;
  if (auto *select = dyn_cast<SelectInst>(inst))
    either = {select->getTrueValue(), select->getFalseValue()};
  else if (auto *merged = dyn_cast<PHINode>(inst);
           merged && merged->getParent() != loop.getHeader())
    append_range(either, merged->incoming_values());
  std::optional<Advance> all;
  for (Value *one : either) {
    std::optional<Advance> advance = distance(one, phi, loop, scev, visits);
    if (!advance)
      return std::nullopt;
    all = all ? Advance{std::min(all->least, advance->least),
                        std::max(all->most, advance->most)}
              : advance;
  }
  return all;
}

std::optional<Advance> wasmetal::advanceOf(PHINode &variable, const Loop &loop,
                                           ScalarEvolution &scev) {
  unsigned visits = 64;
  return distance(variable.getIncomingValueForBlock(loop.getLoopLatch()),
                  &variable, loop, scev, visits);
}
