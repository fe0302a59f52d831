// One walk down the dominator tree, in which each address is a sum of values
// and a constant, modulo 2^32. docs/decisions/0022-near-accesses.md
#include "compiler/codegen/near_accesses.h"
#include "compiler/codegen/address_sum.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/preserved.h"

#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

#include <map>

using namespace llvm;
using namespace wasmetal;

namespace {

/// An address that an access below a block has shown to be in bounds.
struct Shown {
  const BasicBlock *block;
  Value *address; // of 64 bits
  uint32_t constant;
  /// What can be added to the address without wrapping.
  uint64_t room;
};

/// A memory's base, which no other memory of the function has, and the terms of
/// an address.
using Place = std::pair<const Value *, std::map<const Value *, uint32_t>>;

class Walk {
public:
  explicit Walk(const DominatorTree &dominators) : dominators(dominators) {}

  /// Whether the access has changed.
  bool share(CallInst &translate);
  void show(CallInst &translate);

private:
  SmallVector<Shown, 2> &above(CallInst &translate, const Sum &sum);

  const DominatorTree &dominators;
  /// From the outermost block to the innermost one.
  std::map<Place, SmallVector<Shown, 2>> shown;
};

} // namespace

static uint64_t constantOperand(const CallInst &translate, unsigned operand) {
  return cast<ConstantInt>(translate.getArgOperand(operand))->getZExtValue();
}

/// The walk does not return to a subtree that it has left.
SmallVector<Shown, 2> &Walk::above(CallInst &translate, const Sum &sum) {
  SmallVector<Shown, 2> &found =
      shown[{translate.getArgOperand(Translate::Base), sum.terms}];
  while (!found.empty() &&
         !dominators.dominates(found.back().block, translate.getParent()))
    found.pop_back();
  return found;
}

bool Walk::share(CallInst &translate) {
  std::optional<Sum> sum = Sum::ofAddress(translate);
  if (!sum)
    return false;
  uint64_t offset = constantOperand(translate, Translate::Offset);
  for (const Shown &place : above(translate, *sum)) {
    uint64_t distance = sum->constant - place.constant; // modulo 2^32
    if (distance > place.room || offset > UINT32_MAX - distance)
      continue;
    if (place.address == translate.getArgOperand(Translate::Address))
      return false;
    translate.setArgOperand(Translate::Address, place.address);
    translate.setArgOperand(
        Translate::Offset,
        ConstantInt::get(place.address->getType(), offset + distance));
    return true;
  }
  return false;
}

void Walk::show(CallInst &translate) {
  std::optional<Sum> sum = Sum::ofAddress(translate);
  if (!sum)
    return;
  Value *address = translate.getArgOperand(Translate::Address);
  SmallVector<Shown, 2> &places = above(translate, *sum);
  if (any_of(places,
             [&](const Shown &place) { return place.address == address; }))
    return;
  // address + offset + size <= maximum <= 2^32
  uint64_t reached = constantOperand(translate, Translate::Offset) +
                     constantOperand(translate, Translate::Size);
  uint64_t maximum = constantOperand(translate, Translate::Maximum);
  constexpr uint64_t Addresses = uint64_t(1) << 32;
  if (maximum <= Addresses)
    places.push_back({translate.getParent(), address, sum->constant,
                      Addresses - maximum + reached - 1});
}

/// The translation that a load's or store's address is made by.
static CallInst *translationOf(llvm::Instruction &inst) {
  auto *pointer =
      dyn_cast_or_null<llvm::Instruction>(getLoadStorePointerOperand(&inst));
  return pointer ? Translate::match(*pointer) : nullptr;
}

PreservedAnalyses NearAccessesPass::run(llvm::Function &function,
                                        FunctionAnalysisManager &manager) {
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  Walk walk(dominators);
  bool changed = false;
  for (const DomTreeNode *node : depth_first(dominators.getRootNode()))
    for (llvm::Instruction &inst : *node->getBlock()) {
      if (CallInst *translate = Translate::match(inst)) {
        changed |= walk.share(*translate);
        if (isChecked)
          walk.show(*translate);
      } else if (CallInst *reached =
                     isChecked ? nullptr : translationOf(inst)) {
        walk.show(*reached);
      }
    }
  return keepingBranches(changed);
}
