// An access of four bytes is in bounds of 64 KiB if its address is below 65533,
// which no comparison of Thumb-2 has room for: an instruction or a register of
// its own. It has room for eight bits anywhere; one of AArch64 for twelve, or
// for the next twelve. So an address is compared with a limit that is rounded
// down to that, and only what is not below it, off the path, with its own one.
// Two addresses are below one such limit, of leading ones, if their disjunction
// is, and hardly otherwise.
#include "compiler/codegen/round_limits.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/TargetParser/Triple.h"

#include <bit>

using namespace llvm;

namespace {

/// A branch that goes to a trap if the address is not below the limit.
struct Check {
  BranchInst *branch;
  Value *address; // of 32 bits or, where processors compare those, of 64
  uint32_t limit;
  BasicBlock *trap, *next;
};

/// Compares with what one processor's comparisons have room for.
class LimitRounder {
public:
  explicit LimitRounder(const Triple &triple) : isAArch64(triple.isAArch64()) {}

  /// Whether anything has changed.
  bool run(llvm::Function &function) const;

private:
  uint32_t rounded(uint32_t limit) const;
  bool fits(uint32_t limit) const { return rounded(limit) == limit; }
  std::optional<Check> checkAt(BasicBlock *block) const;
  bool implies(const Check &first, const Check &second) const;
  std::optional<Check> partnerOf(const Check &first) const;
  void compareRounded(const Check &first,
                      const std::optional<Check> &second) const;

  const bool isAArch64;
};

} // namespace

static constexpr int RoomBits = 8; // of Thumb-2

static bool isTrap(const BasicBlock *block) {
  return isa<UnreachableInst>(block->getTerminator()) &&
         !isa<PHINode>(block->front());
}

std::optional<Check> LimitRounder::checkAt(BasicBlock *block) const {
  using namespace PatternMatch;
  Check check;
  check.branch = dyn_cast<BranchInst>(block->getTerminator());
  CmpPredicate predicate;
  const APInt *number;
  if (!check.branch || !check.branch->isConditional() ||
      !match(check.branch->getCondition(),
             m_OneUse(
                 m_ICmp(predicate, m_Value(check.address), m_APInt(number)))) ||
      !(check.address->getType()->isIntegerTy(32) ||
        (isAArch64 && check.address->getType()->isIntegerTy(64))) ||
      number->getActiveBits() > 32)
    return std::nullopt;
  check.trap = check.branch->getSuccessor(0);
  check.next = check.branch->getSuccessor(1);
  if (isTrap(check.next)) {
    std::swap(check.trap, check.next);
    predicate = ICmpInst::getInversePredicate(predicate);
  }
  check.limit = static_cast<uint32_t>(number->getZExtValue());
  if (predicate == ICmpInst::ICMP_UGT)
    ++check.limit;
  else if (predicate != ICmpInst::ICMP_UGE)
    return std::nullopt;
  if (check.limit == 0 || !isTrap(check.trap))
    return std::nullopt;
  return check;
}

/// The greatest number up to the limit that a comparison has room for. Beyond
/// 16 MiB AArch64 has none, and all limits share a register.
uint32_t LimitRounder::rounded(uint32_t limit) const {
  int bits = std::bit_width(limit);
  if (isAArch64)
    return bits <= 12 ? limit : limit & ~0u << (bits <= 24 ? 12 : 16);
  return bits <= RoomBits ? limit : limit & ~0u << (bits - RoomBits);
}

/// Whether an address that is below the first check's rounded limit passes the
/// second one: it is the same, or a little further on.
bool LimitRounder::implies(const Check &first, const Check &second) const {
  using namespace PatternMatch;
  auto split = [](Value *address, APInt &constant) {
    Value *value;
    const APInt *number;
    if (!match(address, m_Add(m_Value(value), m_APInt(number))))
      return address;
    constant = *number;
    return value;
  };
  unsigned bits = first.address->getType()->getIntegerBitWidth();
  APInt from(bits, 0), to(bits, 0);
  if (first.address->getType() != second.address->getType() ||
      split(first.address, from) != split(second.address, to))
    return false;
  uint32_t limit = rounded(first.limit);
  return limit <= second.limit && (to - from).ule(second.limit - limit);
}

/// Whether the check's address is below that limit if its disjunction with one
/// that is below it is, and hardly otherwise.
static bool sharesLimit(const Check &check, uint32_t limit) {
  uint32_t leading = limit << std::countl_zero(limit);
  return std::countl_one(leading) >= RoomBits && check.limit >= limit;
}

/// A second check that may be made together with the first one.
std::optional<Check> LimitRounder::partnerOf(const Check &first) const {
  constexpr size_t FewInstructions = 8; // that are made before a trap
  if (first.next->size() > FewInstructions ||
      first.next->getSinglePredecessor() != first.branch->getParent())
    return std::nullopt;
  std::optional<Check> second = checkAt(first.next);
  if (!second || first.address->getType() != second->address->getType() ||
      (!implies(first, *second) && !sharesLimit(*second, rounded(first.limit))))
    return std::nullopt;
  for (llvm::Instruction &inst : *first.next)
    if (!inst.isTerminator() &&
        (isa<PHINode>(inst) || inst.mayReadFromMemory() ||
         !isSafeToSpeculativelyExecute(&inst)))
      return std::nullopt;
  return second;
}

/// A number that LLVM knows nothing of, made by an instruction that stays where
/// it is.
static Value *hidden(Constant *number, BasicBlock::iterator before) {
  FunctionType *type =
      FunctionType::get(number->getType(), {number->getType()}, false);
  auto *nothing = InlineAsm::get(type, "", "=r,0", /*hasSideEffects=*/true);
  CallInst *result = CallInst::Create(type, nothing, {number}, "", before);
  result->setDoesNotThrow();
  result->setDoesNotAccessMemory();
  result->addFnAttr(Attribute::WillReturn);
  return result;
}

/// AArch64's back end would keep limits in registers, and make one comparison
/// after the other without a branch.
static void hideLimit(llvm::Instruction *test) {
  test->setOperand(
      1, hidden(cast<Constant>(test->getOperand(1)), test->getIterator()));
}

/// Where the block that the branch goes to comes next, LLVM asks whether the
/// address is above the limit less one, for which AArch64 has no room: it would
/// shift both.
static void compareBelow(const Check &check) {
  auto *test = cast<ICmpInst>(check.branch->getCondition());
  if (check.branch->getSuccessor(0) == check.trap)
    check.branch->swapSuccessors();
  IRBuilder<> builder(test);
  check.branch->setCondition(builder.CreateICmpULT(
      check.address, ConstantInt::get(check.address->getType(), check.limit)));
  test->eraseFromParent();
  check.trap->moveAfter(check.branch->getParent());
}

/// A block that nothing else goes to, before one to which more do.
static BasicBlock *separate(BasicBlock *next, BasicBlock *from) {
  if (next->getSinglePredecessor())
    return next;
  auto *between = BasicBlock::Create(next->getContext(), "between",
                                     next->getParent(), next);
  BranchInst::Create(next, between);
  next->replacePhiUsesWith(from, between);
  return between;
}

/// Compares with the rounded limit, and off the path with the limits
/// themselves.
void LimitRounder::compareRounded(const Check &first,
                                  const std::optional<Check> &second) const {
  BasicBlock *block = first.branch->getParent();
  BasicBlock *next = second ? second->next : first.next;
  BasicBlock *before = second ? first.next : block; // of `next`
  if (isAArch64) {
    BasicBlock *only = separate(next, before);
    before->getTerminator()->replaceSuccessorWith(next, only);
    next = only;
  }
  auto *again =
      BasicBlock::Create(block->getContext(), "again", block->getParent());
  auto *test = cast<llvm::Instruction>(first.branch->getCondition());
  if (second) {
    auto *other = cast<llvm::Instruction>(second->branch->getCondition());
    other->moveBefore(second->branch->getIterator());
    block->splice(first.branch->getIterator(), before, before->begin(),
                  other->getIterator());
    if (isAArch64)
      hideLimit(other);
  }
  first.branch->removeFromParent();
  first.branch->insertInto(again, again->end());
  test->moveBefore(first.branch->getIterator());
  if (isAArch64) {
    hideLimit(test);
    again->moveAfter(block);
  }
  IRBuilder<> builder(block);
  Value *address = first.address;
  // What would not have been compared may be poison.
  if (second && !implies(first, *second))
    address = builder.CreateOr(address, builder.CreateFreeze(second->address));
  MDBuilder weights(block->getContext());
  builder.CreateCondBr(
      builder.CreateICmpULT(
          address, ConstantInt::get(address->getType(), rounded(first.limit))),
      next, again, weights.createLikelyBranchWeights());
  for (PHINode &phi : next->phis()) {
    Value *value = phi.getIncomingValueForBlock(before);
    phi.addIncoming(value, second ? block : again);
  }
}

bool LimitRounder::run(llvm::Function &function) const {
  SmallPtrSet<BasicBlock *, 16> seconds;
  SmallVector<BasicBlock *, 32> blocks;
  for (BasicBlock &block : function)
    blocks.push_back(&block);
  const DominatorTree dominators(function); // as it was
  bool changed = false;
  DenseMap<Value *, Value *> kept;
  for (BasicBlock *block : blocks) {
    std::optional<Check> check = checkAt(block);
    if (!check || seconds.contains(block))
      continue;
    std::optional<Check> partner = partnerOf(*check);
    bool hasRoom = fits(check->limit) || fits(check->limit - 1);
    if (hasRoom && !partner) {
      if (isAArch64 && !fits(check->limit - 1)) {
        compareBelow(*check);
        changed = true;
      }
      continue;
    }
    // A loop would be left with two ways back. Its limit is in a register, as
    // the sum of a number and another limit it would be made in each iteration.
    const BasicBlock *next = partner ? partner->next : check->next;
    if (isAArch64 && dominators.dominates(next, block)) {
      Use &limit = cast<llvm::Instruction>(check->branch->getCondition())
                       ->getOperandUse(1);
      Value *&number = kept[limit];
      if (!number)
        number = hidden(cast<Constant>(limit),
                        function.getEntryBlock().getFirstInsertionPt());
      limit = number;
      changed = true;
      continue;
    }
    if (partner)
      seconds.insert(check->next);
    compareRounded(*check, partner);
    changed = true;
  }
  return changed;
}

PreservedAnalyses wasmetal::RoundLimitsPass::run(llvm::Function &function,
                                                 FunctionAnalysisManager &) {
  LimitRounder rounder(Triple(function.getParent()->getTargetTriple()));
  return rounder.run(function) ? PreservedAnalyses::none()
                               : PreservedAnalyses::all();
}
