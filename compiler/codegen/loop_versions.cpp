// The transformation. The original loops become the fast copy, whose accesses
// are plain and made of 64-bit numbers: a pointer to the row, made before the
// loop, and the loop's own iteration number. LLVM cannot see where a row's
// pointer comes from, so that it compares rows with one another instead of
// finding that all of them are based on one memory. The sandbox rests on this
// file and on loop_nest.cpp.
#include "compiler/codegen/loop_versions.h"
#include "compiler/codegen/reroll.h"
#include "compiler/emit/instance_layout.h"

#include "llvm/Analysis/CFG.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;
using namespace wasmetal;

namespace {

/// A pointer that accesses of one loop share: they are a constant apart.
struct Row {
  const Access *first;
  int64_t distance; // of the first one, static offset included
  Value *pointer;
};

/// What stands this far from a lead is at a multiple of words.
struct AlignedLead {
  int64_t place;
  bool isKnown; // or to be tested
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
        isWide(number == i64) {}

  /// False, and nothing has changed, where versions cannot be made.
  bool run(size_t maxTests);

private:
  void shareLeads();
  bool collectBounds();
  void alignLeads();
  bool movesByWords(const Access &access) const;
  bool isAligned(const Access &access) const;
  bool collectTests(size_t maxTests);
  bool isExpandable(const SCEV *value);
  void countLoops();
  void emitTests();
  void emitSizeTests();
  template <typename List> void emitFactors(const List &terms);
  void require(Value *holds);
  void addSlowCopy();
  void moveExits(Loop *slow);
  const SCEV *inNumbers(const SCEV *value, Loop *inner);
  void computeResults(Loop *inner, const SCEV *count);
  void setExit(Loop *inner, const SCEV *count);
  PHINode *counter(const Loop *inner);
  Value *term(IRBuilder<> &builder, Value *of, const SCEV *factor);
  ConstantInt *constant(int64_t value);
  bool isBeforeLoop(const SCEV *leaf, const Loop *inner);
  Value *leafTerm(const SCEV *leaf, const SCEV *factor, Instruction *before);
  Value *makeRow(const Access &access, int64_t distance);
  Value *rowOf(const Access &access, int64_t &distance);
  void makePlain(const Access &access);
  void alignLoops();

  LoopNest &nest;
  Loop *loop;
  LoopInfo &loops;
  DominatorTree &dominators;
  ScalarEvolution &scev;
  SCEVExpander expander;
  Type *i64;    // of tests
  Type *number; // of the fast copy: as wide as pointers
  bool isWide;  // what 32 bits count may wrap: no flags

  Instruction *testEnd = nullptr; // tests go before it
  Value *holds = nullptr;         // all of them; null: nothing is to be tested
  /// The extreme constants of what is otherwise the same bound. The upper ones
  /// are by memory.
  MapVector<const SCEV *, int64_t> lowest;
  MapVector<std::pair<const SCEV *, const SCEV *>, int64_t> highest;
  MapVector<const SCEV *, const Access *> memories;
  std::vector<const SCEV *> notNegative;
  MapVector<const SCEV *, AlignedLead> alignedLeads;
  /// What must not be beyond the size of a memory, which is to be loaded.
  std::vector<std::pair<const SCEV *, const SCEV *>> ends;
  SmallVector<std::pair<Loop *, const SCEV *>, 8> counts;
  DenseMap<const SCEV *, Value *> leads;
  DenseMap<const SCEV *, Value *> bases;
  DenseMap<const SCEV *, Value *> factors; // that are no constants
  DenseMap<const Loop *, PHINode *> counters;
  std::vector<Row> rows;
  SmallVector<CountedLoop, 8> counted;
};

} // namespace

//===-- What is to be tested ----------------------------------------------===//

/// Accesses a constant apart get the same lead, so that they share rows and
/// tests.
void Versioner::shareLeads() {
  SmallVector<const SCEV *, 8> known;
  for (Access &access : nest.accesses) {
    Affine &address = access.address;
    bool isShared = false;
    for (const SCEV *lead : known) {
      auto *apart =
          dyn_cast<SCEVConstant>(scev.getMinusSCEV(address.lead, lead));
      if (!apart)
        continue;
      address.lead = lead;
      address.delta += apart->getAPInt().getSExtValue();
      isShared = true;
      break;
    }
    if (!isShared)
      known.push_back(address.lead);
  }
}

/// Takes the constant out of a sum.
static const SCEV *splitConstant(ScalarEvolution &scev, const SCEV *sum,
                                 int64_t &constant) {
  constant = 0;
  auto *number = dyn_cast<SCEVConstant>(sum);
  if (auto *add = dyn_cast<SCEVAddExpr>(sum))
    number = dyn_cast<SCEVConstant>(add->getOperand(0));
  if (!number)
    return sum;
  constant = number->getAPInt().getSExtValue();
  return scev.getMinusSCEV(sum, number);
}

bool Versioner::isExpandable(const SCEV *value) {
  return expander.isSafeToExpandAt(value, testEnd);
}

/// False where the bounds of some access cannot be computed before the loop.
bool Versioner::collectBounds() {
  auto isFactor = [&](auto &term) { return isExpandable(term.second); };
  for (const Access &access : nest.accesses) {
    std::optional<Range> range = nest.range(access.address);
    if (!range || !isExpandable(access.memory) || !isExpandable(access.base) ||
        !isExpandable(access.address.lead) ||
        !all_of(access.address.steps, isFactor) ||
        !all_of(access.address.leaves, isFactor))
      return false;
    int64_t constant;
    const SCEV *low = splitConstant(scev, range->low, constant);
    int64_t &least = lowest.insert({low, constant}).first->second;
    least = std::min(least, constant);
    const SCEV *high = splitConstant(scev, range->high, constant);
    constant += access.offset + access.size;
    int64_t &most =
        highest.insert({{access.memory, high}, constant}).first->second;
    most = std::max(most, constant);
    memories.insert({access.memory, &access});
  }
  return true;
}

//===-- Words -------------------------------------------------------------===//

static constexpr int64_t WordSize = 4;

bool Versioner::movesByWords(const Access &access) const {
  auto isByWords = [&](auto &term) {
    return scev.getMinTrailingZeros(term.second) >= Log2(Align(WordSize));
  };
  return all_of(access.address.steps, isByWords) &&
         all_of(access.address.leaves, isByWords);
}

/// Where an access stands in its word if its lead is a multiple of one.
static int64_t placeInWord(const Access &access) {
  return (access.address.delta + access.offset) & (WordSize - 1);
}

static const Value *baseOf(const Access &access) {
  return access.translate->getArgOperand(Translate::Base);
}

/// Processors of 32 bits take what is wider than a word, or goes to registers
/// for floating point, at multiples of words only; LLVM makes other loads and
/// moves of it otherwise. Programs have it there as a rule.
static bool profitsFromAlignment(const Access &access) {
  return any_of(access.translate->users(), [](User *user) {
    Type *type = getLoadStoreType(user);
    return type->isFloatingPointTy() || type->isIntegerTy(64);
  });
}

/// Of accesses with one lead, those that stand in words like the first do so.
void Versioner::alignLeads() {
  for (const Access &access : nest.accesses) {
    const SCEV *lead = access.address.lead;
    int64_t constant, place = placeInWord(access);
    uint32_t zeros =
        scev.getMinTrailingZeros(splitConstant(scev, lead, constant));
    if (zeros >= Log2(Align(WordSize)))
      alignedLeads.insert({lead, {-constant & (WordSize - 1), true}});
    else if (movesByWords(access) && profitsFromAlignment(access) &&
             (place + constant) % (int64_t(1) << zeros) == 0)
      alignedLeads.insert({lead, {place, false}});
  }
}

bool Versioner::isAligned(const Access &access) const {
  auto found = alignedLeads.find(access.address.lead);
  return found != alignedLeads.end() && movesByWords(access) &&
         found->second.place == placeInWord(access) &&
         baseOf(access)->getPointerAlignment(
             access.translate->getDataLayout()) >= Align(WordSize);
}

//===-- All tests ---------------------------------------------------------===//

/// False where some test cannot be made, or is known to fail.
bool Versioner::collectTests(size_t maxTests) {
  for (auto &[variable, constant] : lowest)
    notNegative.push_back(scev.getAddExpr(variable, nest.number(constant)));
  for (auto &[key, constant] : highest) {
    auto &[memory, variable] = key;
    const SCEV *end = scev.getAddExpr(variable, nest.number(constant));
    const Access *access = memories[memory];
    uint64_t minimum = access->limit(Translate::Minimum);
    if (minimum == access->limit(Translate::Maximum))
      notNegative.push_back(
          scev.getMinusSCEV(nest.number(static_cast<int64_t>(minimum)), end));
    else
      ends.push_back({memory, end});
  }
  append_range(notNegative, nest.conditions);
  erase_if(notNegative,
           [&](const SCEV *value) { return scev.isKnownNonNegative(value); });
  return notNegative.size() + ends.size() <= maxTests &&
         all_of(notNegative,
                [&](const SCEV *value) {
                  return isExpandable(value) && !scev.isKnownNegative(value);
                }) &&
         all_of(ends, [&](auto &end) { return isExpandable(end.second); });
}

/// Finds the exact counts of loops with one exit.
void Versioner::countLoops() {
  for (Loop *inner : loop->getLoopsInPreorder()) {
    BasicBlock *exiting = inner->getExitingBlock();
    if (!exiting || !isa<BranchInst>(exiting->getTerminator()) ||
        loops.getLoopFor(exiting) != inner)
      continue;
    // An iteration's number, times the copies of a body, has 64 bits.
    if (const SCEV *count = nest.count(inner))
      counts.push_back({inner, count});
  }
}

//===-- The tests ---------------------------------------------------------===//

void Versioner::require(Value *test) {
  IRBuilder<> builder(testEnd);
  holds = holds ? builder.CreateAnd(holds, test) : test;
}

/// Memories never shrink: what they have now, they have in the loop.
void Versioner::emitSizeTests() {
  AbiLayout layout(testEnd->getDataLayout().getPointerSize());
  DenseMap<const SCEV *, Value *> sizes;
  for (auto &[memory, end] : ends) {
    Value *last = expander.expandCodeFor(end, i64, testEnd);
    Value *pointer = expander.expandCodeFor(memory, nullptr, testEnd);
    IRBuilder<> builder(testEnd);
    Value *&size = sizes[memory];
    if (!size)
      size = builder.CreateAlignedLoad(
          i64,
          builder.CreateConstGEP1_64(builder.getInt8Ty(), pointer,
                                     layout.memoryBytes),
          Align(8), "size");
    require(builder.CreateICmpSLE(last, size));
  }
}

template <typename List> void Versioner::emitFactors(const List &terms) {
  for (auto &[of, factor] : terms) {
    if (isa<SCEVConstant>(factor) || factors.contains(factor))
      continue;
    Value *wide = expander.expandCodeFor(factor, i64, testEnd);
    factors[factor] = IRBuilder<>(testEnd).CreateTrunc(wide, number, "factor");
  }
}

void Versioner::emitTests() {
  emitSizeTests();
  for (const SCEV *tested : notNegative) {
    Value *value = expander.expandCodeFor(tested, i64, testEnd);
    IRBuilder<> builder(testEnd);
    require(builder.CreateICmpSGE(value, ConstantInt::get(i64, 0)));
  }
  for (const SCEVPredicate *predicate : nest.predicates) {
    Value *fails = expander.expandCodeForPredicate(predicate, testEnd);
    require(IRBuilder<>(testEnd).CreateNot(fails));
  }
  for (const Access &access : nest.accesses) {
    Value *&lead = leads[access.address.lead];
    if (!lead) {
      Value *narrow =
          expander.expandCodeFor(access.address.lead, nullptr, testEnd);
      lead = IRBuilder<>(testEnd).CreateZExt(narrow, number, "lead");
    }
    Value *&base = bases[access.base];
    if (!base)
      base = expander.expandCodeFor(access.base, nullptr, testEnd);
    emitFactors(access.address.steps);
    emitFactors(access.address.leaves);
  }
  for (auto &[lead, aligned] : alignedLeads) {
    if (aligned.isKnown)
      continue;
    IRBuilder<> builder(testEnd);
    Value *start = builder.CreateAdd(leads[lead], constant(aligned.place));
    require(
        builder.CreateIsNull(builder.CreateAnd(start, constant(WordSize - 1))));
  }
}

//===-- The copies --------------------------------------------------------===//

/// Both copies leave to the same places.
void Versioner::moveExits(Loop *slow) {
  BasicBlock *test = testEnd->getParent();
  for (BasicBlock *block : loop->blocks()) {
    SmallVector<DomTreeNode *, 4> outside;
    for (DomTreeNode *child : dominators.getNode(block)->children())
      if (!loop->contains(child->getBlock()))
        outside.push_back(child);
    for (DomTreeNode *node : outside)
      dominators.changeImmediateDominator(node, dominators.getNode(test));
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

void Versioner::addSlowCopy() {
  BasicBlock *test = testEnd->getParent();
  SmallVector<BasicBlock *, 4> exits;
  loop->getUniqueExitBlocks(exits);
  BasicBlock *fast =
      SplitBlock(test, testEnd, &dominators, &loops, nullptr, "fast");
  ValueToValueMapTy clones;
  SmallVector<BasicBlock *, 16> blocks;
  Loop *slow = cloneLoopWithPreheader(fast, test, loop, clones, ".slow", &loops,
                                      &dominators, blocks);
  remapInstructionsInBlocks(blocks, clones);
  for (BasicBlock *exit : exits)
    for (PHINode &phi : exit->phis())
      for (unsigned i = 0, e = phi.getNumIncomingValues(); i < e; ++i) {
        auto clone = clones.find(phi.getIncomingBlock(i));
        if (clone == clones.end())
          continue;
        Value *value = phi.getIncomingValue(i);
        if (Value *copy = clones.lookup(value))
          value = copy;
        phi.addIncoming(value, cast<BasicBlock>(clone->second));
      }
  testEnd = test->getTerminator();
  IRBuilder<> builder(testEnd);
  MDBuilder weights(builder.getContext());
  Instruction *branch = builder.CreateCondBr(
      builder.CreateFreeze(holds, "in.bounds"), fast, slow->getLoopPreheader(),
      weights.createLikelyBranchWeights());
  testEnd->eraseFromParent();
  testEnd = branch;
  for (Loop *inner : slow->getLoopsInPreorder())
    addStringMetadataToLoop(inner, "llvm.loop.disable_nonforced", 1);
  moveExits(slow);
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

/// Leaves the loop by its iteration number, which LLVM can count.
void Versioner::setExit(Loop *inner, const SCEV *count) {
  Instruction *before = inner->getLoopPreheader()->getTerminator();
  if (inner->isInnermost())
    computeResults(inner, count);
  count = scev.getTruncateOrZeroExtend(inNumbers(count, inner), number);
  if (!expander.isSafeToExpandAt(count, before))
    return;
  Value *last = expander.expandCodeFor(count, number, before);
  auto *branch = cast<BranchInst>(inner->getExitingBlock()->getTerminator());
  bool leavesIfTrue = !inner->contains(branch->getSuccessor(0));
  auto *exit =
      new ICmpInst(branch->getIterator(),
                   leavesIfTrue ? ICmpInst::ICMP_EQ : ICmpInst::ICMP_NE,
                   counter(inner), last, "done");
  branch->setCondition(exit);
  counted.push_back({inner, counter(inner), exit, last});
}

//===-- The fast copy's accesses ------------------------------------------===//

/// |factor| < 2^27, and the number is at most 2^32: no product wraps in 64
/// bits.
Value *Versioner::term(IRBuilder<> &builder, Value *of, const SCEV *factor) {
  std::optional<int64_t> constant = constantOf(factor);
  Value *by = constant ? ConstantInt::getSigned(number, *constant)
                       : factors.lookup(factor);
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

Value *Versioner::makeRow(const Access &access, int64_t distance) {
  const Affine &address = access.address;
  Instruction *before = access.loop->getLoopPreheader()->getTerminator();
  IRBuilder<> builder(before);
  Value *sum = leads[address.lead];
  auto add = [&](Value *term) {
    sum = builder.CreateAdd(sum, term, "", false, /*HasNSW=*/isWide);
  };
  add(constant(distance));
  for (auto &[outer, step] : address.steps)
    if (outer != access.loop)
      add(term(builder, counter(outer), step));
  for (auto &[leaf, factor] : address.leaves)
    if (isBeforeLoop(leaf, access.loop))
      add(leafTerm(leaf, factor, before));
  Value *base = builder.CreatePtrToInt(bases[access.base], number);
  return builder.CreateIntToPtr(builder.CreateAdd(base, sum),
                                builder.getPtrTy(), "row");
}

/// Changes `distance`, from the lead, to that from the row.
Value *Versioner::rowOf(const Access &access, int64_t &distance) {
  for (const Row &row : rows)
    if (row.first->loop == access.loop && row.first->base == access.base &&
        row.first->address.isParallelTo(access.address)) {
      distance -= row.distance;
      return row.pointer;
    }
  Value *pointer = makeRow(access, distance);
  rows.push_back({&access, distance, pointer});
  distance = 0;
  return pointer;
}

void Versioner::makePlain(const Access &access) {
  const Affine &address = access.address;
  int64_t distance = address.delta + access.offset;
  Value *pointer = rowOf(access, distance);
  // The row begins at an address of the first access, unless something is still
  // to be added that varies in the loop. Its distance to any other address of
  // the memory has a sign, if 32 bits are enough for it.
  bool isInBounds = all_of(address.leaves, [&](auto &leaf) {
    return isBeforeLoop(leaf.first, access.loop);
  });
  isInBounds &= isWide || access.limit(Translate::Maximum) <= INT32_MAX;
  GEPNoWrapFlags flags =
      isInBounds ? GEPNoWrapFlags::inBounds() : GEPNoWrapFlags::none();
  CallInst *translate = access.translate;
  IRBuilder<> builder(translate);
  auto move = [&](Value *by, GEPNoWrapFlags flags) {
    pointer = builder.CreateGEP(builder.getInt8Ty(), pointer, by, "", flags);
  };
  if (const SCEV *step = address.stepOf(access.loop)) {
    bool isUp = isInBounds && constantOf(step).value_or(0) > 0;
    move(term(builder, counter(access.loop), step),
         isUp ? flags | GEPNoWrapFlags::noUnsignedWrap() : flags);
  }
  for (auto &[leaf, factor] : address.leaves)
    if (!isBeforeLoop(leaf, access.loop))
      move(leafTerm(leaf, factor, translate), flags);
  if (distance)
    move(constant(distance), flags);
  Align alignment = isAligned(access) ? Align(WordSize) : Align(1);
  for (User *user : translate->users()) {
    if (auto *load = dyn_cast<LoadInst>(user)) {
      load->setVolatile(false);
      load->setAlignment(std::max(load->getAlign(), alignment));
    } else {
      auto *store = cast<StoreInst>(user);
      store->setVolatile(false);
      store->setAlignment(std::max(store->getAlign(), alignment));
    }
  }
  translate->replaceAllUsesWith(pointer);
  translate->eraseFromParent();
}

/// What is small should be in one line of the cache, with its branches.
void Versioner::alignLoops() {
  constexpr unsigned CacheLine = 64;
  for (Loop *inner : loop->getLoopsInPreorder())
    if (inner->isInnermost())
      addStringMetadataToLoop(inner, "llvm.loop.align", CacheLine);
}

bool Versioner::run(size_t maxTests) {
  testEnd = loop->getLoopPreheader()->getTerminator();
  shareLeads();
  if (!isWide)
    alignLeads();
  if (!collectBounds() || !collectTests(maxTests))
    return false;
  countLoops();
  emitTests();
  if (holds)
    addSlowCopy();
  for (auto &[inner, count] : counts)
    setExit(inner, count);
  for (const Access &access : nest.accesses)
    makePlain(access);
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
