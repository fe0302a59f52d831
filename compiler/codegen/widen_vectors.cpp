// Each value of an iteration becomes a vector of what some iterations after
// each other have for it, side by side: a vector of 2 doubles one of 4, a
// number one of 2 numbers. Operations work on such vectors as they did on the
// parts, shuffles within each part; accesses have to be next to each other
// already. Of what is made of fewer lanes than a vector has, the lanes behind
// them are left out. The iterations that are left, and all of them where the
// order of accesses might matter, run in the loop as it was.
#include "compiler/codegen/widen_vectors.h"
#include "compiler/codegen/wide_plan.h"

#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

#include <numeric>

using namespace llvm;
using namespace wasmetal;

namespace {

class Widener {
public:
  explicit Widener(const WidePlan &plan)
      : plan(plan), loop(plan.loop), body(plan.body), copies(plan.copies) {}

  void make();

private:
  Type *widened(const Type *type, unsigned lanes) const;
  Value *isApart(IRBuilder<> &builder) const;
  void makeBlocks();
  void makeVariables();
  Value *pointer(Value *narrow);
  Value *wide(Value *narrow, unsigned lanes);
  Value *widenInvariant(Value *narrow, unsigned lanes);
  Value *widen(llvm::Instruction &inst);
  Value *callForEach(IntrinsicInst &call);
  Value *widenCall(IntrinsicInst &call);
  Value *widenShuffle(ShuffleVectorInst &shuffle);
  Value *widenInsertion(InsertElementInst &insertion);
  Value *widenExtraction(ExtractElementInst &extraction);
  Value *widenLoad(LoadInst &load);
  Value *widenStore(StoreInst &store);
  Value *part(Value *narrow, unsigned copy);
  Value *result(const Reduction &reduction);
  void leave();

  const WidePlan &plan;
  Loop &loop;
  BasicBlock *body;
  const unsigned copies;

  BasicBlock *before = nullptr, *entry = nullptr, *wideBody = nullptr,
             *end = nullptr, *rest = nullptr;
  PHINode *number = nullptr; // of the wide loop
  Value *trips = nullptr;    // of the wide loop
  Value *done = nullptr;     // iterations of the narrow one
  DenseMap<Value *, Value *> values;
  /// By the lanes that are used.
  DenseMap<std::pair<Value *, unsigned>, Value *> invariants;
  IRBuilder<> builder{body->getContext()};
};

} // namespace

Type *Widener::widened(const Type *type, unsigned lanes) const {
  return FixedVectorType::get(type->getScalarType(), lanes * copies);
}

/// Whether what is stored to is apart from all other rows, for all iterations.
Value *Widener::isApart(IRBuilder<> &builder) const {
  Value *all = builder.getTrue();
  auto at = [&](auto &of, bool isEnd) {
    auto &[place, extent] = of;
    Value *row = builder.CreatePtrToInt(place.first, builder.getInt64Ty());
    Value *from = builder.CreateAdd(
        row, builder.getInt64(isEnd ? extent.end : extent.begin));
    if (!isEnd)
      return from;
    return builder.CreateAdd(
        from,
        builder.CreateMul(plan.counted.last, builder.getInt64(place.second)));
  };
  for (auto one = plan.extents.begin(); one != plan.extents.end(); ++one)
    for (auto two = plan.extents.begin(); two != one; ++two) {
      if ((!one->second.stores && !two->second.stores) ||
          one->first.first == two->first.first)
        continue;
      Value *isBelow = builder.CreateICmpULE(at(*one, true), at(*two, false));
      Value *isAbove = builder.CreateICmpULE(at(*two, true), at(*one, false));
      all = builder.CreateAnd(all, builder.CreateOr(isBelow, isAbove));
    }
  return all;
}

/// before -> entry -> wideBody -> end -> rest -> body, and past what is not
/// needed of that.
void Widener::makeBlocks() {
  LLVMContext &context = body->getContext();
  llvm::Function *function = body->getParent();
  before = loop.getLoopPreheader();
  auto add = [&](const Twine &name) {
    return BasicBlock::Create(context, body->getName() + name, function, body);
  };
  entry = add(".wide.entry");
  wideBody = add(".wide");
  end = add(".wide.end");
  rest = add(".rest");
  llvm::Instruction *old = before->getTerminator();
  IRBuilder<> test(old);
  Value *all = test.CreateAdd(plan.counted.last, test.getInt64(1));
  trips = test.CreateLShr(all, Log2_32(copies), "trips");
  Value *holds = test.CreateAnd(test.CreateIsNotNull(trips), isApart(test));
  test.CreateCondBr(test.CreateFreeze(holds), entry, rest,
                    MDBuilder(context).createLikelyBranchWeights());
  old->eraseFromParent();
  builder.SetInsertPoint(entry);
  done = builder.CreateShl(trips, Log2_32(copies), "done");
  Value *last = builder.CreateSub(trips, builder.getInt64(1), "last");
  Value *isAll = builder.CreateICmpEQ(done, all);
  builder.CreateBr(wideBody);
  builder.SetInsertPoint(wideBody);
  number = builder.CreatePHI(builder.getInt64Ty(), 2, "w");
  number->addIncoming(builder.getInt64(0), entry);
  Value *next =
      builder.CreateAdd(number, builder.getInt64(1), "w.next", true, true);
  number->addIncoming(next, wideBody);
  BranchInst *branch =
      builder.CreateCondBr(builder.CreateICmpEQ(number, last), end, wideBody);
  SmallVector<MDNode *, 1> properties;
  if (plan.room == 1) // like those that LLVM vectorises
    properties.push_back(MDNode::get(
        context, MDString::get(context, "llvm.loop.unroll.runtime.disable")));
  MDNode *id = loop.getLoopID();
  if (id || !properties.empty()) // a node of its own
    branch->setMetadata(LLVMContext::MD_loop, makePostTransformationMetadata(
                                                  context, id, {}, properties));
  builder.SetInsertPoint(end);
  builder.CreateCondBr(isAll, loop.getUniqueExitBlock(), rest);
  builder.SetInsertPoint(rest);
  builder.CreateBr(body);
}

/// The first lanes of each of some parts that are as wide as `width`.
static SmallVector<int, 64> firstLanes(unsigned lanes, unsigned width,
                                       unsigned copies) {
  SmallVector<int, 64> mask;
  for (unsigned copy = 0; copy < copies; ++copy)
    for (unsigned lane = 0; lane < lanes; ++lane)
      mask.push_back(copy * width + lane);
  return mask;
}

/// The same in all parts.
Value *Widener::widenInvariant(Value *narrow, unsigned lanes) {
  IRBuilder<> outside(entry->getTerminator());
  if (!narrow->getType()->isVectorTy())
    return outside.CreateVectorSplat(copies, narrow);
  return outside.CreateShuffleVector(narrow, firstLanes(lanes, 0, copies));
}

Value *Widener::wide(Value *narrow, unsigned lanes) {
  if (loop.isLoopInvariant(narrow)) {
    Value *&found = invariants[{narrow, lanes}];
    if (!found)
      found = widenInvariant(narrow, lanes);
    return found;
  }
  Value *value = values.lookup(narrow);
  unsigned width = plan.used.lookup(narrow);
  return width == lanes ? value
                        : builder.CreateShuffleVector(
                              value, firstLanes(lanes, width, copies));
}

/// Where the first one of the iterations accesses memory.
Value *Widener::pointer(Value *narrow) {
  auto *offset = dyn_cast<GetElementPtrInst>(narrow);
  if (!offset || !loop.contains(offset))
    return narrow;
  if (Value *known = values.lookup(narrow))
    return known;
  Value *by = offset->getOperand(1);
  if (auto *product = dyn_cast<BinaryOperator>(by)) {
    Value *&scaled = values[product];
    if (!scaled) {
      int64_t step = cast<ConstantInt>(product->getOperand(1))->getSExtValue();
      scaled = builder.CreateMul(number, builder.getInt64(step * copies), "",
                                 product->hasNoUnsignedWrap(),
                                 product->hasNoSignedWrap());
    }
    by = scaled;
  }
  Value *moved = builder.CreateGEP(builder.getInt8Ty(),
                                   pointer(offset->getPointerOperand()), by, "",
                                   offset->getNoWrapFlags());
  values[narrow] = moved;
  return moved;
}

Value *Widener::widenShuffle(ShuffleVectorInst &shuffle) {
  SmallVector<unsigned, 4> needed = plan.lanesUsedBy(shuffle);
  int width = lanesOf(shuffle.getOperand(0)->getType());
  int lanes = std::max({needed[0], needed[1], 1u}); // of each operand
  int all = lanes * copies;
  SmallVector<int, 64> mask;
  for (int first = 0; first < all; first += lanes)
    for (int lane :
         shuffle.getShuffleMask().take_front(plan.used.lookup(&shuffle)))
      mask.push_back(lane < 0       ? PoisonMaskElem
                     : lane < width ? first + lane
                                    : all + first + lane - width);
  auto operand = [&](unsigned i) -> Value * {
    if (needed[i])
      return wide(shuffle.getOperand(i), lanes);
    return PoisonValue::get(widened(shuffle.getType(), lanes));
  };
  Value *first = operand(0), *second = operand(1);
  return builder.CreateShuffleVector(first, second, mask);
}

Value *Widener::widenInsertion(InsertElementInst &insertion) {
  SmallVector<unsigned, 4> needed = plan.lanesUsedBy(insertion);
  if (!needed[0])
    return wide(insertion.getOperand(1), 1);
  unsigned lanes = needed[0];
  Value *others = wide(insertion.getOperand(0), lanes);
  if (!needed[1])
    return others;
  uint64_t place = cast<ConstantInt>(insertion.getOperand(2))->getZExtValue();
  SmallVector<int, 64> spread, mask;
  for (unsigned copy = 0; copy < copies; ++copy)
    for (unsigned lane = 0; lane < lanes; ++lane) {
      int at = copy * lanes + lane;
      spread.push_back(lane == place ? int(copy) : PoisonMaskElem);
      mask.push_back(lane == place ? lanes * copies + at : at);
    }
  Value *element =
      builder.CreateShuffleVector(wide(insertion.getOperand(1), 1), spread);
  return builder.CreateShuffleVector(others, element, mask);
}

Value *Widener::widenExtraction(ExtractElementInst &extraction) {
  unsigned lanes = plan.lanesUsedBy(extraction)[0];
  int place = cast<ConstantInt>(extraction.getIndexOperand())->getZExtValue();
  SmallVector<int, 8> mask;
  for (unsigned copy = 0; copy < copies; ++copy)
    mask.push_back(copy * lanes + place);
  return builder.CreateShuffleVector(wide(extraction.getVectorOperand(), lanes),
                                     mask);
}

/// Of a processor's instruction that knows no more than one part.
Value *Widener::callForEach(IntrinsicInst &call) {
  SmallVector<unsigned, 4> needed = plan.lanesUsedBy(call);
  SmallVector<Value *, 4> results;
  for (unsigned copy = 0; copy < copies; ++copy) {
    SmallVector<Value *, 4> arguments;
    for (auto [argument, lanes] : zip(call.args(), needed)) {
      SmallVector<int, 16> mask(lanes);
      std::iota(mask.begin(), mask.end(), copy * lanes);
      arguments.push_back(
          builder.CreateShuffleVector(wide(argument, lanes), mask));
    }
    results.push_back(
        builder.CreateIntrinsic(call.getIntrinsicID(), {}, arguments));
  }
  return concatenateVectors(builder, results);
}

Value *Widener::widenCall(IntrinsicInst &call) {
  Intrinsic::ID id = call.getIntrinsicID();
  Intrinsic::ID twice = doubled(id);
  if (twice && plan.room == 1)
    return callForEach(call);
  SmallVector<unsigned, 4> needed = plan.lanesUsedBy(call);
  SmallVector<Value *, 4> arguments;
  SmallVector<Type *, 2> types;
  if (isVectorIntrinsicWithOverloadTypeAtArg(id, -1, nullptr))
    types.push_back(widened(call.getType(), plan.used.lookup(&call)));
  for (unsigned i = 0, e = call.arg_size(); i < e; ++i) {
    Value *argument = call.getArgOperand(i);
    bool isScalar = isVectorIntrinsicWithScalarOpAtArg(id, i, nullptr);
    arguments.push_back(isScalar ? argument : wide(argument, needed[i]));
    if (isVectorIntrinsicWithOverloadTypeAtArg(id, i, nullptr))
      types.push_back(arguments.back()->getType());
  }
  if (twice)
    return builder.CreateIntrinsic(twice, {}, arguments);
  CallInst *made = builder.CreateIntrinsic(id, types, arguments);
  if (isa<FPMathOperator>(made))
    made->copyIRFlags(&call);
  return made;
}

Value *Widener::widenLoad(LoadInst &load) {
  LoadInst *made = builder.CreateAlignedLoad(
      widened(load.getType(), lanesOf(load.getType())),
      pointer(load.getPointerOperand()), load.getAlign());
  made->copyMetadata(load, {LLVMContext::MD_tbaa});
  return made;
}

Value *Widener::widenStore(StoreInst &store) {
  Value *value = store.getValueOperand();
  StoreInst *made = builder.CreateAlignedStore(
      wide(value, lanesOf(value->getType())),
      pointer(store.getPointerOperand()), store.getAlign());
  made->copyMetadata(store, {LLVMContext::MD_tbaa});
  return made;
}

Value *Widener::widen(llvm::Instruction &inst) {
  if (auto *load = dyn_cast<LoadInst>(&inst))
    return widenLoad(*load);
  if (auto *store = dyn_cast<StoreInst>(&inst))
    return widenStore(*store);
  if (auto *shuffle = dyn_cast<ShuffleVectorInst>(&inst))
    return widenShuffle(*shuffle);
  if (auto *insertion = dyn_cast<InsertElementInst>(&inst))
    return widenInsertion(*insertion);
  if (auto *extraction = dyn_cast<ExtractElementInst>(&inst))
    return widenExtraction(*extraction);
  if (auto *call = dyn_cast<IntrinsicInst>(&inst))
    return widenCall(*call);
  // What is left does the same on any number of lanes.
  llvm::Instruction *made = inst.clone();
  for (auto [operand, lanes] : zip(made->operands(), plan.lanesUsedBy(inst)))
    operand.set(wide(operand, lanes));
  if (auto *select = dyn_cast<SelectInst>(&inst))
    if (lanesOf(select->getCondition()->getType()) != lanesOf(inst.getType()))
      made->setOperand(0, select->getCondition());
  if (plan.reordered.contains(&inst))
    made->dropPoisonGeneratingFlags();
  made->mutateType(widened(inst.getType(), plan.used.lookup(&inst)));
  return builder.Insert(made);
}

/// What changes nothing.
static Constant *neutralOf(const Reduction &reduction) {
  Type *type = reduction.variable->getType();
  switch (reduction.opcode) {
  case llvm::Instruction::Add:
  case llvm::Instruction::Xor:
    return Constant::getNullValue(type);
  case llvm::Instruction::Mul:
    return ConstantInt::get(type, 1);
  default:
    return nullptr; // more of the same
  }
}

/// The first part begins with what the loop does.
void Widener::makeVariables() {
  for (const Reduction &reduction : plan.reductions) {
    Value *start = reduction.variable->getIncomingValueForBlock(before);
    unsigned lanes = lanesOf(start->getType());
    Value *first = wide(start, lanes);
    if (Constant *neutral = neutralOf(reduction)) {
      SmallVector<int, 64> mask;
      for (unsigned lane = 0; lane < lanes * copies; ++lane)
        mask.push_back(lane < lanes ? lane : lanes * copies + lane);
      first = IRBuilder<>(entry->getTerminator())
                  .CreateShuffleVector(first, wide(neutral, lanes), mask);
    }
    builder.SetInsertPoint(wideBody, wideBody->begin());
    PHINode *variable = builder.CreatePHI(first->getType(), 2);
    variable->addIncoming(first, entry);
    values[reduction.variable] = variable;
  }
}

/// What one of the iterations has for a value that is used as a whole.
Value *Widener::part(Value *narrow, unsigned copy) {
  Value *all = values.lookup(narrow);
  if (!narrow->getType()->isVectorTy())
    return builder.CreateExtractElement(all, copy);
  unsigned lanes = lanesOf(narrow->getType());
  SmallVector<int, 16> mask;
  for (unsigned lane = 0; lane < lanes; ++lane)
    mask.push_back(copy * lanes + lane);
  return builder.CreateShuffleVector(all, mask);
}

Value *Widener::result(const Reduction &reduction) {
  Value *sum = part(reduction.last, 0);
  for (unsigned copy = 1; copy < copies; ++copy) {
    Value *next = part(reduction.last, copy);
    sum = reduction.id
              ? builder.CreateBinaryIntrinsic(reduction.id, sum, next)
              : builder.CreateBinOp(
                    static_cast<llvm::Instruction::BinaryOps>(reduction.opcode),
                    sum, next);
  }
  return sum;
}

/// To where the loop leaves, or to what is left of it.
void Widener::leave() {
  builder.SetInsertPoint(end->getTerminator());
  DenseMap<Value *, Value *> results;
  for (const Reduction &reduction : plan.reductions)
    results[reduction.last] = result(reduction);
  for (PHINode &phi : loop.getUniqueExitBlock()->phis()) {
    Value *value = phi.getIncomingValueForBlock(body);
    Value *left = results.lookup(value);
    auto *inst = dyn_cast<llvm::Instruction>(value);
    if (!left)
      left =
          inst && inst->getParent() == body ? part(value, copies - 1) : value;
    phi.addIncoming(left, end);
  }
  builder.SetInsertPoint(rest, rest->begin());
  auto startWith = [&](PHINode *variable, Value *after) {
    PHINode *start = builder.CreatePHI(variable->getType(), 2);
    start->addIncoming(variable->getIncomingValueForBlock(before), before);
    start->addIncoming(after, end);
    variable->setIncomingValueForBlock(before, start);
  };
  startWith(plan.counted.number, done);
  for (const Reduction &reduction : plan.reductions)
    startWith(reduction.variable, results[reduction.last]);
  for (PHINode &phi : body->phis())
    phi.replaceIncomingBlockWith(before, rest);
}

void Widener::make() {
  makeBlocks();
  makeVariables();
  builder.SetInsertPoint(wideBody, wideBody->getFirstInsertionPt());
  for (llvm::Instruction &inst : *body) {
    if (isa<PHINode>(inst) || plan.isAside(inst) || !plan.used.lookup(&inst))
      continue;
    builder.SetCurrentDebugLocation(inst.getDebugLoc());
    values[&inst] = widen(inst);
  }
  builder.SetCurrentDebugLocation(DebugLoc());
  for (const Reduction &reduction : plan.reductions)
    cast<PHINode>(values[reduction.variable])
        ->addIncoming(values[reduction.last], wideBody);
  leave();
  // A few iterations.
  addStringMetadataToLoop(&loop, "llvm.loop.unroll.disable", 1);
}

PreservedAnalyses WidenVectorsPass::run(llvm::Function &function,
                                        FunctionAnalysisManager &manager) {
  constexpr unsigned VectorBits = 128;
  unsigned bits =
      width
          ? width
          : manager.getResult<TargetIRAnalysis>(function)
                .getRegisterBitWidth(TargetTransformInfo::RGK_FixedWidthVector)
                .getFixedValue();
  unsigned room = std::max(bits / VectorBits, 1u);
  auto &loops = manager.getResult<LoopAnalysis>(function);
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  SmallVector<Loop *, 8> simple; // before anything is changed
  for (Loop *loop : loops.getLoopsInPreorder())
    if (loop->getNumBlocks() == 1 && loop->isLCSSAForm(dominators))
      simple.push_back(loop);
  bool changed = false;
  for (Loop *loop : simple) {
    WidePlan plan(*loop, room);
    for (unsigned copies = std::max(room, 2u); copies > 1; copies /= 2)
      if (plan.make(copies)) {
        Widener(plan).make();
        changed = true;
        break;
      }
  }
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
