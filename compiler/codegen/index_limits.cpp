// In x[i], i being anything, x + i * 4 is in bounds where i is below a limit
// that x decides: it is computed before the loop, and the access compares the
// index itself. Then nothing has wrapped either, and the processor can add and
// multiply within the access. The sandbox rests on this file.
#include "compiler/codegen/index_limits.h"
#include "compiler/codegen/carried_index.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/emit/instance_layout.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/IR/ValueHandle.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

using namespace llvm;
using namespace wasmetal;
using namespace PatternMatch;

namespace {

/// An address is what does not vary in a loop, and index * factor, modulo 2^32.
struct Place {
  WeakTrackingVH index; // another candidate may load it
  uint32_t factor = 1;
  uint32_t shift = 0; // the index is so many bits to the right of that
  bool isSigned = false;
  /// Of what does not vary; which another candidate may load, too.
  SmallVector<std::pair<WeakTrackingVH, uint32_t>, 2> terms;
};

/// An access that is to compare its index, or a load and a store with what is
/// between them.
struct Candidate {
  CallInst *translate;
  SmallVector<Instruction *, 4> accesses;
  Place place;
  BasicBlock *before; // of the outermost loop in which the rest does not vary
};

} // namespace

static void split(Value *value, uint32_t factor, const Loop &loop,
                  Place &place) {
  if (loop.isLoopInvariant(value)) {
    place.terms.push_back({value, factor});
    return;
  }
  Value *left, *right;
  const APInt *number;
  if (match(value, m_AddLike(m_Value(left), m_Value(right))) &&
      (loop.isLoopInvariant(left) || loop.isLoopInvariant(right))) {
    split(left, factor, loop, place);
    split(right, factor, loop, place);
    return;
  }
  if (match(value, m_Mul(m_Value(left), m_APInt(number))))
    return split(left, factor * number->getZExtValue(), loop, place);
  if (match(value, m_Shl(m_Value(left), m_APInt(number))) && number->ult(32))
    return split(left, factor << number->getZExtValue(), loop, place);
  // What LLVM makes of (x >> n) << m.
  const APInt *shift, *mask;
  if (match(value,
            m_And(m_Shr(m_Value(left), m_APInt(shift)), m_APInt(mask))) &&
      shift->ult(32)) {
    auto *shifted = cast<Instruction>(cast<Instruction>(value)->getOperand(0));
    bool isSigned = shifted->getOpcode() == Instruction::AShr;
    auto bits = static_cast<uint32_t>(shift->getZExtValue());
    APInt kept = *mask;
    if (!isSigned)
      kept |= APInt::getHighBitsSet(32, bits);
    uint32_t dropped = kept.countr_zero();
    if (kept.isNegatedPowerOf2() && bits + dropped < 32) {
      place.index = left;
      place.factor = factor << dropped;
      place.shift = bits + dropped;
      place.isSigned = isSigned;
      return;
    }
  }
  place.index = value;
  place.factor = factor;
}

static uint64_t constantOperand(const CallInst &translate, unsigned operand) {
  return cast<ConstantInt>(translate.getArgOperand(operand))->getZExtValue();
}

/// A load that waits for itself gets there sooner by an index. One that a
/// comparison of what it gave makes wait would take longer, if LLVM takes a
/// selection for that in the place of a branch.
static bool isWorthIt(Instruction &access, Value *index, const Loop &loop,
                      bool isChecked) {
  if (!isa<LoadInst>(access))
    return isChecked;
  return dependsOn(index, access, loop, /*byComparison=*/false) ||
         (isChecked && !dependsOn(index, access, loop, /*byComparison=*/true));
}

/// What uses an address, behind each other, so that all of it can be copied.
static SmallVector<Instruction *, 4> accessesOf(CallInst &translate) {
  constexpr size_t MaxCopied = 4;
  SmallVector<Instruction *, 4> accesses;
  size_t users = 0;
  for (Instruction *inst = translate.getNextNode();
       inst && !inst->isTerminator() && accesses.size() < MaxCopied;
       inst = inst->getNextNode()) {
    bool isUser = getLoadStorePointerOperand(inst) == &translate;
    if (!isUser && (inst->mayReadOrWriteMemory() || isa<CallBase>(inst)))
      break;
    accesses.push_back(inst);
    users += isUser;
    if (translate.hasNUses(static_cast<unsigned>(users)))
      return accesses;
  }
  return {};
}

static std::optional<Candidate> candidateOf(CallInst &translate,
                                            Loop &innermost, bool isChecked) {
  constexpr uint32_t MaxFactor = uint32_t(1) << 20;
  Value *address = Translate::narrowAddress(translate);
  if (!address || !Translate::hasPlainUses(translate))
    return std::nullopt;
  Candidate found = {&translate, accessesOf(translate), Place(), nullptr};
  if (found.accesses.empty())
    return std::nullopt;
  Place &place = found.place;
  split(address, 1, innermost, place);
  // Bytes win less than what stands before the loop costs.
  if (!place.index || place.terms.empty() || place.factor < 2 ||
      place.factor > MaxFactor)
    return std::nullopt;
  for (Instruction *access : found.accesses)
    if (getLoadStorePointerOperand(access) &&
        !isWorthIt(*access, place.index, innermost, isChecked))
      return std::nullopt;
  auto isFixed = [&](Loop &loop) {
    bool changed = false;
    return loop.makeLoopInvariant(translate.getArgOperand(Translate::Memory),
                                  changed) &&
           loop.isLoopInvariant(translate.getArgOperand(Translate::Base)) &&
           all_of(place.terms,
                  [&](auto &term) { return loop.isLoopInvariant(term.first); });
  };
  for (Loop *loop = &innermost;
       loop && loop->getLoopPreheader() && isFixed(*loop);
       loop = loop->getParentLoop())
    found.before = loop->getLoopPreheader();
  if (!found.before)
    return std::nullopt;
  return found;
}

static bool haveOneLimit(const Candidate &one, const Candidate &other) {
  auto end = [](const CallInst &translate) {
    return constantOperand(translate, Translate::Offset) +
           constantOperand(translate, Translate::Size);
  };
  return one.place.factor == other.place.factor &&
         one.place.terms == other.place.terms &&
         one.translate->getArgOperand(Translate::Base) ==
             other.translate->getArgOperand(Translate::Base) &&
         end(*one.translate) == end(*other.translate);
}

/// What of a loop's accesses compares with a limit: nothing else is called, so
/// that the loop is worth it.
static void collect(Loop &loop, bool isChecked,
                    SmallVectorImpl<Candidate> &candidates) {
  constexpr size_t MaxLimits = 4; // each takes a register
  if (!loop.isInnermost() ||
      findStringMetadataForLoop(&loop, "llvm.loop.disable_nonforced"))
    return;
  SmallVector<Candidate, 4> found;
  for (BasicBlock *block : loop.blocks())
    for (Instruction &inst : *block) {
      auto *call = dyn_cast<CallBase>(&inst);
      if (!call || isa<IntrinsicInst>(call))
        continue;
      CallInst *translate = Translate::match(inst);
      if (!translate)
        return;
      if (std::optional<Candidate> one =
              candidateOf(*translate, loop, isChecked))
        found.push_back(*one);
    }
  SmallVector<const Candidate *, 4> limits;
  for (const Candidate &one : found)
    if (none_of(limits, [&](const Candidate *other) {
          return haveOneLimit(one, *other);
        }))
      limits.push_back(&one);
  if (limits.size() <= MaxLimits)
    candidates.append(found);
}

/// The pointer that an index of zero has, and the number of indices in bounds.
static std::pair<Value *, Value *> makeLimit(const Candidate &candidate) {
  CallInst &translate = *candidate.translate;
  IRBuilder<> builder(candidate.before->getTerminator());
  Type *i32 = builder.getInt32Ty(), *i64 = builder.getInt64Ty();
  Value *sum = nullptr;
  for (auto &[value, factor] : candidate.place.terms) {
    Value *term = builder.CreateMul(value, ConstantInt::get(i32, factor));
    sum = sum ? builder.CreateAdd(sum, term) : term;
  }
  // It may stand where the value was not needed.
  Value *lead = builder.CreateZExt(builder.CreateFreeze(sum), i64, "lead");
  Value *size;
  uint64_t minimum = constantOperand(translate, Translate::Minimum);
  if (minimum == constantOperand(translate, Translate::Maximum)) {
    size = builder.getInt64(minimum);
  } else {
    // Memories never shrink: what they have now, they have in the loop.
    AbiLayout layout(translate.getDataLayout().getPointerSize());
    size = builder.CreateAlignedLoad(
        i64,
        builder.CreateConstGEP1_64(builder.getInt8Ty(),
                                   translate.getArgOperand(Translate::Memory),
                                   layout.memoryBytes),
        Align(8), "size");
  }
  uint64_t behind = constantOperand(translate, Translate::Offset) +
                    constantOperand(translate, Translate::Size);
  Value *room = builder.CreateSub(builder.CreateSub(size, lead),
                                  builder.getInt64(behind), "room");
  // The last index in bounds, and one more; none where there is no room.
  Value *factor = builder.getInt64(candidate.place.factor);
  Value *limit =
      builder.CreateUDiv(builder.CreateBinaryIntrinsic(
                             Intrinsic::smax, builder.CreateAdd(room, factor),
                             builder.getInt64(0)),
                         factor, "limit");
  Value *row = builder.CreatePtrAdd(translate.getArgOperand(Translate::Base),
                                    lead, "row");
  return {row, limit};
}

/// The pointer of an access whose index is below the limit.
static Value *makePointer(IRBuilder<> &builder, const Candidate &candidate,
                          Value *row, Value *index) {
  constexpr StringLiteral Name = "below.limit";
  constexpr uint32_t MaxScale = 8; // what processors multiply by
  Type *i8 = builder.getInt8Ty();
  uint32_t factor = candidate.place.factor;
  Value *pointer =
      isPowerOf2_32(factor) && factor <= MaxScale
          ? builder.CreateGEP(ArrayType::get(i8, factor), row, index, Name)
          : builder.CreateGEP(
                i8, row, builder.CreateMul(index, builder.getInt64(factor)),
                Name);
  return builder.CreateGEP(
      i8, pointer, candidate.translate->getArgOperand(Translate::Offset), Name);
}

static void setVolatile(Instruction &access, bool isVolatile) {
  if (auto *load = dyn_cast<LoadInst>(&access))
    load->setVolatile(isVolatile);
  else if (auto *store = dyn_cast<StoreInst>(&access))
    store->setVolatile(isVolatile);
}

static Value *indexOf(IRBuilder<> &builder, const Place &place) {
  Value *index = place.index;
  if (place.shift)
    index = place.isSigned ? builder.CreateAShr(index, place.shift)
                           : builder.CreateLShr(index, place.shift);
  return builder.CreateZExt(index, builder.getInt64Ty(), "index");
}

static void compareIndex(const Candidate &candidate) {
  auto [row, limit] = makeLimit(candidate);
  CallInst *translate = candidate.translate;
  IRBuilder<> builder(translate);
  Value *index = indexOf(builder, candidate.place);
  Value *isBelow = builder.CreateICmpULT(index, limit);
  Instruction *near, *far;
  SplitBlockAndInsertIfThenElse(
      isBelow, translate->getIterator(), &near, &far,
      MDBuilder(builder.getContext()).createLikelyBranchWeights());
  BasicBlock *join = translate->getParent();
  translate->moveBefore(far->getIterator());
  builder.SetInsertPoint(near);
  ValueToValueMapTy copies;
  copies[translate] = makePointer(builder, candidate, row, index);
  for (Instruction *access : candidate.accesses) {
    access->moveBefore(far->getIterator());
    Instruction *other = access->clone();
    other->insertBefore(near->getIterator());
    RemapInstruction(other, copies,
                     RF_NoModuleLevelChanges | RF_IgnoreMissingLocals);
    copies[access] = other;
    setVolatile(*other, false);
    // Else LLVM would merge the two again.
    setVolatile(*access, true);
  }
  for (Instruction *access : candidate.accesses) {
    if (access->getType()->isVoidTy())
      continue;
    PHINode *result =
        PHINode::Create(access->getType(), 2, "loaded", join->begin());
    Value *copy = copies[access];
    // Whoever is to compare it as an index follows, though nobody else uses it.
    access->replaceAllUsesWith(result);
    result->addIncoming(copy, near->getParent());
    result->addIncoming(access, far->getParent());
    for (Instruction *other : candidate.accesses)
      other->replaceUsesOfWith(result, access);
  }
}

PreservedAnalyses IndexLimitsPass::run(llvm::Function &function,
                                       FunctionAnalysisManager &manager) {
  auto &loops = manager.getResult<LoopAnalysis>(function);
  SmallVector<Candidate, 8> candidates;
  for (Loop *loop : loops.getLoopsInPreorder())
    collect(*loop, isChecked, candidates);
  for (const Candidate &candidate : candidates)
    compareIndex(candidate);
  return candidates.empty() ? PreservedAnalyses::all()
                            : PreservedAnalyses::none();
}
