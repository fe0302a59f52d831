// The loop is copied N times, one copy behind the other, and a test stands
// before the first: whether what N iterations may access lies within the memory
// as it is. Then the copies run, without checks; what leaves the loop leaves
// from them. Else the loop runs on as it was, from where it is, traps and all.
//
// An address is followed in Z. It starts a strip somewhere and gets ahead by
// steps with bounds that are constant; the range that it may be in is in the
// memory, so that nothing wraps. docs/decisions/0024-strips.md says more. The
// sandbox rests on this file.
#include "compiler/codegen/loop_strips.h"
#include "compiler/codegen/advance.h"
#include "compiler/codegen/loop_nest.h"
#include "compiler/emit/instance_layout.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace llvm::PatternMatch;
using namespace wasmetal;

namespace {

/// Accesses that are a constant apart, of one memory.
struct Group {
  const SCEV *memory;
  const SCEV *base;
  /// i32: the address in the first iteration; with a variable of the loop, what
  /// does not vary.
  const SCEV *lead;
  PHINode *variable; // null: each iteration advances by a constant
  int64_t factor;    // of the variable
  Advance advance;
  int64_t low; // the lowest address, from the lead, without static offsets
  int64_t end; // behind the last byte, with them
  uint64_t minimum, maximum;

  // Before the loop, and where a strip begins.
  Value *basePointer = nullptr;
  Value *size = nullptr;
  Value *start = nullptr;
  Value *place = nullptr; // i64
};

struct Member {
  CallInst *translate;
  size_t group;
  int64_t distance; // from the lead, static offset included
};

class Strips {
public:
  Strips(Loop &loop, ScalarEvolution &scev, DominatorTree &dominators)
      : loop(loop), scev(scev), dominators(dominators), expander(scev, "strip"),
        i64(Type::getInt64Ty(scev.getContext())) {}

  /// Whether the loop is one of those, so that make() may be called.
  bool analyze();
  /// Computes before the loop what strips need. Nothing that is known of
  /// control flow changes.
  void prepare();
  void make();

private:
  bool isSimple();
  bool describe(CallInst *translate);
  bool split(const SCEV *address, Group &group);
  bool addTo(Group &group, CallInst *translate);
  bool isExpandable(const SCEV *value);
  Value *expand(const SCEV *value);
  Value *iterationsOf(const Group &group);
  void makeHead();
  void test(Group &group);
  void addCopy(unsigned number);
  void makePlain(const Member &member, unsigned number,
                 ValueToValueMapTy &copies);

  Loop &loop;
  ScalarEvolution &scev;
  DominatorTree &dominators;
  SCEVExpander expander;
  Type *i64;

  unsigned length = 0; // iterations of a strip
  std::vector<Group> groups;
  std::vector<Member> members;

  BasicBlock *before = nullptr; // the preheader
  BasicBlock *head = nullptr;   // where a strip begins
  /// The highest number of a strip's first iteration, as far as addresses that
  /// advance by a constant say; null if there are none. Signed.
  Value *limit = nullptr;
  PHINode *k = nullptr; // the number of the strip's first iteration
  Value *holds = nullptr;
  MapVector<PHINode *, Value *> variables;       // as the next copy gets them
  BasicBlock *entry = nullptr, *latch = nullptr; // of the copy before
};

} // namespace

/// Whether nothing but plain accesses of linear memory stands in the way, and
/// the copies are worth their room.
bool Strips::isSimple() {
  constexpr size_t MaxCopied = 96, MaxBlocks = 8, Few = 16;
  before = loop.getLoopPreheader();
  if (!before || !loop.isInnermost() || !loop.getLoopLatch() ||
      !loop.hasDedicatedExits() || !loop.isSafeToClone() ||
      !loop.isLCSSAForm(dominators) ||
      findStringMetadataForLoop(&loop, "llvm.loop.disable_nonforced"))
    return false;
  size_t size = 0;
  for (BasicBlock *block : loop.blocks())
    for (llvm::Instruction &inst : *block) {
      size += !isa<PHINode>(inst) && !isa<CastInst>(inst);
      if (isa<CallBase>(inst) && !isa<IntrinsicInst>(inst) &&
          !Translate::match(inst))
        return false;
    }
  length = size * 8 <= MaxCopied ? 8 : 4;
  unsigned most = scev.getSmallConstantMaxTripCount(&loop);
  return size * length <= MaxCopied && loop.getNumBlocks() <= MaxBlocks &&
         (!most || most > Few);
}

/// An address is what it is in the first iteration and a constant step, or it
/// varies with one of the loop's variables.
bool Strips::split(const SCEV *address, Group &group) {
  if (scev.isLoopInvariant(address, &loop)) {
    group.lead = address;
    return isExpandable(address);
  }
  if (auto *recurrence = dyn_cast<SCEVAddRecExpr>(address)) {
    auto *step = dyn_cast<SCEVConstant>(recurrence->getStepRecurrence(scev));
    if (!recurrence->isAffine() || recurrence->getLoop() != &loop || !step)
      return false;
    int64_t by = step->getAPInt().getSExtValue();
    group.lead = recurrence->getStart();
    group.advance = {by, by};
    return std::abs(by) < MaxStep && isExpandable(group.lead);
  }
  SmallVector<const SCEV *, 4> terms{address}, invariant;
  if (auto *sum = dyn_cast<SCEVAddExpr>(address))
    terms.assign(sum->operands().begin(), sum->operands().end());
  for (const SCEV *term : terms) {
    if (scev.isLoopInvariant(term, &loop)) {
      invariant.push_back(term);
      continue;
    }
    int64_t factor = 1;
    if (auto *product = dyn_cast<SCEVMulExpr>(term)) {
      auto *constant = dyn_cast<SCEVConstant>(product->getOperand(0));
      if (!constant || product->getNumOperands() != 2)
        return false;
      factor = constant->getAPInt().getSExtValue();
      term = product->getOperand(1);
    }
    auto *unknown = dyn_cast<SCEVUnknown>(term);
    auto *phi = unknown ? dyn_cast<PHINode>(unknown->getValue()) : nullptr;
    if (group.variable || !phi || phi->getParent() != loop.getHeader() ||
        std::abs(factor) >= MaxAdvance)
      return false;
    group.variable = phi;
    group.factor = factor;
  }
  std::optional<Advance> advance = advanceOf(*group.variable, loop, scev);
  if (!advance)
    return false;
  group.lead = invariant.empty() ? scev.getZero(address->getType())
                                 : scev.getAddExpr(invariant);
  group.advance = {group.factor * advance->least, group.factor * advance->most};
  if (group.factor < 0)
    std::swap(group.advance.least, group.advance.most);
  return isExpandable(group.lead);
}

bool Strips::isExpandable(const SCEV *value) {
  return expander.isSafeToExpandAt(value, before->getTerminator());
}

/// Puts the access where others are a constant apart.
bool Strips::addTo(Group &wanted, CallInst *translate) {
  auto operand = [&](unsigned number) {
    return cast<ConstantInt>(translate->getArgOperand(number))->getZExtValue();
  };
  wanted.minimum = operand(Translate::Minimum);
  wanted.maximum = operand(Translate::Maximum);
  auto offset = static_cast<int64_t>(operand(Translate::Offset));
  auto size = static_cast<int64_t>(operand(Translate::Size));
  for (size_t i = 0; i < groups.size(); ++i) {
    Group &group = groups[i];
    if (group.memory != wanted.memory || group.base != wanted.base ||
        group.variable != wanted.variable || group.factor != wanted.factor ||
        group.advance.least != wanted.advance.least ||
        group.advance.most != wanted.advance.most)
      continue;
    auto *apart =
        dyn_cast<SCEVConstant>(scev.getMinusSCEV(wanted.lead, group.lead));
    if (!apart)
      continue;
    int64_t distance = apart->getAPInt().getSExtValue();
    group.low = std::min(group.low, distance);
    group.end = std::max(group.end, distance + offset + size);
    members.push_back({translate, i, distance + offset});
    return true;
  }
  constexpr size_t MaxGroups = 4;
  wanted.low = 0;
  wanted.end = offset + size;
  members.push_back({translate, groups.size(), offset});
  groups.push_back(wanted);
  return groups.size() <= MaxGroups;
}

bool Strips::describe(CallInst *translate) {
  Group group = {};
  group.memory = scev.getSCEV(translate->getArgOperand(Translate::Memory));
  group.base = scev.getSCEV(translate->getArgOperand(Translate::Base));
  // It has been extended from 32 bits.
  const SCEV *address = scev.getTruncateExpr(
      scev.getSCEV(translate->getArgOperand(Translate::Address)),
      Type::getInt32Ty(scev.getContext()));
  return Translate::hasPlainUses(*translate) &&
         scev.isLoopInvariant(group.memory, &loop) &&
         scev.isLoopInvariant(group.base, &loop) &&
         isExpandable(group.memory) && isExpandable(group.base) &&
         split(address, group) && addTo(group, translate);
}

bool Strips::analyze() {
  if (!isSimple())
    return false;
  for (BasicBlock *block : loop.blocks())
    for (llvm::Instruction &inst : *block) {
      CallInst *translate = Translate::match(inst);
      if (translate && !describe(translate))
        return false;
    }
  // A volatile access of another kind would change places with these.
  auto isForeign = [&](const llvm::Instruction &inst) {
    if (!inst.isVolatile())
      return false;
    auto *pointer = getLoadStorePointerOperand(&inst);
    return !pointer || none_of(members, [&](const Member &member) {
      return member.translate == pointer;
    });
  };
  return !members.empty() && none_of(loop.blocks(), [&](BasicBlock *block) {
    return any_of(*block, isForeign);
  });
}

//===-- The strips --------------------------------------------------------===//

Value *Strips::expand(const SCEV *value) {
  return expander.expandCodeFor(value, value->getType(),
                                before->getTerminator());
}

void Strips::prepare() {
  AbiLayout layout(before->getDataLayout().getPointerSize());
  for (Group &group : groups) {
    group.basePointer = expand(group.base);
    group.start = expand(group.lead);
    if (group.minimum == group.maximum) {
      group.size = ConstantInt::get(i64, group.minimum);
      continue;
    }
    // Memories never shrink: what they have now, they have in the loop.
    Value *memory = expand(group.memory);
    IRBuilder<> builder(before->getTerminator());
    group.size = builder.CreateAlignedLoad(
        i64,
        builder.CreateConstGEP1_64(builder.getInt8Ty(), memory,
                                   layout.memoryBytes),
        Align(8), "size");
  }
  // Flags that hold where a value was found need not hold here.
  for (llvm::Instruction *inst : expander.getAllInsertedInstructions())
    inst->dropPoisonGeneratingAnnotations();
  IRBuilder<> builder(before->getTerminator());
  for (Group &group : groups) {
    group.start = builder.CreateFreeze(group.start, "start");
    if (group.variable)
      continue;
    group.start = builder.CreateZExt(group.start, i64);
    Value *most = iterationsOf(group);
    limit = limit ? builder.CreateBinaryIntrinsic(Intrinsic::smin, limit, most)
                  : most;
  }
  if (limit)
    limit = builder.CreateSub(limit, builder.getInt64(length - 1), "limit");
}

/// The number of the last iteration whose accesses are in bounds, if those
/// before it are: -1 if there is none. Starts have 32 bits: sums are small.
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
  if (low < 0)
    require(builder.CreateICmpSGE(
        builder.CreateAdd(group.place, ConstantInt::getSigned(i64, low)),
        builder.getInt64(0)));
  require(builder.CreateICmpSLE(
      builder.CreateAdd(group.place, ConstantInt::getSigned(i64, end)),
      group.size));
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
  if (limit) {
    k = builder.CreatePHI(i64, 2, "k");
    k->addIncoming(builder.getInt64(0), before);
    holds = builder.CreateICmpSLE(k, limit);
  }
  for (Group &group : groups) {
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
void Strips::makePlain(const Member &member, unsigned number,
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
    if (auto *load = dyn_cast<LoadInst>(user))
      load->setVolatile(false);
    else
      cast<StoreInst>(user)->setVolatile(false);
  }
  translate->replaceAllUsesWith(pointer);
  translate->eraseFromParent();
}

/// One more iteration behind what is there.
void Strips::addCopy(unsigned number) {
  BasicBlock *header = loop.getHeader();
  ValueToValueMapTy copies;
  SmallVector<BasicBlock *, 8> blocks;
  for (BasicBlock *block : loop.blocks()) {
    BasicBlock *copy = CloneBasicBlock(block, copies, "." + Twine(number),
                                       header->getParent());
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
  for (const Member &member : members)
    makePlain(member, number, copies);
  auto *next = cast<BasicBlock>(copyOf(header));
  latch->getTerminator()->replaceSuccessorWith(entry, next);
  entry = next;
  latch = cast<BasicBlock>(copyOf(loop.getLoopLatch()));
}

void Strips::make() {
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
  addStringMetadataToLoop(&loop, "llvm.loop.disable_nonforced", 1);
}

PreservedAnalyses LoopStripsPass::run(llvm::Function &function,
                                      FunctionAnalysisManager &manager) {
  auto &loops = manager.getResult<LoopAnalysis>(function);
  auto &scev = manager.getResult<ScalarEvolutionAnalysis>(function);
  auto &dominators = manager.getResult<DominatorTreeAnalysis>(function);
  std::vector<std::unique_ptr<Strips>> found;
  for (Loop *loop : loops.getLoopsInPreorder()) {
    auto strips = std::make_unique<Strips>(*loop, scev, dominators);
    if (strips->analyze())
      found.push_back(std::move(strips));
  }
  // What is known of control flow is not kept, so it is used before.
  for (auto &strips : found)
    strips->prepare();
  for (auto &strips : found)
    strips->make();
  return found.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}
