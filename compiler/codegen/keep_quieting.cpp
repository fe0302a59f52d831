// To WebAssembly, `x * 1` and `x - 0` give a quiet NaN where x is a signalling
// one; to LLVM they are x. No attribute tells it otherwise without disabling
// the vectorisers, but what it cannot see, it does not fold: a fence, which
// costs a register, hides the constant from it. Constants come from where the
// operation is, and by way of phis, arguments and results.
// https://webassembly.github.io/spec/core/exec/numerics.html#nan-propagation
#include "compiler/codegen/keep_quieting.h"
#include "compiler/codegen/preserved.h"

#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace wasmetal;

namespace {
/// Constants for which LLVM may drop an operation.
enum Neutral : unsigned { MinusZero = 1, PlusZero = 2, Ones = 4, Any = 7 };
} // namespace

static bool isArithmetic(const Value *value) {
  auto *binary = dyn_cast<BinaryOperator>(value);
  return binary && binary->getType()->isFPOrFPVectorTy();
}

/// Whether a NaN that the value is would be quiet already.
static bool isQuiet(const Value *value) {
  return isArithmetic(value) ||
         isa<SIToFPInst, UIToFPInst, FPExtInst, FPTruncInst>(value);
}

/// What is neutral to an operation as this operand, unless the other one is
/// quiet: a set of Neutral.
static unsigned neutralTo(const Instruction &arithmetic, unsigned operand) {
  const Value *other = arithmetic.getOperand(1 - operand);
  if (isQuiet(other))
    return 0;
  switch (arithmetic.getOpcode()) {
  case Instruction::FAdd:
    // `x + 0` is `x` where x cannot be -0: an absolute value, for example.
    return PlusZero | MinusZero;
  case Instruction::FSub:
    return operand ? PlusZero | MinusZero : MinusZero;
  case Instruction::FMul:
    return Ones;
  case Instruction::FDiv:
    return operand ? Ones : 0;
  default:
    return 0;
  }
}

/// Whether any lane of a constant is one of those.
static bool isAmong(const Constant *constant, unsigned neutral) {
  if (auto *vector = dyn_cast<FixedVectorType>(constant->getType())) {
    for (unsigned i = 0; i < vector->getNumElements(); ++i)
      if (const Constant *lane = constant->getAggregateElement(i);
          lane && isAmong(lane, neutral))
        return true;
    return false;
  }
  auto *number = dyn_cast<ConstantFP>(constant);
  if (!number)
    return false;
  if (number->isZero())
    return neutral & (number->isNegative() ? MinusZero : PlusZero);
  return (neutral & Ones) &&
         (number->isExactlyValue(1) || number->isExactlyValue(-1));
}

/// The constant that a value is, or will be as soon as anything folds.
static Constant *constantOf(Value *value, const DataLayout &layout) {
  if (auto *constant = dyn_cast<Constant>(value))
    return constant;
  auto *cast = dyn_cast<CastInst>(value);
  auto *from = cast ? dyn_cast<Constant>(cast->getOperand(0)) : nullptr;
  return from ? ConstantFoldCastOperand(cast->getOpcode(), from,
                                        cast->getType(), layout)
              : nullptr;
}

static Value *fence(Value *value, Instruction *before) {
  IRBuilder<> builder(before);
  return builder.CreateIntrinsic(Intrinsic::arithmetic_fence, value->getType(),
                                 {value});
}

namespace {

/// Hides the constants among an instruction's operands.
class Hider {
public:
  explicit Hider(Instruction &inst)
      : inst(inst), layout(inst.getDataLayout()) {}
  void run();

private:
  void hide(Use &use);

  Instruction &inst;
  const DataLayout &layout;
};

} // namespace

static unsigned neutralToUses(const Value &value, unsigned depth = 0);

/// What is neutral to the operations that a value comes to by this use.
static unsigned neutralToUse(const Use &use, unsigned depth) {
  auto *user = dyn_cast<Instruction>(use.getUser());
  if (!user)
    return 0;
  if (isArithmetic(user))
    return neutralTo(*user, use.getOperandNo());
  if (isa<PHINode, SelectInst>(user))
    return neutralToUses(*user, depth + 1);
  if (auto *call = dyn_cast<CallInst>(user)) {
    // What is not known cannot be inlined either.
    llvm::Function *callee = call->getCalledFunction();
    if (!callee || callee->isDeclaration() || !call->isArgOperand(&use))
      return 0;
    return neutralToUses(*callee->getArg(call->getArgOperandNo(&use)),
                         depth + 1);
  }
  if (isa<ReturnInst>(user))
    return neutralToUses(*user->getFunction(), depth + 1);
  return 0;
}

/// The same by all of its uses; of a function's result, by all of its calls.
/// The guest decides how many there are: not all are looked at.
static unsigned neutralToUses(const Value &value, unsigned depth) {
  constexpr unsigned MostUses = 16, MostDepth = 3;
  if (depth > MostDepth || value.hasNUsesOrMore(MostUses))
    return Any;
  bool isFunction = isa<llvm::Function>(value);
  unsigned neutral = 0;
  for (const Use &use : value.uses()) {
    auto *call = dyn_cast<CallInst>(use.getUser());
    if (!isFunction)
      neutral |= neutralToUse(use, depth);
    else if (call && call->isCallee(&use))
      neutral |= neutralToUses(*call, depth + 1);
  }
  return neutral;
}

void Hider::hide(Use &use) {
  if (!use->getType()->isFPOrFPVectorTy())
    return;
  Constant *constant = constantOf(use, layout);
  if (!constant || !isAmong(constant, Any) ||
      !isAmong(constant, isa<PHINode, SelectInst>(inst) ? neutralToUses(inst)
                                                        : neutralToUse(use, 0)))
    return;
  if (auto *phi = dyn_cast<PHINode>(&inst)) {
    // A switch may come from one block by several edges, with one value.
    BasicBlock *block = phi->getIncomingBlock(use);
    phi->setIncomingValueForBlock(block,
                                  fence(constant, block->getTerminator()));
    return;
  }
  use.set(fence(constant, &inst));
}

void Hider::run() {
  // A demotion of a promotion is nothing, to LLVM.
  if (isa<FPTruncInst>(inst) && isa<FPExtInst>(inst.getOperand(0)))
    inst.setOperand(0, fence(inst.getOperand(0), &inst));
  if (auto *select = dyn_cast<SelectInst>(&inst)) {
    // Where one of them stays, so does the operation.
    auto *first = dyn_cast<Constant>(select->getTrueValue());
    auto *second = dyn_cast<Constant>(select->getFalseValue());
    if (!first || !second || !isAmong(first, Any) || !isAmong(second, Any))
      return;
  }
  if (isArithmetic(&inst) ||
      isa<PHINode, SelectInst, CallInst, ReturnInst>(inst))
    for (Use &operand : inst.operands())
      hide(operand);
}

PreservedAnalyses KeepQuietingPass::run(Function &function,
                                        FunctionAnalysisManager &) {
  for (Instruction &inst : make_early_inc_range(instructions(function)))
    Hider(inst).run();
  return keepingBranches();
}
