// The transformation. The original loops become the fast copy, whose accesses
// are plain and made of 64-bit numbers: a pointer to the row, made before the
// loop, and the loop's own iteration number. LLVM cannot see where a row's
// pointer comes from, so that it compares rows with one another instead of
// finding that all of them are based on one memory. The sandbox rests on this
// file and on loop_nest.cpp.
#include "compiler/codegen/loop_versions.h"
#include "compiler/codegen/loop_copy.h"
#include "compiler/codegen/reroll.h"
#include "compiler/codegen/searches.h"
#include "compiler/codegen/store_order.h"
#include "compiler/codegen/version_test.h"

#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// A pointer that accesses of one loop share: they are a constant apart.
struct Row {
  const Loop *loop;
  const Access *first;
  int64_t distance; // of the lowest one, static offset included
  Value *pointer;
};

class Versioner {
public:
  Versioner(LoopNest &nest, LoopInfo &loops, DominatorTree &dominators,
            ScalarEvolution &scev)
      : nest(nest), loop(nest.loop), loops(loops), dominators(dominators),
        scev(scev), expander(scev, "row"),
        i64(Type::getInt64Ty(scev.getContext())),
        number(loop->getHeader()->getDataLayout().getIntPtrType(
            scev.getContext())),
        isWide(number == i64), faults(nest.leavesFaults()),
        test(nest, scev, expander, number) {}

  /// False, and nothing has changed, where versions cannot be made.
  bool run(size_t maxTests);

private:
  void countLoops();
  void addSlowCopy(Value *holds);
  void moveExits(Loop *slow, BasicBlock *before);
  const SCEV *inNumbers(const SCEV *value, Loop *inner);
  void computeResults(Loop *inner, const SCEV *count);
  Value *boundLast(const Loop *inner, Value *last);
  Value *lastNumber(Loop *inner, const SCEV *count);
  ICmpInst *leaveAt(const Loop *inner, BasicBlock *exiting, Value *last);
  void setExit(Loop *inner, const SCEV *count);
  void widenSearch(Loop *inner, const SCEV *count);
  PHINode *counter(const Loop *inner);
  Value *term(IRBuilder<> &builder, Value *of, const SCEV *factor);
  ConstantInt *constant(int64_t value);
  bool isBeforeLoop(const SCEV *leaf, const Loop *inner);
  Value *leafTerm(const SCEV *leaf, const SCEV *factor, Instruction *before);
  uint64_t findSmallLoops(const Loop *inner);
  const Loop *rowLoop(const Loop *inner) const;
  GEPNoWrapFlags flagsOf(const Access &access);
  Value *step(IRBuilder<> &builder, Value *pointer, const Access &access,
              const Loop *inner);
  Value *makeRow(const Access &access, const Loop *inner, int64_t distance);
  int64_t lowest(const Access &access, const Loop *inner) const;
  int64_t highestEnd(const Access &access, const Loop *inner) const;
  bool ascendsFrom(const Access &below, const Access &above,
                   const Loop *inner) const;
  const Row *rowBeside(const Access &access, const Loop *inner) const;
  Value *rowOf(const Access &access, const Loop *inner, int64_t &distance);
  void makePlain(const Access &access);
  void alignLoops();

  LoopNest &nest;
  Loop *loop;
  LoopInfo &loops;
  DominatorTree &dominators;
  ScalarEvolution &scev;
  SCEVExpander expander;
  Type *i64;
  Type *number;        // of the fast copy: as wide as pointers
  bool isWide;         // what 32 bits count may wrap: no flags
  bool stores = false; // where a fault would have been the trap
  const bool faults;   // an access that is left may

  VersionTest test;
  SmallVector<std::pair<Loop *, const SCEV *>, 8> counts;
  SmallVector<std::pair<Loop *, const SCEV *>, 2> searches;
  DenseMap<const Loop *, PHINode *> counters;
  SmallPtrSet<const Loop *, 4> small; // LLVM unrolls them whole
  std::vector<Row> rows;
  DenseMap<const SCEV *, unsigned> leafUses;
  SmallVector<CountedLoop, 8> counted;
};

} // namespace

/// Finds the exact counts of loops with one exit, and those of searches.
void Versioner::countLoops() {
  for (Loop *inner : loop->getLoopsInPreorder()) {
    if (isWide && nest.left.empty())
      if (const SCEV *count = searchCount(*inner, scev))
        searches.push_back({inner, count});
    BasicBlock *exiting = inner->getExitingBlock();
    if (!exiting || !isa<BranchInst>(exiting->getTerminator()) ||
        loops.getLoopFor(exiting) != inner)
      continue;
    // An iteration's number, times the copies of a body, has 64 bits.
    if (const SCEV *count = nest.count(inner))
      counts.push_back({inner, count});
  }
}

//===-- The copies --------------------------------------------------------===//

/// Both copies leave to the same places.
void Versioner::moveExits(Loop *slow, BasicBlock *before) {
  for (BasicBlock *block : loop->blocks()) {
    SmallVector<DomTreeNode *, 4> outside;
    for (DomTreeNode *child : dominators.getNode(block)->children())
      if (!loop->contains(child->getBlock()))
        outside.push_back(child);
    for (DomTreeNode *node : outside)
      dominators.changeImmediateDominator(node, dominators.getNode(before));
  }
  for (Loop *copy : {loop, slow})
    formDedicatedExitBlocks(copy, &dominators, &loops, nullptr,
                            /*PreserveLCSSA=*/true);
  if (Loop *outermost = loop->getParentLoop()) {
    while (Loop *parent = outermost->getParentLoop())
      outermost = parent;
    formLCSSARecursively(*outermost, dominators, &loops, &scev);
  }
}

/// LLVM makes vectors of what stands side by side, beginning where both copies'
/// results meet. What the slow copy cannot be part of, the fast one would lose.
static void fenceResults(const Loop &copy) {
  SmallVector<BasicBlock *, 4> exits;
  copy.getUniqueExitBlocks(exits);
  for (BasicBlock *exit : exits)
    for (PHINode &result : exit->phis()) {
      if (!result.getType()->isFloatingPointTy())
        continue;
      IRBuilder<> builder(exit, exit->getFirstInsertionPt());
      auto *fence = cast<Instruction>(
          builder.CreateArithmeticFence(&result, result.getType(), "result"));
      result.replaceUsesWithIf(
          fence, [&](Use &use) { return use.getUser() != fence; });
    }
}

void Versioner::addSlowCopy(Value *holds) {
  BasicBlock *before = loop->getLoopPreheader();
  BasicBlock *fast = SplitBlock(before, before->getTerminator(), &dominators,
                                &loops, nullptr, "fast");
  ValueToValueMapTy clones;
  Loop *slow =
      copyLoop(*loop, fast, before, ".slow", clones, loops, dominators);
  Instruction *end = before->getTerminator();
  IRBuilder<> builder(end);
  MDBuilder weights(builder.getContext());
  builder.CreateCondBr(builder.CreateFreeze(holds, "in.bounds"), fast,
                       slow->getLoopPreheader(),
                       weights.createLikelyBranchWeights());
  end->eraseFromParent();
  for (Loop *inner : slow->getLoopsInPreorder())
    addStringMetadataToLoop(inner, "llvm.loop.disable_nonforced", 1);
  moveExits(slow, before);
  if (isWide)
    for (const Loop *copy : {loop, slow})
      fenceResults(*copy);
}

/// The number of a loop's iteration, from 0.
PHINode *Versioner::counter(const Loop *inner) {
  PHINode *&k = counters[inner];
  if (k)
    return k;
  BasicBlock *latch = inner->getLoopLatch();
  k = PHINode::Create(number, 2, "k", inner->getHeader()->begin());
  IRBuilder<> builder(latch->getTerminator());
  Value *next = builder.CreateAdd(k, ConstantInt::get(number, 1), "k.next",
                                  isWide, isWide);
  k->addIncoming(ConstantInt::get(number, 0), inner->getLoopPreheader());
  k->addIncoming(next, latch);
  return k;
}

/// What `value` is before the loop, by the numbers of those around it.
const SCEV *Versioner::inNumbers(const SCEV *value, Loop *inner) {
  if (scev.isLoopInvariant(value, loop))
    return value;
  LoopToScevMapT numbers;
  for (Loop *outer = inner; outer != loop;) {
    outer = outer->getParentLoop();
    numbers[outer] = scev.getUnknown(counter(outer));
  }
  return SCEVLoopAddRecRewriter::rewrite(value, numbers, scev);
}

/// What is needed of a recurrence behind the loop is computed before it.
void Versioner::computeResults(Loop *inner, const SCEV *count) {
  Instruction *before = inner->getLoopPreheader()->getTerminator();
  for (BasicBlock *block : inner->blocks())
    for (Instruction &inst : *block) {
      SmallVector<Use *, 2> results;
      for (Use &use : inst.uses())
        if (!inner->contains(cast<Instruction>(use.getUser())))
          results.push_back(&use);
      if (results.empty() || !inst.getType()->isIntegerTy())
        continue;
      auto *recurrence = dyn_cast<SCEVAddRecExpr>(scev.getSCEV(&inst));
      if (!recurrence || recurrence->getLoop() != inner ||
          !recurrence->isAffine())
        continue;
      const SCEV *result =
          inNumbers(recurrence->evaluateAtIteration(count, scev), inner);
      if (!expander.isSafeToExpandAt(result, before))
        continue;
      Value *value = expander.expandCodeFor(result, inst.getType(), before);
      for (Use *use : results)
        use->set(value);
    }
}

/// LLVM unrolls what runs a few times at most by as much, not by more: it has
/// to see that bound, which may follow from several ways to the loop.
Value *Versioner::boundLast(const Loop *inner, Value *last) {
  constexpr uint64_t Few = 8;
  std::optional<uint64_t> most = nest.mostIterations(inner);
  if (!most || !*most || *most > Few || isa<Constant>(last))
    return last;
  IRBuilder<> builder(inner->getLoopPreheader()->getTerminator());
  return builder.CreateBinaryIntrinsic(Intrinsic::umin, last,
                                       ConstantInt::get(number, *most - 1));
}

/// Of the loop's last iteration, computed before it; null where that cannot be.
Value *Versioner::lastNumber(Loop *inner, const SCEV *count) {
  Instruction *before = inner->getLoopPreheader()->getTerminator();
  count = scev.getTruncateOrZeroExtend(inNumbers(count, inner), number);
  if (!expander.isSafeToExpandAt(count, before))
    return nullptr;
  return boundLast(inner, expander.expandCodeFor(count, number, before));
}

/// Leaves the loop by its iteration number, which LLVM can count.
ICmpInst *Versioner::leaveAt(const Loop *inner, BasicBlock *exiting,
                             Value *last) {
  auto *branch = cast<BranchInst>(exiting->getTerminator());
  bool leavesIfTrue = !inner->contains(branch->getSuccessor(0));
  auto *exit =
      new ICmpInst(branch->getIterator(),
                   leavesIfTrue ? ICmpInst::ICMP_EQ : ICmpInst::ICMP_NE,
                   counter(inner), last, "done");
  branch->setCondition(exit);
  return exit;
}

void Versioner::setExit(Loop *inner, const SCEV *count) {
  if (inner->isInnermost())
    computeResults(inner, count);
  Value *last = lastNumber(inner, count);
  if (!last)
    return;
  ICmpInst *exit = leaveAt(inner, inner->getExitingBlock(), last);
  counted.push_back({inner, counter(inner), exit, last});
}

//===-- The fast copy's accesses ------------------------------------------===//

/// |factor| < 2^27, and the number is at most 2^32: no product wraps in 64
/// bits.
Value *Versioner::term(IRBuilder<> &builder, Value *of, const SCEV *factor) {
  std::optional<int64_t> constant = constantOf(factor);
  Value *by = constant ? ConstantInt::getSigned(number, *constant)
                       : test.factors.lookup(factor);
  return builder.CreateMul(of, by, "",
                           /*HasNUW=*/isWide && constant.value_or(0) > 0,
                           /*HasNSW=*/isWide);
}

/// The low bits, where numbers have no others.
ConstantInt *Versioner::constant(int64_t value) {
  unsigned bits = number->getIntegerBitWidth();
  return ConstantInt::get(scev.getContext(),
                          APInt(64, static_cast<uint64_t>(value)).trunc(bits));
}

/// Whether a value that varies in the nest does not vary in this loop of it.
bool Versioner::isBeforeLoop(const SCEV *leaf, const Loop *inner) {
  return expander.isSafeToExpandAt(leaf,
                                   inner->getLoopPreheader()->getTerminator());
}

Value *Versioner::leafTerm(const SCEV *leaf, const SCEV *factor,
                           Instruction *before) {
  Value *value = expander.expandCodeFor(leaf, nullptr, before);
  IRBuilder<> builder(before);
  return term(builder, builder.CreateZExt(value, number), factor);
}

/// Whether an instruction is more than a part of a counter or an address. An
/// access counts as two.
static uint64_t unrolledSize(const Instruction &inst) {
  if (isa<CallInst, LoadInst, StoreInst>(inst))
    return 1;
  if (isa<CastInst>(inst))
    return isa<LoadInst>(inst.getOperand(0));
  if (auto *binary = dyn_cast<BinaryOperator>(&inst))
    return binary->getType()->isFPOrFPVectorTy() ||
           !isa<Constant>(binary->getOperand(1));
  return !isa<PHINode, CmpInst, BranchInst, GetElementPtrInst>(inst);
}

/// About how many instructions there are of a loop once LLVM has unrolled it
/// whole. Those that it unrolls are remembered.
uint64_t Versioner::findSmallLoops(const Loop *inner) {
  constexpr uint64_t MostUnrolled = 280; // of LLVM's 300
  uint64_t size = 1;
  for (const Loop *child : *inner)
    size += findSmallLoops(child);
  for (const BasicBlock *block : inner->blocks())
    if (loops.getLoopFor(block) == inner)
      for (const Instruction &inst : *block)
        size += unrolledSize(inst);
  auto found = find_if(counts, [&](auto &of) { return of.first == inner; });
  auto *backedges =
      found == counts.end() ? nullptr : dyn_cast<SCEVConstant>(found->second);
  if (!backedges || backedges->getAPInt().uge(MostUnrolled))
    return MostUnrolled;
  size =
      std::min(size * (backedges->getAPInt().getZExtValue() + 1), MostUnrolled);
  if (size < MostUnrolled && inner != loop)
    small.insert(inner);
  return size;
}

/// The loop before which the rows of an inner one are made.
const Loop *Versioner::rowLoop(const Loop *inner) const {
  while (small.contains(inner))
    inner = inner->getParentLoop();
  return inner;
}

/// The row begins at an address of the lowest access, unless something is still
/// to be added that varies in the loop. Its distance to any other address of
/// the memory has a sign, if 32 bits are enough for it.
GEPNoWrapFlags Versioner::flagsOf(const Access &access) {
  bool isInBounds = all_of(access.address.leaves, [&](auto &leaf) {
    return isBeforeLoop(leaf.first, rowLoop(access.loop));
  });
  isInBounds &= isWide || access.limit(Translate::Maximum) <= INT32_MAX;
  return isInBounds ? GEPNoWrapFlags::inBounds() : GEPNoWrapFlags::none();
}

/// From the row's beginning to this iteration of a loop.
Value *Versioner::step(IRBuilder<> &builder, Value *pointer,
                       const Access &access, const Loop *inner) {
  const SCEV *step = access.address.stepOf(inner);
  if (!step)
    return pointer;
  GEPNoWrapFlags flags = flagsOf(access);
  if (flags.isInBounds() && constantOf(step).value_or(0) > 0)
    flags |= GEPNoWrapFlags::noUnsignedWrap();
  return builder.CreateGEP(builder.getInt8Ty(), pointer,
                           term(builder, counter(inner), step), "", flags);
}

Value *Versioner::makeRow(const Access &access, const Loop *inner,
                          int64_t distance) {
  const Affine &address = access.address;
  Instruction *before = inner->getLoopPreheader()->getTerminator();
  IRBuilder<> builder(before);
  Value *sum = test.leads.lookup(address.lead);
  auto add = [&](Value *term) {
    sum = builder.CreateAdd(sum, term, "", false, /*HasNSW=*/isWide);
  };
  add(constant(distance));
  for (auto &[outer, step] : address.steps)
    if (!inner->contains(outer))
      add(term(builder, counter(outer), step));
  for (auto &[leaf, factor] : address.leaves)
    if (isBeforeLoop(leaf, inner))
      add(leafTerm(leaf, factor, before));
  Value *base = builder.CreatePtrToInt(test.bases.lookup(access.base), number);
  return builder.CreateIntToPtr(builder.CreateAdd(base, sum),
                                builder.getPtrTy(), "row");
}

/// From the lead, static offset included.
static int64_t distanceOf(const Access &access) {
  return access.address.delta + access.offset;
}

static bool sharesRow(const Access &one, const Access &other) {
  return one.base == other.base && one.address.isParallelTo(other.address);
}

/// How far the lowest of the accesses that share a row in the loop is from the
/// lead: processors add more to a pointer in an access than they subtract.
int64_t Versioner::lowest(const Access &access, const Loop *inner) const {
  int64_t least = distanceOf(access);
  for (const Access &other : nest.accesses)
    if (rowLoop(other.loop) == rowLoop(inner) && sharesRow(access, other))
      least = std::min(least, distanceOf(other));
  return least;
}

/// How far the end of the highest of these accesses is from the lead.
int64_t Versioner::highestEnd(const Access &access, const Loop *inner) const {
  int64_t most = distanceOf(access) + access.size;
  for (const Access &other : nest.accesses)
    if (rowLoop(other.loop) == rowLoop(inner) && sharesRow(access, other))
      most = std::max(most, distanceOf(other) + other.size);
  return most;
}

/// Whether they are a constant apart before the loop, in which `below` stays
/// where it is and `above` ascends.
bool Versioner::ascendsFrom(const Access &below, const Access &above,
                            const Loop *inner) const {
  const SCEV *step = above.address.stepOf(inner);
  Affine start = above.address;
  erase_if(start.steps, [&](auto &term) { return term.first == inner; });
  return step && constantOf(step).value_or(0) > 0 && start.leaves.empty() &&
         below.base == above.base && below.address.isParallelTo(start) &&
         highestEnd(below, inner) <= lowest(above, inner);
}

/// A row with which one pointer serves: from it, LLVM sees that what ascends
/// never comes back to what stays, and keeps that in registers. Where the loop
/// accesses more, it would not, and finds vectors in rows that it can compare.
const Row *Versioner::rowBeside(const Access &access, const Loop *inner) const {
  for (const Row &row : rows) {
    const Access &first = *row.first;
    auto isOfBoth = [&](const Access &other) {
      return other.loop != inner || sharesRow(other, first) ||
             sharesRow(other, access);
    };
    if (row.loop == inner && all_of(nest.accesses, isOfBoth) &&
        (ascendsFrom(first, access, inner) ||
         ascendsFrom(access, first, inner)))
      return &row;
  }
  return nullptr;
}

/// A pointer that does not vary in the loop. Changes `distance`, from the lead,
/// to that from the pointer.
Value *Versioner::rowOf(const Access &access, const Loop *inner,
                        int64_t &distance) {
  for (const Row &row : rows)
    if (row.loop == inner && sharesRow(*row.first, access)) {
      distance -= row.distance;
      return row.pointer;
    }
  int64_t begin = lowest(access, inner), rest = begin;
  Value *pointer;
  if (small.contains(inner)) {
    const Loop *outer = inner->getParentLoop();
    pointer = rowOf(access, outer, rest);
    IRBuilder<> builder(inner->getLoopPreheader()->getTerminator());
    pointer = step(builder, pointer, access, outer);
    begin -= rest;
  } else if (const Row *near = rowBeside(access, inner)) {
    IRBuilder<> builder(inner->getLoopPreheader()->getTerminator());
    pointer = builder.CreateGEP(builder.getInt8Ty(), near->pointer,
                                constant(begin - near->distance), "row",
                                flagsOf(access) & flagsOf(*near->first));
  } else {
    pointer = makeRow(access, inner, begin);
  }
  rows.push_back({inner, &access, begin, pointer});
  distance -= begin;
  return pointer;
}

void Versioner::makePlain(const Access &access) {
  const Affine &address = access.address;
  int64_t distance = distanceOf(access);
  Value *pointer = rowOf(access, access.loop, distance);
  GEPNoWrapFlags flags = flagsOf(access);
  CallInst *translate = access.translate;
  IRBuilder<> builder(translate);
  pointer = step(builder, pointer, access, access.loop);
  auto move = [&](Value *by, GEPNoWrapFlags flags) {
    pointer = builder.CreateGEP(builder.getInt8Ty(), pointer, by, "", flags);
  };
  // Those first that other accesses add too.
  SmallVector<const std::pair<const SCEV *, const SCEV *> *, 2> leaves;
  for (auto &term : address.leaves)
    if (!isBeforeLoop(term.first, rowLoop(access.loop)))
      leaves.push_back(&term);
  sort(leaves, [&](auto *a, auto *b) {
    unsigned usesOfA = leafUses.lookup(a->first);
    unsigned usesOfB = leafUses.lookup(b->first);
    return usesOfA != usesOfB ? usesOfA > usesOfB : a < b;
  });
  for (auto *term : leaves)
    move(leafTerm(term->first, term->second, translate), flags);
  if (distance)
    move(constant(distance), flags);
  Align alignment = test.isAligned(access) ? Align(WordSize) : Align(1);
  for (User *user : translate->users()) {
    if (auto *load = dyn_cast<LoadInst>(user)) {
      load->setVolatile(false);
      load->setAlignment(std::max(load->getAlign(), alignment));
    } else {
      auto *store = cast<StoreInst>(user);
      if (!faults) {
        stores |= store->isVolatile();
        store->setVolatile(false);
      }
      store->setAlignment(std::max(store->getAlign(), alignment));
    }
  }
  translate->replaceAllUsesWith(pointer);
  translate->eraseFromParent();
}

/// All that a search might load was tested for: LLVM may load it beforehand.
void Versioner::widenSearch(Loop *inner, const SCEV *count) {
  Value *last = lastNumber(inner, count);
  if (!last)
    return;
  leaveAt(inner, inner->getLoopLatch(), last);
  for (const Row &row : rows) {
    const SCEV *step = row.first->address.stepOf(inner);
    int64_t each = step ? constantOf(step).value_or(-1) : 0;
    auto *pointer = dyn_cast<IntToPtrInst>(row.pointer);
    if (row.loop != inner || each < 0 || !pointer)
      continue;
    int64_t end = 0;
    for (const Access &access : nest.accesses)
      if (access.loop == inner && sharesRow(*row.first, access) &&
          flagsOf(access).isInBounds())
        end = std::max(end, distanceOf(access) + access.size - row.distance);
    IRBuilder<> builder(inner->getLoopPreheader()->getTerminator());
    Value *way = builder.CreateNSWMul(last, constant(each));
    assumeReadable(builder, pointer,
                   builder.CreateAdd(way, constant(end), "", true, true));
  }
}

/// What is small should be in one line of the cache, with its branches, where
/// one instruction fills what is left of another line.
void Versioner::alignLoops() {
  constexpr unsigned CacheLine = 64;
  if (!loop->getHeader()->getModule()->getTargetTriple().isX86())
    return;
  for (Loop *inner : loop->getLoopsInPreorder())
    if (inner->isInnermost())
      addStringMetadataToLoop(inner, "llvm.loop.align", CacheLine);
}

bool Versioner::run(size_t maxTests) {
  if (!test.collect(maxTests))
    return false;
  countLoops();
  findSmallLoops(loop);
  if (Value *holds = test.emit())
    addSlowCopy(holds);
  for (auto &[inner, count] : counts)
    setExit(inner, count);
  for (const Access &access : nest.accesses)
    for (auto &term : access.address.leaves)
      ++leafUses[term.first];
  for (const Access &access : nest.accesses)
    makePlain(access);
  for (auto &[inner, count] : searches)
    widenSearch(inner, count);
  if (stores)
    keepStoresIn(*loop);
  // Flags that hold where a value was found need not hold where it is tested.
  for (Instruction *inst : expander.getAllInsertedInstructions())
    inst->dropPoisonGeneratingAnnotations();
  if (isWide) { // what it is for, vectors and caches, the others do not have
    for (const CountedLoop &inner : counted)
      reroll(inner);
    alignLoops();
  }
  scev.forgetAllLoops();
  return true;
}

bool wasmetal::makeVersions(wasmetal::LoopNest &nest, size_t maxTests,
                            LoopInfo &loops, DominatorTree &dominators,
                            ScalarEvolution &scev) {
  return Versioner(nest, loops, dominators, scev).run(maxTests);
}
