// A value becomes a vector of what several iterations have for it, one behind
// the other, so it must be one of lanes, made lane by lane or by moving lanes,
// and accesses must be next to each other.
#include "compiler/codegen/wide_plan.h"

#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

/// Whether the loop is one block and its exit decided by its own number.
bool WidePlan::findCount() {
  auto *branch = dyn_cast<BranchInst>(body->getTerminator());
  if (!branch || !branch->isConditional() || loop.getLoopLatch() != body ||
      !loop.getLoopPreheader() || !loop.getUniqueExitBlock() ||
      !loop.hasDedicatedExits())
    return false;
  auto *exit = dyn_cast<ICmpInst>(branch->getCondition());
  if (!exit || !exit->isEquality() || !exit->hasOneUse() ||
      (exit->getPredicate() == ICmpInst::ICMP_EQ) ==
          (branch->getSuccessor(0) == body))
    return false;
  auto *k = dyn_cast<PHINode>(exit->getOperand(0));
  if (!k || k->getParent() != body || !k->getType()->isIntegerTy(64) ||
      !loop.isLoopInvariant(exit->getOperand(1)) ||
      !match(k->getIncomingValueForBlock(loop.getLoopPreheader()), m_Zero()) ||
      !match(k->getIncomingValueForBlock(body),
             m_NUWAdd(m_Specific(k), m_One())))
    return false;
  counted = {&loop, k, exit, exit->getOperand(1)};
  return !hasOtherUses(counted);
}

Intrinsic::ID wasmetal::doubled(Intrinsic::ID id) {
  switch (id) {
  case Intrinsic::x86_sse_min_ps:
    return Intrinsic::x86_avx_min_ps_256;
  case Intrinsic::x86_sse_max_ps:
    return Intrinsic::x86_avx_max_ps_256;
  case Intrinsic::x86_sse2_min_pd:
    return Intrinsic::x86_avx_min_pd_256;
  case Intrinsic::x86_sse2_max_pd:
    return Intrinsic::x86_avx_max_pd_256;
  case Intrinsic::x86_sse2_cvttps2dq:
    return Intrinsic::x86_avx_cvtt_ps2dq_256;
  case Intrinsic::x86_sse2_packsswb_128:
    return Intrinsic::x86_avx2_packsswb;
  case Intrinsic::x86_sse2_packuswb_128:
    return Intrinsic::x86_avx2_packuswb;
  case Intrinsic::x86_sse2_packssdw_128:
    return Intrinsic::x86_avx2_packssdw;
  case Intrinsic::x86_sse41_packusdw:
    return Intrinsic::x86_avx2_packusdw;
  case Intrinsic::x86_ssse3_pmul_hr_sw_128:
    return Intrinsic::x86_avx2_pmul_hr_sw;
  case Intrinsic::x86_sse2_pmulh_w:
    return Intrinsic::x86_avx2_pmulh_w;
  case Intrinsic::x86_ssse3_pmadd_ub_sw_128:
    return Intrinsic::x86_avx2_pmadd_ub_sw;
  case Intrinsic::x86_sse2_pmadd_wd:
    return Intrinsic::x86_avx2_pmadd_wd;
  case Intrinsic::x86_ssse3_pshuf_b_128:
    return Intrinsic::x86_avx2_pshuf_b;
  case Intrinsic::x86_sse41_pblendvb:
    return Intrinsic::x86_avx2_pblendvb;
  default:
    return Intrinsic::not_intrinsic;
  }
}

static bool hasLanes(const Type *type) {
  return !isa<ScalableVectorType>(type) &&
         (type->getScalarType()->isIntegerTy() ||
          type->getScalarType()->isFloatingPointTy());
}

bool WidePlan::canWidenCall(const IntrinsicInst &call) const {
  Intrinsic::ID id = call.getIntrinsicID();
  if (!call.doesNotAccessMemory() || !hasLanes(call.getType()))
    return false;
  if (doubled(id)) // or one after the other
    return copies == 2 || room == 1;
  if (!isTriviallyVectorizable(id) && id != Intrinsic::arithmetic_fence)
    return false;
  for (unsigned i = 0, e = call.arg_size(); i < e; ++i)
    if (isVectorIntrinsicWithScalarOpAtArg(id, i, nullptr) &&
        !isa<Constant>(call.getArgOperand(i)))
      return false;
  return true;
}

bool WidePlan::isAside(const llvm::Instruction &inst) const {
  return isa<GetElementPtrInst>(inst) || inst.isTerminator() ||
         &inst == counted.number || &inst == counted.exit ||
         is_contained(inst.operands(), counted.number);
}

bool WidePlan::canWiden(llvm::Instruction &inst) {
  if (isa<LoadInst, StoreInst>(inst))
    return addAccess(inst);
  if (isAside(inst))
    return true;
  if (auto *phi = dyn_cast<PHINode>(&inst))
    return findReduction(*phi);
  if (!hasLanes(inst.getType()) || any_of(inst.operands(), [](Value *operand) {
        return !isa<llvm::Function>(operand) && !hasLanes(operand->getType());
      }))
    return false;
  if (auto *call = dyn_cast<IntrinsicInst>(&inst))
    return canWidenCall(*call);
  if (auto *select = dyn_cast<SelectInst>(&inst)) {
    Value *condition = select->getCondition();
    return lanesOf(condition->getType()) == lanesOf(select->getType()) ||
           loop.isLoopInvariant(condition);
  }
  if (isa<InsertElementInst>(inst))
    return isa<ConstantInt>(inst.getOperand(2));
  if (isa<ExtractElementInst>(inst))
    return isa<ConstantInt>(inst.getOperand(1));
  return isa<BinaryOperator, UnaryOperator, CmpInst, CastInst, FreezeInst,
             ShuffleVectorInst>(inst);
}

/// Whether iterations may be counted in any order. Modulo a power of two, that
/// is so of sums and products.
static bool isReordered(const llvm::Instruction &inst) {
  if (auto *call = dyn_cast<IntrinsicInst>(&inst))
    return isa<MinMaxIntrinsic>(call);
  switch (inst.getOpcode()) {
  case llvm::Instruction::Add:
  case llvm::Instruction::Sub:
  case llvm::Instruction::Mul:
  case llvm::Instruction::And:
  case llvm::Instruction::Or:
  case llvm::Instruction::Xor:
    return true;
  default:
    return false;
  }
}

/// To subtract is to add something else.
static unsigned kindOf(const llvm::Instruction &inst) {
  return inst.getOpcode() == llvm::Instruction::Sub ? llvm::Instruction::Add
                                                    : inst.getOpcode();
}

/// Follows a variable through what is added to it in an iteration, and used by
/// nothing else.
bool WidePlan::findReduction(PHINode &variable) {
  auto *last =
      dyn_cast<llvm::Instruction>(variable.getIncomingValueForBlock(body));
  if (!last || last->getParent() != body || isa<PHINode>(last) ||
      !last->getType()->isIntOrIntVectorTy())
    return false;
  auto idOf = [](const llvm::Instruction &inst) {
    auto *call = dyn_cast<IntrinsicInst>(&inst);
    return call ? call->getIntrinsicID() : Intrinsic::not_intrinsic;
  };
  for (llvm::Instruction *value = &variable; value != last;) {
    if (!value->hasOneUse())
      return false;
    auto *next = cast<llvm::Instruction>(value->user_back());
    if (next->getParent() != body || !isReordered(*next) ||
        kindOf(*next) != kindOf(*last) || idOf(*next) != idOf(*last) ||
        (next->getOpcode() == llvm::Instruction::Sub &&
         next->getOperand(0) != value))
      return false;
    value = next;
    reordered.insert(value);
  }
  if (any_of(last->users(), [&](User *user) {
        return user != &variable &&
               loop.contains(cast<llvm::Instruction>(user));
      }))
    return false;
  reductions.push_back({&variable, last, kindOf(*last), idOf(*last)});
  return true;
}

/// What an iteration accesses has to end where it begins for the next one.
bool WidePlan::addAccess(llvm::Instruction &inst) {
  Type *type = getLoadStoreType(&inst);
  std::optional<Place> place =
      placeOf(getLoadStorePointerOperand(&inst), counted);
  bool isSimple = isa<LoadInst>(inst) ? cast<LoadInst>(inst).isSimple()
                                      : cast<StoreInst>(inst).isSimple();
  const DataLayout &layout = body->getDataLayout();
  if (!isSimple || !place || !hasLanes(type) ||
      layout.getTypeSizeInBits(type) != layout.getTypeStoreSizeInBits(type) ||
      !layout.typeSizeEqualsStoreSize(type->getScalarType()))
    return false;
  int64_t size = layout.getTypeStoreSize(type);
  bool stores = isa<StoreInst>(inst);
  accesses.push_back({*place, size, stores});
  Extent &extent = extents[{place->row, place->step}];
  extent.begin = std::min(extent.begin, place->distance);
  extent.end = std::max(extent.end, place->distance + size);
  extent.stores |= stores;
  return place->step == size;
}

/// The first access of some iterations comes before the second one of all of
/// them. So the first one of a later iteration must not meet the second one of
/// an earlier iteration. Rows are compared when the program runs.
bool WidePlan::keepsOrder() const {
  constexpr unsigned MaxTests = 16;
  for (size_t i = 0; i < accesses.size(); ++i)
    for (size_t j = i + 1; j < accesses.size(); ++j) {
      const Access &first = accesses[i], &second = accesses[j];
      if ((!first.stores && !second.stores) ||
          first.place.row != second.place.row)
        continue;
      Place later = first.place;
      for (unsigned copy = 1; copy < copies; ++copy) {
        later.distance += later.step;
        if (!areApart(later, first.size, second.place, second.size))
          return false;
      }
    }
  unsigned tests = 0;
  for (auto one = extents.begin(); one != extents.end(); ++one)
    for (auto two = extents.begin(); two != one; ++two)
      tests += one->second.stores || two->second.stores;
  return tests <= MaxTests;
}

/// Whether what is used behind the loop is known there.
bool WidePlan::canLeave() const {
  return all_of(loop.getUniqueExitBlock()->phis(), [&](PHINode &phi) {
    auto *value =
        dyn_cast<llvm::Instruction>(phi.getIncomingValueForBlock(body));
    return !value || value->getParent() != body ||
           (hasLanes(value->getType()) && !isa<PHINode>(value) &&
            !is_contained(value->operands(), counted.number));
  });
}

SmallVector<unsigned, 4>
WidePlan::lanesUsedBy(const llvm::Instruction &inst) const {
  unsigned lanes = used.lookup(&inst);
  if (auto *shuffle = dyn_cast<ShuffleVectorInst>(&inst)) {
    int width = lanesOf(shuffle->getOperand(0)->getType());
    int most = 0;
    bool first = false, second = false;
    for (int lane : shuffle->getShuffleMask().take_front(lanes)) {
      most = std::max(most, lane < width ? lane + 1 : lane - width + 1);
      first |= lane >= 0 && lane < width;
      second |= lane >= width;
    }
    unsigned each = bit_ceil(static_cast<unsigned>(most));
    return {first ? each : 0, second ? each : 0};
  }
  if (isa<InsertElementInst>(inst)) {
    uint64_t place = cast<ConstantInt>(inst.getOperand(2))->getZExtValue();
    return {lanes == 1 && place == 0 ? 0 : lanes, place < lanes, 0};
  }
  if (isa<ExtractElementInst>(inst)) {
    uint64_t place = cast<ConstantInt>(inst.getOperand(1))->getZExtValue();
    return {bit_ceil(static_cast<unsigned>(place) + 1), 0};
  }
  if (isa<BitCastInst>(inst))
    return {lanes * inst.getType()->getScalarSizeInBits() /
            inst.getOperand(0)->getType()->getScalarSizeInBits()};
  auto *call = dyn_cast<IntrinsicInst>(&inst);
  bool isFixed =
      isa<StoreInst>(inst) || (call && doubled(call->getIntrinsicID()));
  SmallVector<unsigned, 4> needed;
  for (const Value *operand : inst.operands()) {
    const Type *type = operand->getType();
    bool isWhole = isFixed || !type->isVectorTy();
    needed.push_back(isWhole ? lanesOf(type) : lanes);
  }
  return needed;
}

/// From what the loop stores and leaves behind up to what that is made of.
void WidePlan::findUsed() {
  used.clear();
  auto use = [&](const Value *value, unsigned lanes) {
    unsigned &most = used[value];
    most = std::max(most, lanes);
  };
  for (PHINode &phi : loop.getUniqueExitBlock()->phis())
    use(phi.getIncomingValueForBlock(body), lanesOf(phi.getType()));
  for (const Reduction &reduction : reductions) {
    use(reduction.variable, lanesOf(reduction.variable->getType()));
    use(reduction.last, lanesOf(reduction.last->getType()));
  }
  for (const llvm::Instruction &inst : reverse(*body)) {
    if (isAside(inst) || isa<PHINode>(inst))
      continue;
    auto *call = dyn_cast<IntrinsicInst>(&inst);
    unsigned lanes = used.lookup(&inst);
    lanes = lanes ? bit_ceil(lanes) : 0;
    if (isa<BitCastInst>(inst) && lanes)
      lanes =
          std::max(lanes, inst.getOperand(0)->getType()->getScalarSizeInBits() /
                              inst.getType()->getScalarSizeInBits());
    if (isa<LoadInst, StoreInst>(inst) ||
        (call && doubled(call->getIntrinsicID())))
      lanes = lanesOf(inst.getType());
    used[&inst] = lanes;
    if (lanes)
      for (auto [operand, needed] : zip(inst.operands(), lanesUsedBy(inst)))
        use(operand, needed);
  }
}

/// Where no register is wider, what is saved is the branches, and the time that
/// one sum waits for the next. A loop in another one may run for a short time,
/// in which the test before it and the iteration that is left cost more.
bool WidePlan::isWorthwhile() const {
  return room > 1 || !reductions.empty() || !loop.getParentLoop();
}

bool WidePlan::make(unsigned numCopies) {
  constexpr size_t MaxBody = 400;
  copies = numCopies;
  accesses.clear();
  extents.clear();
  reductions.clear();
  reordered.clear();
  bool hasVectors = any_of(*body, [](const llvm::Instruction &inst) {
    return inst.getType()->isVectorTy();
  });
  if (!hasVectors || body->size() > MaxBody ||
      findStringMetadataForLoop(&loop, "llvm.loop.disable_nonforced") ||
      !findCount() ||
      !all_of(*body, [&](llvm::Instruction &inst) { return canWiden(inst); }) ||
      accesses.empty() || !keepsOrder() || !canLeave() || !isWorthwhile())
    return false;
  findUsed();
  return true;
}
