// One walk down the dominator tree, access by access. Instructions are text, as
// LLVM has no operation for them: with side effects and without `willreturn`,
// nothing that may not be speculated moves across, neither here nor in the code
// generator; reading all memory, they keep stores that a trap would show.
// docs/decisions/0023-memory-protection-unit.md
#include "compiler/codegen/unprivileged.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/preserved.h"
#include "compiler/codegen/redundant_checks.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DepthFirstIterator.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace wasmetal;

/// Offsets that the instructions have room for.
static constexpr uint64_t LargestImmediate = 255;

namespace {

/// Where an access goes: pointer + immediate is its address, and so much behind
/// it the access.
struct Place {
  Value *pointer;
  uint64_t immediate;
  uint64_t offset;
  /// Whether address + offset may be 2^32 or more: that traps, but to the
  /// processor it is the beginning of memory.
  bool wraps;
};

class Walk {
public:
  Walk(const DominatorTree &dominators, StringRef memory)
      : dominators(dominators), memory(memory) {}

  /// Whether the call is gone, or what depends on it.
  bool visit(CallInst &check);

private:
  const DominatorTree &dominators;
  StringRef memory;
  /// Addresses, and where they are known to be in bounds: from the outermost
  /// block to the innermost one.
  DenseMap<const Value *, SmallVector<const BasicBlock *, 2>> known;

  bool isKnown(CallInst &check);
  std::optional<Place> placeOf(CallInst &check, bool isBelow);
};

/// Loads and stores of up to 32 bits, and what they are made of beyond.
class Accesses {
public:
  Accesses(Instruction &access, const Place &place)
      : builder(&access), place(place), i32(builder.getInt32Ty()) {}

  void replaceLoad(LoadInst &load);
  void replaceStore(StoreInst &store);

private:
  IRBuilder<> builder;
  const Place &place;
  Type *i32;

  void touch(uint64_t offset) { read("ldrbt", offset); }
  CallInst *read(StringRef name, uint64_t offset);
  void write(StringRef name, Value *value, uint64_t offset);
  CallInst *call(FunctionType *type, const Twine &text, StringRef constraints,
                 ArrayRef<Value *> arguments, MemoryEffects effects);
};

} // namespace

static uint64_t constantOperand(const CallInst &check, unsigned operand) {
  return cast<ConstantInt>(check.getArgOperand(operand))->getZExtValue();
}

/// The address as the guest computed it, or what that was made of: 32 bits at
/// most, widened for each access.
static Value *addressOf(CallInst &check) {
  Value *address = check.getArgOperand(Translate::Address);
  if (auto *wide = dyn_cast<ZExtInst>(address))
    return wide->getOperand(0);
  return address;
}

//===-- Instructions ------------------------------------------------------===//

CallInst *Accesses::call(FunctionType *type, const Twine &text,
                         StringRef constraints, ArrayRef<Value *> arguments,
                         MemoryEffects effects) {
  CallInst *result = builder.CreateCall(
      type,
      InlineAsm::get(type, text.str(), constraints, /*hasSideEffects=*/true),
      arguments);
  result->setDoesNotThrow();
  result->setMemoryEffects(effects);
  return result;
}

static std::string addressText(StringRef pointer, uint64_t immediate) {
  return ("[" + pointer + ", #" + Twine(immediate) + "]").str();
}

CallInst *Accesses::read(StringRef name, uint64_t offset) {
  return call(FunctionType::get(i32, {place.pointer->getType()}, false),
              name + " $0, " + addressText("$1", place.immediate + offset),
              "=r,r", {place.pointer}, MemoryEffects::readOnly());
}

void Accesses::write(StringRef name, Value *value, uint64_t offset) {
  call(FunctionType::get(builder.getVoidTy(), {i32, place.pointer->getType()},
                         false),
       name + " $0, " + addressText("$1", place.immediate + offset), "r,r",
       {value, place.pointer},
       MemoryEffects::readOnly() | MemoryEffects::argMemOnly());
}

/// Bytes and halves become 32 bits as what uses them wants.
static void replaceNarrow(LoadInst &load, CallInst *wide, bool isSigned) {
  unsigned bits = load.getType()->getIntegerBitWidth();
  uint64_t values = uint64_t(1) << bits;
  wide->addRangeRetAttr(
      isSigned ? ConstantRange(-APInt(32, values / 2), APInt(32, values / 2))
               : ConstantRange(APInt(32, 0), APInt(32, values)));
  IRBuilder<> builder(&load);
  for (User *user : make_early_inc_range(load.users())) {
    auto *cast = dyn_cast<CastInst>(user);
    bool extends =
        cast && (isSigned ? isa<SExtInst>(cast) : isa<ZExtInst>(cast));
    if (!extends || cast->getType()->getIntegerBitWidth() < 32)
      continue;
    cast->replaceAllUsesWith(
        builder.CreateIntCast(wide, cast->getType(), isSigned));
    cast->eraseFromParent();
  }
  load.replaceAllUsesWith(builder.CreateTrunc(wide, load.getType()));
}

void Accesses::replaceLoad(LoadInst &load) {
  Type *type = load.getType();
  unsigned bits = type->getPrimitiveSizeInBits();
  if (place.wraps)
    touch(0);
  if (bits < 32) {
    bool isSigned = load.hasOneUse() && isa<SExtInst>(load.user_back());
    bool isByte = bits == 8;
    replaceNarrow(load,
                  read(isSigned ? (isByte ? "ldrsbt" : "ldrsht")
                                : (isByte ? "ldrbt" : "ldrht"),
                       place.offset),
                  isSigned);
    return;
  }
  Value *value = read("ldrt", place.offset);
  if (bits == 64) {
    Type *i64 = builder.getInt64Ty();
    Value *high = builder.CreateZExt(read("ldrt", place.offset + 4), i64);
    value = builder.CreateOr(builder.CreateZExt(value, i64),
                             builder.CreateShl(high, 32));
  }
  load.replaceAllUsesWith(builder.CreateBitCast(value, type));
}

/// All of a store happens or nothing: its last byte is read before the first
/// one is written, and what is written first is the first that may trap.
void Accesses::replaceStore(StoreInst &store) {
  Value *value = store.getValueOperand();
  unsigned bits = value->getType()->getPrimitiveSizeInBits();
  value = builder.CreateBitCast(value, builder.getIntNTy(bits));
  if (place.wraps)
    touch(0);
  if (bits > 8)
    touch(place.offset + bits / 8 - 1);
  if (bits < 32)
    value = builder.CreateZExt(value, i32);
  write(bits == 8    ? "strbt"
        : bits == 16 ? "strht"
                     : "strt",
        builder.CreateTrunc(value, i32), place.offset);
  if (bits == 64)
    write("strt", builder.CreateTrunc(builder.CreateLShr(value, 32), i32),
          place.offset + 4);
}

//===-- The walk ----------------------------------------------------------===//

/// The one access that stands at its check, or null: nothing that a trap would
/// show may come between.
static Instruction *accessAt(CallInst &check) {
  for (Instruction *next = check.getNextNode(); next;
       next = next->getNextNode()) {
    if (is_contained(check.users(), next))
      return next;
    if (next->mayReadOrWriteMemory() || next->isTerminator() ||
        !isGuaranteedToTransferExecutionToSuccessor(next))
      return nullptr;
  }
  return nullptr;
}

/// Whether an access can be made of these instructions, and has the check's
/// size.
static bool isSuitable(const Instruction *access, const CallInst &check) {
  if (!access || !Translate::hasPlainUses(check))
    return false;
  Type *type = getLoadStoreType(access);
  if (!type->isIntegerTy() && !type->isFloatTy() && !type->isDoubleTy())
    return false;
  uint64_t bits = type->getPrimitiveSizeInBits();
  return (bits == 8 || bits == 16 || bits == 32 || bits == 64) &&
         bits == constantOperand(check, Translate::Size) * 8;
}

/// Every check that the walk meets tells that its address is in bounds, of
/// accesses below it.
bool Walk::isKnown(CallInst &check) {
  SmallVector<const BasicBlock *, 2> &above = known[addressOf(check)];
  // The walk does not return to a subtree that it has left.
  while (!above.empty() &&
         !dominators.dominates(above.back(), check.getParent()))
    above.pop_back();
  if (!above.empty())
    return true;
  above.push_back(check.getParent());
  return false;
}

/// None: the instructions do not reach so far, and a comparison is as good.
std::optional<Place> Walk::placeOf(CallInst &check, bool isBelow) {
  uint64_t offset = constantOperand(check, Translate::Offset);
  uint64_t last = offset + constantOperand(check, Translate::Size) - 1;
  uint64_t largest =
      isBelow ? constantOperand(check, Translate::Maximum)
              : computeKnownBits(check.getArgOperand(Translate::Address),
                                 check.getDataLayout())
                    .getMaxValue()
                    .getLimitedValue();
  bool wraps = largest > UINT32_MAX - offset;
  if (wraps && last > LargestImmediate)
    return std::nullopt;
  IRBuilder<> builder(&check);
  Value *base = check.getArgOperand(Translate::Base);
  if (last > LargestImmediate) {
    base = builder.CreateConstGEP1_32(builder.getInt8Ty(), base,
                                      static_cast<unsigned>(offset));
    last -= offset;
    offset = 0;
  }
  // What the guest adds, the instruction may, as both wrap.
  Value *address =
      builder.CreateZExtOrTrunc(addressOf(check), builder.getInt32Ty());
  uint64_t immediate = 0;
  Value *variable;
  const APInt *constant;
  if (match(address, m_Add(m_Value(variable), m_APInt(constant))) &&
      constant->getZExtValue() <= LargestImmediate - last) {
    immediate = constant->getZExtValue();
    address = variable;
  }
  return Place{builder.CreateGEP(builder.getInt8Ty(), base, address), immediate,
               offset, wraps};
}

bool Walk::visit(CallInst &check) {
  if (check.getArgOperand(Translate::Base)->getName() != memory)
    return false;
  bool isBelow = isKnown(check);
  Instruction *access = accessAt(check);
  if (!isSuitable(access, check))
    return false;
  std::optional<Place> place = placeOf(check, isBelow);
  if (!place)
    return false;
  Accesses accesses(*access, *place);
  if (auto *load = dyn_cast<LoadInst>(access))
    accesses.replaceLoad(*load);
  else
    accesses.replaceStore(*cast<StoreInst>(access));
  access->eraseFromParent();
  replaceCheck(check); // of others that use the address
  return true;
}

PreservedAnalyses UnprivilegedPass::run(llvm::Function &function,
                                        FunctionAnalysisManager &manager) {
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  Walk walk(dominators, memory);
  bool changed = false;
  for (const DomTreeNode *node : depth_first(dominators.getRootNode())) {
    SmallVector<CallInst *, 8> checks;
    for (llvm::Instruction &inst : *node->getBlock())
      if (CallInst *check = Translate::match(inst))
        checks.push_back(check);
    for (CallInst *check : checks)
      changed |= walk.visit(*check);
  }
  return keepingBranches(changed);
}
