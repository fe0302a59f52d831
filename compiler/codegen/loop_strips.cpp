// The first iteration runs as it was: many searches end there. Then the loop is
// copied N times, one copy behind the other, and a test stands before the
// first: whether what N iterations may access lies within the memory as it is.
// Then the copies run, without checks; what leaves the loop leaves from them.
// Else the loop runs on as it was, from where it is, traps and all.
//
// docs/decisions/0024-strips.md says why nothing wraps. The sandbox rests on
// this file and on strip_plan.cpp.
#include "compiler/codegen/loop_strips.h"
#include "compiler/codegen/bounds_versioning.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/codegen/loop_remarks.h"
#include "compiler/codegen/store_order.h"
#include "compiler/codegen/strip_plan.h"
#include "compiler/emit/instance_layout.h"
#include "compiler/emit/speculation.h"

#include "llvm/Analysis/OptimizationRemarkEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace wasmetal;

namespace {

struct Group : StripGroup {
  explicit Group(const StripGroup &group) : StripGroup(group) {}

  // Before the first strip, and where one begins.
  Value *basePointer = nullptr;
  Value *size = nullptr;
  Value *start = nullptr;
  Value *place = nullptr; // i64
  /// With an index, which is below this count where it is in bounds.
  Value *count = nullptr;
  Value *index64 = nullptr;
};

class Strips {
public:
  Strips(const StripPlan &plan, ScalarEvolution &scev)
      : loop(*plan.loop), length(plan.length),
        groups(plan.groups.begin(), plan.groups.end()), members(plan.members),
        isCarried(groups.front().index.has_value()), scev(scev),
        expander(scev, "strip"), i64(Type::getInt64Ty(scev.getContext())) {}

  /// Computes before the loop what strips need, in a block of its own.
  void prepare(DominatorTree &dominators, LoopInfo &loops);
  void make();

private:
  Value *expand(const SCEV *value, BasicBlock *at);
  void loadSize(Group &group, BasicBlock *at);
  Value *iterationsOf(const Group &group);
  void makeCount(Group &group);
  void makeIndex(Group &group);
  void makeFirst();
  void findBeside();
  Value *makeBeside(IRBuilder<> &builder, Value *carried);
  void goSlow(BasicBlock *slow);
  void leave(const ValueToValueMapTy &copies);
  void makeHead();
  void test(Group &group);
  void copyBody(const Twine &suffix, ValueToValueMapTy &copies);
  void addCopy(unsigned number);
  void makePlain(const StripMember &member, unsigned number,
                 ValueToValueMapTy &copies);

  Loop &loop;
  const unsigned length; // iterations of a strip
  std::vector<Group> groups;
  std::vector<StripMember> members;
  const bool isCarried; // all groups have an index
  ScalarEvolution &scev;
  SCEVExpander expander;
  Type *i64;

  BasicBlock *before = nullptr; // the preheader
  BasicBlock *head = nullptr;   // where a strip begins
  /// The highest number of a strip's first iteration, as far as addresses that
  /// advance by a constant say; null if there are none. Signed.
  Value *limit = nullptr;
  PHINode *k = nullptr; // the number of a strip's first iteration; from 0
  Value *holds = nullptr;
  bool stores = false; // where a fault would have been the trap
  MapVector<PHINode *, Value *> variables; // as the next copy gets them
  /// Of values that are a constant apart from a group's address, with an index,
  /// the group and the constant.
  DenseMap<Value *, std::pair<size_t, int64_t>> beside;
  BasicBlock *entry = nullptr, *latch = nullptr; // of the copy before
};

} // namespace

Value *Strips::expand(const SCEV *value, BasicBlock *at) {
  return expander.expandCodeFor(value, value->getType(), at->getTerminator());
}

/// Memories never shrink: what they have now, they have in the loop.
void Strips::loadSize(Group &group, BasicBlock *at) {
  if (group.minimum == group.maximum) {
    group.size = ConstantInt::get(i64, group.minimum);
    return;
  }
  AbiLayout layout(at->getDataLayout().getPointerSize());
  Value *memory = expand(group.memory, at);
  IRBuilder<> builder(at->getTerminator());
  group.size = builder.CreateAlignedLoad(
      i64,
      builder.CreateConstGEP1_64(builder.getInt8Ty(), memory,
                                 layout.memoryBytes),
      Align(8), "size");
}

/// Before the loop around this one: where an index of zero is, and how many
/// indices are in bounds.
void Strips::makeCount(Group &group) {
  BasicBlock *outside = loop.getParentLoop()->getLoopPreheader();
  loadSize(group, outside);
  Value *base = expand(group.base, outside);
  IRBuilder<> builder(outside->getTerminator());
  Value *sum = builder.getInt32(0);
  for (auto &[value, factor] : group.index->terms)
    sum = builder.CreateAdd(sum,
                            builder.CreateMul(value, builder.getInt32(factor)));
  group.start = builder.CreateZExt(builder.CreateFreeze(sum), i64, "start");
  Value *zero = builder.getInt64(0);
  Value *factor = builder.getInt64(group.index->factor);
  Value *room = builder.CreateSub(
      builder.CreateSub(group.size, ConstantInt::getSigned(i64, group.end)),
      group.start);
  Value *count = builder.CreateUDiv(
      builder.CreateBinaryIntrinsic(Intrinsic::smax,
                                    builder.CreateAdd(room, factor), zero),
      factor);
  Value *isAbove = builder.CreateICmpSGE(
      builder.CreateAdd(group.start, ConstantInt::getSigned(i64, group.low)),
      zero);
  group.count = builder.CreateSelect(isAbove, count, zero, "count");
  group.basePointer = builder.CreatePtrAdd(base, group.start, "row");
}

void Strips::prepare(DominatorTree &dominators, LoopInfo &loops) {
  if (isCarried)
    findBeside();
  before = loop.getLoopPreheader();
  before = SplitBlock(before, before->getTerminator(), &dominators, &loops,
                      nullptr, "strips");
  for (Group &group : groups) {
    if (group.index) {
      makeCount(group);
      continue;
    }
    group.basePointer = expand(group.base, before);
    group.start = expand(group.lead, before);
    loadSize(group, before);
  }
  // Flags that hold where a value was found need not hold here.
  for (llvm::Instruction *inst : expander.getAllInsertedInstructions())
    inst->dropPoisonGeneratingAnnotations();
  IRBuilder<> builder(before->getTerminator());
  for (Group &group : groups) {
    if (group.index)
      continue;
    group.start = builder.CreateFreeze(group.start, "start");
    if (group.variable)
      continue;
    Value *second = builder.CreateAdd(
        group.start,
        ConstantInt::getSigned(group.start->getType(), group.advance.least));
    group.start = builder.CreateZExt(second, i64);
    Value *most = iterationsOf(group);
    limit = limit ? builder.CreateBinaryIntrinsic(Intrinsic::smin, limit, most)
                  : most;
  }
  if (limit)
    limit = builder.CreateSub(limit, builder.getInt64(length - 1), "limit");
}

/// Whether a place of 64 bits is small enough to calculate with; null where it
/// has been extended from 32.
static Value *isSmall(IRBuilder<> &builder, const StripGroup &group,
                      Value *place) {
  return group.lead->getType()->isIntegerTy(64)
             ? builder.CreateICmpULT(place, builder.getInt64(LeadLimit))
             : nullptr;
}

/// The number of the last iteration whose accesses are in bounds, if those
/// before it are: -1 if there is none.
Value *Strips::iterationsOf(const Group &group) {
  IRBuilder<> builder(before->getTerminator());
  Value *below =
      builder.CreateAdd(group.start, ConstantInt::getSigned(i64, group.low));
  Value *above = builder.CreateSub(
      builder.CreateSub(group.size, ConstantInt::getSigned(i64, group.end)),
      group.start);
  Value *zero = builder.getInt64(0);
  Value *fits = builder.CreateAnd(builder.CreateICmpSGE(below, zero),
                                  builder.CreateICmpSGE(above, zero));
  if (Value *small = isSmall(builder, group, group.start))
    fits = builder.CreateAnd(fits, small);
  int64_t step = group.advance.least;
  Value *number = step == 0
                      ? static_cast<Value *>(builder.getInt64(INT64_MAX))
                      : builder.CreateUDiv(step > 0 ? above : below,
                                           builder.getInt64(std::abs(step)));
  return builder.CreateSelect(fits, number, builder.getInt64(-1));
}

/// Whether a strip's accesses are in bounds whose addresses vary with a
/// variable, in signed 64-bit numbers.
void Strips::test(Group &group) {
  IRBuilder<> builder(head);
  int64_t steps = length - 1;
  int64_t low = group.low + std::min<int64_t>(0, group.advance.least * steps);
  int64_t end = group.end + std::max<int64_t>(0, group.advance.most * steps);
  auto require = [&](Value *test) {
    holds = holds ? builder.CreateAnd(holds, test) : test;
  };
  if (Value *small = isSmall(builder, group, group.place))
    require(small);
  if (low < 0)
    require(builder.CreateICmpSGE(
        builder.CreateAdd(group.place, ConstantInt::getSigned(i64, low)),
        builder.getInt64(0)));
  require(builder.CreateICmpSLE(
      builder.CreateAdd(group.place, ConstantInt::getSigned(i64, end)),
      group.size));
}

void Strips::findBeside() {
  auto find = [&](Value *value) {
    auto *wide = dyn_cast<ZExtInst>(value);
    Value *address = wide ? wide->getOperand(0) : value;
    if (!address->getType()->isIntegerTy(32) || loop.isLoopInvariant(value))
      return;
    for (size_t i = 0; i < groups.size(); ++i)
      if (std::optional<int64_t> distance = constantOf(
              scev.getMinusSCEV(scev.getSCEV(address), groups[i].index->place)))
        beside[value] = {i, *distance};
  };
  for (PHINode &phi : loop.getHeader()->phis())
    find(&phi);
  SmallVector<BasicBlock *, 4> exits;
  loop.getUniqueExitBlocks(exits);
  for (BasicBlock *exit : exits)
    for (PHINode &phi : exit->phis())
      for (Value *value : phi.incoming_values())
        find(value);
}

/// Tests the index.
void Strips::makeIndex(Group &group) {
  const CarriedIndex &form = *group.index;
  IRBuilder<> builder(head);
  Value *number = builder.CreateAdd(
      variables[form.variable],
      ConstantInt::getSigned(form.variable->getType(), form.ahead));
  group.index64 = builder.CreateZExt(number, i64, "index");
  group.place = builder.CreateMul(group.index64, builder.getInt64(form.factor));
  Value *test = builder.CreateICmpULT(group.index64, group.count);
  holds = holds ? builder.CreateAnd(holds, test) : test;
}

/// What is carried beside an index is made of that where it is wanted, which is
/// behind the loop. The index is hidden: LLVM would have the loop advance what
/// is made of it.
Value *Strips::makeBeside(IRBuilder<> &builder, Value *carried) {
  auto [number, distance] = beside.lookup(carried);
  const Group &group = groups[number];
  Value *product = builder.CreateMul(hideAll(builder, group.index64),
                                     builder.getInt64(group.index->factor));
  Value *sum = builder.CreateTrunc(
      builder.CreateAdd(builder.CreateAdd(group.start, product),
                        ConstantInt::getSigned(i64, distance)),
      builder.getInt32Ty());
  return builder.CreateZExt(sum, carried->getType());
}

/// On the way to the loop as it was.
void Strips::goSlow(BasicBlock *slow) {
  IRBuilder<> builder(slow->getTerminator());
  for (PHINode &phi : loop.getHeader()->phis())
    if (beside.contains(&phi))
      phi.setIncomingValueForBlock(slow, makeBeside(builder, &phi));
  for (const Group &group : groups) {
    Value *number = builder.CreateTrunc(hideAll(builder, group.index64),
                                        builder.getInt32Ty());
    group.index->variable->setIncomingValueForBlock(
        slow,
        builder.CreateSub(number, ConstantInt::getSigned(number->getType(),
                                                         group.index->ahead)));
  }
}

/// On the ways out of the copy.
void Strips::leave(const ValueToValueMapTy &copies) {
  for (BasicBlock *block : loop.blocks())
    for (BasicBlock *exit : successors(block)) {
      if (loop.contains(exit))
        continue;
      auto *from = cast<BasicBlock>(copies.lookup(block));
      BasicBlock *way = nullptr;
      for (PHINode &phi : exit->phis()) {
        Value *carried = phi.getIncomingValueForBlock(block);
        if (!beside.contains(carried))
          continue;
        if (!way)
          way = SplitEdge(from, exit);
        IRBuilder<> builder(way->getTerminator());
        phi.setIncomingValueForBlock(way, makeBeside(builder, carried));
      }
    }
}

void Strips::makeHead() {
  BasicBlock *header = loop.getHeader();
  LLVMContext &context = header->getContext();
  head = BasicBlock::Create(context, "strip", header->getParent(), header);
  auto *slow = BasicBlock::Create(context, "slow", header->getParent(), header);
  before->getTerminator()->replaceSuccessorWith(header, head);
  BranchInst::Create(header, slow);
  IRBuilder<> builder(head);
  for (PHINode &phi : header->phis()) {
    PHINode *variable = builder.CreatePHI(phi.getType(), 2, phi.getName());
    variable->addIncoming(phi.getIncomingValueForBlock(before), before);
    phi.setIncomingValueForBlock(before, variable);
    phi.replaceIncomingBlockWith(before, slow);
    variables[&phi] = variable;
  }
  for (Group &group : groups)
    if (group.index) {
      // Not to be decided anew by each who asks.
      Value *&variable = variables[group.index->variable];
      if (!isa<FreezeInst>(variable))
        variable = builder.CreateFreeze(variable);
    }
  for (Group &group : groups)
    if (group.index)
      makeIndex(group);
  if (isCarried)
    goSlow(slow);
  if (limit) {
    k = builder.CreatePHI(i64, 2, "k");
    k->addIncoming(builder.getInt64(0), before);
    holds = builder.CreateICmpSLE(k, limit);
  }
  for (Group &group : groups) {
    if (group.index)
      continue;
    if (!group.variable) {
      group.place = builder.CreateAdd(
          group.start, builder.CreateMul(k, ConstantInt::getSigned(
                                                i64, group.advance.least)));
      continue;
    }
    Value *product = builder.CreateMul(
        builder.CreateFreeze(variables[group.variable]),
        ConstantInt::getSigned(group.variable->getType(), group.factor));
    group.place =
        builder.CreateZExt(builder.CreateAdd(group.start, product), i64);
    test(group);
    builder.SetInsertPoint(head);
  }
  entry = header; // until there is a copy
  builder.CreateCondBr(holds, entry, slow,
                       MDBuilder(context).createLikelyBranchWeights());
  latch = head;
}

/// The copy's access, where it would have gone.
void Strips::makePlain(const StripMember &member, unsigned number,
                       ValueToValueMapTy &copies) {
  const Group &group = groups[member.group];
  Value *copy = copies.lookup(member.translate);
  auto *translate = cast<CallInst>(copy);
  IRBuilder<> builder(translate);
  Value *by = group.place;
  Value *distance = ConstantInt::getSigned(
      i64, member.distance + number * group.advance.least);
  if (group.variable) {
    by = translate->getArgOperand(Translate::Address);
    distance = translate->getArgOperand(Translate::Offset);
  }
  Type *i8 = builder.getInt8Ty();
  Value *pointer = builder.CreateGEP(
      i8, builder.CreateGEP(i8, group.basePointer, by), distance);
  for (User *user : translate->users()) {
    if (auto *load = dyn_cast<LoadInst>(user)) {
      load->setVolatile(false);
      continue;
    }
    auto *store = cast<StoreInst>(user);
    stores |= store->isVolatile();
    store->setVolatile(false);
  }
  translate->replaceAllUsesWith(pointer);
  translate->eraseFromParent();
}

/// Another iteration, which begins with what the header's variables are mapped
/// to.
void Strips::copyBody(const Twine &suffix, ValueToValueMapTy &copies) {
  SmallVector<BasicBlock *, 8> blocks;
  for (BasicBlock *block : loop.blocks()) {
    BasicBlock *copy =
        CloneBasicBlock(block, copies, suffix, block->getParent());
    copies[block] = copy;
    blocks.push_back(copy);
  }
  for (auto &[phi, value] : variables) {
    Value *copy = copies.lookup(phi);
    cast<PHINode>(copy)->eraseFromParent();
    copies[phi] = value;
  }
  remapInstructionsInBlocks(blocks, copies);
  auto copyOf = [&](Value *value) {
    Value *copy = copies.lookup(value);
    return copy ? copy : value;
  };
  SmallVector<BasicBlock *, 4> exits;
  loop.getUniqueExitBlocks(exits);
  for (BasicBlock *exit : exits)
    for (PHINode &phi : exit->phis())
      for (unsigned i = 0, e = phi.getNumIncomingValues(); i < e; ++i) {
        BasicBlock *from = phi.getIncomingBlock(i);
        if (loop.contains(from))
          phi.addIncoming(copyOf(phi.getIncomingValue(i)),
                          cast<BasicBlock>(copyOf(from)));
      }
  for (auto &[phi, value] : variables)
    value = copyOf(phi->getIncomingValueForBlock(loop.getLoopLatch()));
}

/// The first iteration stands before all that strips need.
void Strips::makeFirst() {
  BasicBlock *header = loop.getHeader();
  for (PHINode &phi : header->phis())
    variables[&phi] = phi.getIncomingValueForBlock(before);
  ValueToValueMapTy copies;
  copyBody(".first", copies);
  auto *first = cast<BasicBlock>(copies.lookup(header));
  auto *latch = cast<BasicBlock>(copies.lookup(loop.getLoopLatch()));
  before->getSinglePredecessor()->getTerminator()->replaceSuccessorWith(before,
                                                                        first);
  latch->getTerminator()->replaceSuccessorWith(first, before);
  for (auto &[phi, value] : variables)
    phi->setIncomingValueForBlock(before, value);
}

/// One more iteration behind what is there.
void Strips::addCopy(unsigned number) {
  ValueToValueMapTy copies;
  copyBody("." + Twine(number), copies);
  if (isCarried)
    leave(copies);
  for (const StripMember &member : members)
    makePlain(member, number, copies);
  auto *next = cast<BasicBlock>(copies.lookup(loop.getHeader()));
  latch->getTerminator()->replaceSuccessorWith(entry, next);
  entry = next;
  latch = cast<BasicBlock>(copies.lookup(loop.getLoopLatch()));
}

void Strips::make() {
  if (!isCarried)
    makeFirst();
  makeHead();
  auto variable = head->phis().begin();
  for (unsigned number = 0; number < length; ++number)
    addCopy(number);
  // From the last copy to the next strip.
  latch->getTerminator()->replaceSuccessorWith(entry, head);
  for (auto &[phi, value] : variables)
    (variable++)->addIncoming(value, latch);
  if (k)
    k->addIncoming(IRBuilder<>(head->getTerminator())
                       .CreateNUWAdd(k, ConstantInt::get(i64, length)),
                   latch);
  if (stores) {
    keepStores(before->getTerminator());
    keepStoresIn(loop); // the strips go on there, or leave to the same places
  }
  addStringMetadataToLoop(&loop, "llvm.loop.disable_nonforced", 1);
}

PreservedAnalyses LoopStripsPass::run(llvm::Function &function,
                                      FunctionAnalysisManager &manager) {
  auto &loops = manager.getResult<LoopAnalysis>(function);
  auto &scev = manager.getResult<ScalarEvolutionAnalysis>(function);
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  OptimizationRemarkEmitter remarks(&function);
  std::vector<std::unique_ptr<Strips>> found;
  for (Loop *loop : loops.getLoopsInPreorder()) {
    std::optional<StripPlan> plan = planStrips(*loop, scev, dominators);
    if (!plan)
      continue;
    remarks.emit([&] {
      return OptimizationRemark(BoundsVersioningPass::Remarks.data(), "Strips",
                                DebugLoc(), loop->getHeader())
             << placeOf(*loop) << ": in strips";
    });
    found.push_back(std::make_unique<Strips>(*plan, scev));
  }
  // What is known of control flow is not kept, so it is used before.
  for (auto &strips : found)
    strips->prepare(dominators, loops);
  for (auto &strips : found)
    strips->make();
  return found.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
