// The loop itself stays as it is. Only the values with which it begins change:
// to those that it would have after as many iterations as have equal bytes
// within the memory's size. These take no exit, trap nowhere, and change
// nothing else. At least one iteration is left for the loop, which decides how
// it ends. The sandbox does not rest on this file: all accesses keep their
// checks.
#include "compiler/codegen/skip_equal.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace wasmetal;

namespace {

class Comparison {
public:
  Comparison(Loop &loop, ScalarEvolution &scev, DominatorTree &dominators)
      : loop(loop), scev(scev), dominators(dominators),
        expander(scev, "equal") {}
  bool skip();

private:
  bool findBytes();
  bool findCount();
  bool hasNoOtherEffect();
  bool findStarts();
  bool isInvariant(Value *value) const;
  LoadInst *byteOf(Value *value);
  const SCEVAddRecExpr *ascentOf(const CallInst &translate);
  bool isExpandable(const SCEV *value);
  Value *expand(const SCEV *value);
  Value *addressOf(const CallInst &translate);

  Loop &loop;
  ScalarEvolution &scev;
  DominatorTree &dominators;
  SCEVExpander expander;

  LoadInst *left = nullptr, *right = nullptr;
  BasicBlock *comparing = nullptr;
  const SCEV *count = nullptr; // iterations before the other exit is taken
  SmallVector<std::pair<PHINode *, const SCEVAddRecExpr *>, 4> variables;
};

} // namespace

static CallInst *translationOf(LoadInst &load) {
  auto *pointer = dyn_cast<llvm::Instruction>(load.getPointerOperand());
  return pointer ? Translate::match(*pointer) : nullptr;
}

/// Whether it can stand before the loop: addresses in the instance are
/// computed where they are used.
bool Comparison::isInvariant(Value *value) const {
  if (loop.isLoopInvariant(value))
    return true;
  auto *address = dyn_cast<GetElementPtrInst>(value);
  return address && loop.hasLoopInvariantOperands(address);
}

/// The 32-bit address of an access, as a value that grows with the loop.
const SCEVAddRecExpr *Comparison::ascentOf(const CallInst &translate) {
  Value *address = Translate::narrowAddress(translate);
  if (!address)
    return nullptr;
  auto *ascent = dyn_cast<SCEVAddRecExpr>(scev.getSCEV(address));
  return ascent && ascent->getLoop() == &loop && ascent->isAffine() ? ascent
                                                                    : nullptr;
}

/// The load of a single byte, at an address that goes up by one, that `value`
/// is, or is extended from.
LoadInst *Comparison::byteOf(Value *value) {
  Value *byte = value;
  if (!match(value, m_ZExtOrSExt(m_Value(byte))))
    byte = value;
  auto *load = dyn_cast<LoadInst>(byte);
  if (!load || !load->getType()->isIntegerTy(8) || load->isAtomic() ||
      !loop.contains(load))
    return nullptr;
  CallInst *translate = translationOf(*load);
  if (!translate || !loop.contains(translate) ||
      !isInvariant(translate->getArgOperand(Translate::Memory)))
    return nullptr;
  const SCEVAddRecExpr *ascent = ascentOf(*translate);
  return ascent && ascent->getStepRecurrence(scev)->isOne() &&
                 isExpandable(ascent->getStart())
             ? load
             : nullptr;
}

/// An exit where two bytes differ, which every iteration passes.
bool Comparison::findBytes() {
  SmallVector<BasicBlock *, 2> exiting;
  loop.getExitingBlocks(exiting);
  if (exiting.size() != 2 || !is_contained(exiting, loop.getLoopLatch()))
    return false;
  comparing = exiting[0] == loop.getLoopLatch() ? exiting[1] : exiting[0];
  auto *branch = dyn_cast<BranchInst>(comparing->getTerminator());
  if (!branch || !branch->isConditional() ||
      !dominators.dominates(comparing, loop.getLoopLatch()))
    return false;
  CmpPredicate predicate;
  Value *first, *second;
  if (!match(branch->getCondition(),
             m_ICmp(predicate, m_Value(first), m_Value(second))) ||
      !ICmpInst::isEquality(predicate))
    return false;
  bool staysIfTrue = loop.contains(branch->getSuccessor(0));
  if (staysIfTrue != (predicate == ICmpInst::ICMP_EQ))
    return false;
  left = byteOf(first);
  right = byteOf(second);
  // Equal bytes are equal as extended numbers if both are extended alike.
  auto extension = [](Value *value) {
    auto *cast = dyn_cast<CastInst>(value);
    return cast ? cast->getOpcode() : 0;
  };
  return left && right && left != right &&
         extension(first) == extension(second) &&
         translationOf(*left)->getArgOperand(Translate::Memory) ==
             translationOf(*right)->getArgOperand(Translate::Memory);
}

/// A few bytes are compared before a call is made.
bool Comparison::findCount() {
  constexpr uint64_t Few = 16;
  count = scev.getExitCount(&loop, loop.getLoopLatch());
  return !isa<SCEVCouldNotCompute>(count) && count->getType()->isIntegerTy() &&
         scev.getTypeSizeInBits(count->getType()) <= 64 &&
         scev.getUnsignedRangeMax(count).ugt(Few) && isExpandable(count);
}

/// Nothing but the two loads, and arithmetic.
bool Comparison::hasNoOtherEffect() {
  for (BasicBlock *block : loop.blocks())
    for (llvm::Instruction &inst : *block) {
      if (&inst == left || &inst == right || &inst == translationOf(*left) ||
          &inst == translationOf(*right))
        continue;
      if (inst.mayReadOrWriteMemory() || inst.mayHaveSideEffects())
        return false;
    }
  return true;
}

/// Every variable of the loop is known in each iteration.
bool Comparison::findStarts() {
  for (PHINode &phi : loop.getHeader()->phis()) {
    if (!phi.getType()->isIntegerTy() || !scev.isSCEVable(phi.getType()))
      return false;
    auto *variable = dyn_cast<SCEVAddRecExpr>(scev.getSCEV(&phi));
    if (!variable || variable->getLoop() != &loop || !variable->isAffine() ||
        !isa<SCEVConstant>(variable->getStepRecurrence(scev)))
      return false;
    variables.emplace_back(&phi, variable);
  }
  return true;
}

bool Comparison::isExpandable(const SCEV *value) {
  return expander.isSafeToExpandAt(value,
                                   loop.getLoopPreheader()->getTerminator());
}

Value *Comparison::expand(const SCEV *value) {
  return expander.expandCodeFor(value, value->getType(),
                                loop.getLoopPreheader()->getTerminator());
}

/// The byte's address when the loop begins, as a number of 33 bits at most.
Value *Comparison::addressOf(const CallInst &translate) {
  Value *start = expand(ascentOf(translate)->getStart());
  IRBuilder<> builder(loop.getLoopPreheader()->getTerminator());
  return builder.CreateAdd(builder.CreateZExt(start, builder.getInt64Ty()),
                           translate.getArgOperand(Translate::Offset));
}

bool Comparison::skip() {
  BasicBlock *preheader = loop.getLoopPreheader();
  if (!preheader || !loop.isInnermost() || !loop.getLoopLatch() ||
      !findBytes() || !findCount() || !hasNoOtherEffect() || !findStarts())
    return false;
  llvm::Module &module = *preheader->getModule();
  IRBuilder<> builder(preheader->getTerminator());
  Type *i64 = builder.getInt64Ty();
  FunctionCallee function = module.getOrInsertFunction(
      "wm_count_equal",
      FunctionType::get(i64, {builder.getPtrTy(), i64, i64, i64}, false));
  auto *declared = cast<llvm::Function>(function.getCallee());
  declared->setVisibility(GlobalValue::HiddenVisibility);
  declared->setDSOLocal(true);
  declared->setDoesNotThrow();
  declared->setOnlyReadsMemory();
  declared->addFnAttr(Attribute::WillReturn);
  CallInst *leftByte = translationOf(*left), *rightByte = translationOf(*right);
  Value *memory = leftByte->getArgOperand(Translate::Memory);
  bool hasMoved = false;
  loop.makeLoopInvariant(memory, hasMoved, preheader->getTerminator());
  Value *most = builder.CreateZExt(builder.CreateFreeze(expand(count)), i64);
  Value *skipped = builder.CreateCall(
      function, {memory, addressOf(*leftByte), addressOf(*rightByte), most});
  for (auto [phi, variable] : variables) {
    Value *step =
        cast<SCEVConstant>(variable->getStepRecurrence(scev))->getValue();
    Value *done = builder.CreateMul(
        builder.CreateZExtOrTrunc(skipped, phi->getType()), step);
    Value *start = phi->getIncomingValueForBlock(preheader);
    phi->setIncomingValueForBlock(preheader, builder.CreateAdd(start, done));
  }
  // Flags that hold where a value was found need not hold here.
  for (llvm::Instruction *inst : expander.getAllInsertedInstructions())
    inst->dropPoisonGeneratingAnnotations();
  scev.forgetLoop(&loop);
  // What is left is short.
  addStringMetadataToLoop(&loop, "llvm.loop.disable_nonforced", 1);
  return true;
}

PreservedAnalyses SkipEqualPass::run(llvm::Function &function,
                                     FunctionAnalysisManager &manager) {
  auto &scev = manager.getResult<ScalarEvolutionAnalysis>(function);
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  bool hasChanged = false;
  for (Loop *loop :
       manager.getResult<LoopAnalysis>(function).getLoopsInPreorder())
    hasChanged |= Comparison(*loop, scev, dominators).skip();
  return hasChanged ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
