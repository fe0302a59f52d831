// Accesses of one block whose addresses differ by constants, with nothing but
// loads and other accesses between them: either all are in bounds, or the first
// that is not traps, and nothing has changed since the first of all. So that
// one takes the lowest address, and reaches as far as they do. The sandbox does
// not rest on this file: the others keep their checks until
// redundant_checks.cpp finds them needless.
// docs/decisions/0019-redundant-checks.md
#include "compiler/codegen/joined_checks.h"
#include "compiler/codegen/address_sum.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/preserved.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// Of the accesses a constant apart, relative to the first one's address.
struct Group {
  CallInst *first;
  uint32_t constant;
  int64_t low;  // the lowest address
  int64_t high; // the highest one
  int64_t end;  // of what is accessed
};

/// A memory's base, which no other memory of the function has, and the terms of
/// an address.
using Place = std::pair<const Value *, std::map<const Value *, uint32_t>>;

/// Since something happened last that is seen from outside.
class Window {
public:
  void add(CallInst &translate);
  /// Whether a check has changed.
  bool close();

private:
  std::map<Place, size_t> numbers;
  SmallVector<Group, 8> groups; // in the order of their first accesses
};

} // namespace

static int64_t constantOperand(const CallInst &translate, unsigned operand) {
  return static_cast<int64_t>(
      cast<ConstantInt>(translate.getArgOperand(operand))->getZExtValue());
}

static int64_t endOf(const CallInst &translate) {
  return constantOperand(translate, Translate::Offset) +
         constantOperand(translate, Translate::Size);
}

void Window::add(CallInst &translate) {
  std::optional<Sum> sum = Sum::ofAddress(translate);
  if (!sum || sum->terms.empty())
    return;
  auto [found, isNew] = numbers.try_emplace(
      {translate.getArgOperand(Translate::Base), sum->terms}, groups.size());
  if (isNew) {
    groups.push_back({&translate, sum->constant, 0, 0, endOf(translate)});
    return;
  }
  Group &group = groups[found->second];
  int64_t distance = static_cast<int32_t>(sum->constant - group.constant);
  int64_t low = std::min(group.low, distance);
  int64_t high = std::max(group.high, distance);
  // Nothing wraps between the lowest address, which is in bounds, and others:
  // they are closer than memory's end is to 2^32.
  constexpr int64_t Addresses = int64_t(1) << 32, Far = 1024;
  if (high - low > Far ||
      high - low > Addresses - constantOperand(translate, Translate::Maximum) ||
      constantOperand(*group.first, Translate::Offset) > UINT32_MAX - Far)
    return;
  group.low = low;
  group.high = high;
  group.end = std::max(group.end, distance + endOf(translate));
}

bool Window::close() {
  bool changed = false;
  for (const Group &group : groups) {
    CallInst &first = *group.first;
    if (group.low == 0 && group.end == endOf(first))
      continue;
    int64_t offset = constantOperand(first, Translate::Offset) - group.low;
    IRBuilder<> builder(&first);
    if (group.low != 0) {
      Value *wide = first.getArgOperand(Translate::Address);
      Value *address = builder.CreateAdd(
          cast<ZExtInst>(wide)->getOperand(0),
          ConstantInt::getSigned(builder.getInt32Ty(), group.low));
      first.setArgOperand(Translate::Address,
                          builder.CreateZExt(address, wide->getType()));
    }
    first.setArgOperand(Translate::Offset, builder.getInt64(offset));
    first.setArgOperand(Translate::Size,
                        builder.getInt64(group.end - group.low - offset));
    changed = true;
  }
  groups.clear();
  numbers.clear();
  return changed;
}

/// Whether a trap after the instruction is the same as one before it.
static bool isUnseen(const llvm::Instruction &inst) {
  if (auto *load = dyn_cast<LoadInst>(&inst))
    return !load->isAtomic();
  return !inst.mayHaveSideEffects();
}

PreservedAnalyses JoinedChecksPass::run(llvm::Function &function,
                                        FunctionAnalysisManager &) {
  bool changed = false;
  for (BasicBlock &block : function) {
    Window window;
    for (llvm::Instruction &inst : block)
      if (CallInst *translate = Translate::match(inst))
        window.add(*translate);
      else if (!isUnseen(inst))
        changed |= window.close();
    changed |= window.close();
  }
  return keepingBranches(changed);
}
