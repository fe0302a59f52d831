// A body that was unrolled by U holds U copies of a smaller one. Copy t is
// found by what it ends in, its stores and its part of a reduction, and
// compared with the first one from there up: the same operations on the same
// values, except that places in memory are t * step / U further on, and that a
// value carried around the loop comes from copy t - 1. Nothing here can trap;
// only the order of loads and stores has to stay what it was.
#include "compiler/codegen/reroll.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/Transforms/Utils/Local.h"

#include <optional>

using namespace llvm;
using namespace wasmetal;

namespace {

/// What copy number `copy` loads in the place of the first copy's load.
struct LoadOfCopy {
  LoadInst *first;
  LoadInst *load;
  unsigned copy;
};

class Reroller {
public:
  explicit Reroller(const CountedLoop &counted)
      : counted(counted), loop(counted.loop), latch(loop->getLoopLatch()) {}

  bool run();

private:
  bool isStraight();
  void dropDead();
  bool collect();
  StoreInst *storeBefore(LoadInst &load) const;
  bool carryStored();
  std::optional<Place> placeOf(Value *pointer) const {
    return wasmetal::placeOf(pointer, counted);
  }
  bool isFurther(Value *first, Value *second, unsigned copy) const;
  bool attempt(unsigned numCopies);
  bool attemptAll();
  bool corresponds(Value *first, Value *second, unsigned copy);
  bool operandsCorrespond(llvm::Instruction *first, llvm::Instruction *second,
                          unsigned copy, bool swapped);
  void bind(Value *first, Value *second, unsigned copy);
  void unbind(size_t numBound, size_t numLoads);
  bool matchStores();
  bool matchReduction(PHINode *phi);
  llvm::Instruction *firstOf(Value *value, unsigned copy) const;
  bool findCarried();
  bool findResults();
  bool findExit();
  bool keepsOrder() const;
  void commit();

  const CountedLoop &counted;
  Loop *loop;
  BasicBlock *latch;
  SmallVector<BasicBlock *, 2> body; // one after the other
  DenseMap<llvm::Instruction *, unsigned> positions;
  SmallVector<StoreInst *, 8> stores;
  SmallVector<PHINode *, 2> carried;

  // Of one attempt.
  unsigned factor = 0;
  unsigned storesPerCopy = 0;
  unsigned complete = 0; // copies that stand before the exit
  unsigned steps = 0;
  std::vector<DenseMap<Value *, Value *>> copies; // of the first one's values
  SmallVector<std::pair<unsigned, Value *>, 32> bound; // in their order
  SmallVector<LoadOfCopy, 16> loads;
  SmallVector<llvm::Instruction *, 2> carriers; // of the first copy, by phi
  SmallVector<std::pair<Use *, llvm::Instruction *>, 2> results;
};

} // namespace

/// Whether the only branch is the exit, wherever in the body it stands.
bool Reroller::isStraight() {
  for (BasicBlock *block = loop->getHeader(); block;) {
    body.push_back(block);
    BasicBlock *next = nullptr;
    for (BasicBlock *successor : successors(block)) {
      if (!loop->contains(successor))
        continue;
      if (next)
        return false;
      next = successor;
    }
    block = next == loop->getHeader() ? nullptr : next;
  }
  return body.size() == loop->getNumBlocks();
}

/// Old recurrences, which the loop's number has replaced.
void Reroller::dropDead() {
  bool changed = true;
  while (changed) {
    changed = false;
    for (BasicBlock *block : reverse(body))
      for (llvm::Instruction &inst : make_early_inc_range(reverse(*block)))
        if (isInstructionTriviallyDead(&inst)) {
          inst.eraseFromParent();
          changed = true;
        }
    for (PHINode &phi : loop->getHeader()->phis())
      if (&phi != counted.number && RecursivelyDeleteDeadPHINode(&phi)) {
        changed = true;
        break;
      }
  }
}

bool Reroller::collect() {
  constexpr unsigned MaxBody = 400;
  unsigned position = 0;
  positions.clear();
  stores.clear();
  carried.clear();
  for (BasicBlock *block : body)
    for (llvm::Instruction &inst : *block) {
      positions[&inst] = position++;
      if (auto *phi = dyn_cast<PHINode>(&inst)) {
        if (block != loop->getHeader())
          return false;
        if (phi != counted.number)
          carried.push_back(phi);
      } else if (auto *store = dyn_cast<StoreInst>(&inst)) {
        if (!store->isSimple() || !placeOf(store->getPointerOperand()))
          return false;
        stores.push_back(store);
      } else if (inst.mayHaveSideEffects()) {
        return false;
      }
    }
  return position <= MaxBody && !hasOtherUses(counted);
}

/// Whether a place of copy number `copy` is where the rolled loop gets to from
/// the first copy's.
bool Reroller::isFurther(Value *first, Value *second, unsigned copy) const {
  std::optional<Place> from = placeOf(first), to = placeOf(second);
  return from && to && from->row == to->row && from->step == to->step &&
         from->step % factor == 0 &&
         to->distance - from->distance == from->step / factor * copy;
}

void Reroller::bind(Value *first, Value *second, unsigned copy) {
  copies[copy][first] = second;
  bound.push_back({copy, first});
}

void Reroller::unbind(size_t numBound, size_t numLoads) {
  while (bound.size() > numBound) {
    auto [copy, value] = bound.pop_back_val();
    copies[copy].erase(value);
  }
  loads.truncate(numLoads);
}

bool Reroller::operandsCorrespond(llvm::Instruction *first,
                                  llvm::Instruction *second, unsigned copy,
                                  bool swapped) {
  size_t numBound = bound.size(), numLoads = loads.size();
  for (unsigned i = 0, e = first->getNumOperands(); i < e; ++i) {
    unsigned other = swapped && i < 2 ? 1 - i : i;
    if (!corresponds(first->getOperand(i), second->getOperand(other), copy)) {
      unbind(numBound, numLoads);
      return false;
    }
  }
  return true;
}

/// Whether `second` is what copy number `copy` has for the first one's `first`.
bool Reroller::corresponds(Value *first, Value *second, unsigned copy) {
  constexpr unsigned MaxSteps = 20000; // trying both orders of operands
  if (++steps > MaxSteps)
    return false;
  auto known = copies[copy].find(first);
  if (known != copies[copy].end())
    return known->second == second;
  if (loop->isLoopInvariant(first))
    return first == second;
  auto *one = dyn_cast<llvm::Instruction>(first);
  auto *two = dyn_cast<llvm::Instruction>(second);
  if (!one || !two || one->getType() != two->getType() ||
      one == counted.number || loop->isLoopInvariant(second))
    return false;
  if (isa<PHINode>(one)) {
    // From the copy before, which findCarried() will make sure of.
    if (isa<PHINode>(two) != (copy == 0))
      return false;
    bind(first, second, copy);
    return true;
  }
  if (one->getOpcode() != two->getOpcode())
    return false;
  if (auto *load = dyn_cast<LoadInst>(one)) {
    auto *other = cast<LoadInst>(two);
    if (!load->isSimple() || !other->isSimple() ||
        !isFurther(load->getPointerOperand(), other->getPointerOperand(), copy))
      return false;
    loads.push_back({load, other, copy});
    bind(first, second, copy);
    return true;
  }
  if (!one->isSameOperationAs(two) || one->mayReadOrWriteMemory() ||
      isa<GetElementPtrInst>(one))
    return false;
  if (!operandsCorrespond(one, two, copy, false) &&
      !(one->isCommutative() && operandsCorrespond(one, two, copy, true)))
    return false;
  bind(first, second, copy);
  return true;
}

bool Reroller::matchStores() {
  for (unsigned i = 0; i < storesPerCopy; ++i)
    for (unsigned copy = 0; copy < factor; ++copy) {
      StoreInst *first = stores[i];
      StoreInst *second = stores[copy * storesPerCopy + i];
      if (!isFurther(first->getPointerOperand(), second->getPointerOperand(),
                     copy) ||
          !corresponds(first->getValueOperand(), second->getValueOperand(),
                       copy) ||
          first->getValueOperand()->getType() !=
              second->getValueOperand()->getType())
        return false;
    }
  return true;
}

/// The store of an iteration that writes what the next one loads, if nothing
/// may have written there in between.
StoreInst *Reroller::storeBefore(LoadInst &load) const {
  const DataLayout &layout = latch->getDataLayout();
  std::optional<Place> from = placeOf(load.getPointerOperand());
  if (!from || from->step == 0)
    return nullptr;
  int64_t size = layout.getTypeStoreSize(load.getType());
  Place stored = *from; // as the iteration before has it
  stored.distance += from->step;
  auto mayWrite = [&](StoreInst &store, const Place &place) {
    return !areApart(
        *placeOf(store.getPointerOperand()),
        layout.getTypeStoreSize(store.getValueOperand()->getType()), place,
        size);
  };
  unsigned position = positions.lookup(&load);
  for (StoreInst *store : stores)
    if (positions.lookup(store) < position && mayWrite(*store, *from))
      return nullptr;
  for (StoreInst *store : reverse(stores)) {
    Place to = *placeOf(store->getPointerOperand());
    if (to.row == stored.row && to.step == stored.step &&
        to.distance == stored.distance &&
        store->getValueOperand()->getType() == load.getType())
      return store;
    if (mayWrite(*store, stored))
      return nullptr;
  }
  return nullptr;
}

/// Carries around the loop what is stored by an iteration and loaded by the
/// next one: a producer that unrolls keeps such values for the copies that it
/// makes, and loads the first one. What the first iteration loads is loaded
/// before the loop, in whose header the load stands.
bool Reroller::carryStored() {
  bool changed = false;
  for (llvm::Instruction &inst : make_early_inc_range(*loop->getHeader())) {
    auto *load = dyn_cast<LoadInst>(&inst);
    StoreInst *store = load && load->isSimple() ? storeBefore(*load) : nullptr;
    if (!store)
      continue;
    Place first = *placeOf(load->getPointerOperand());
    IRBuilder<> builder(loop->getLoopPreheader()->getTerminator());
    Value *start = builder.CreateAlignedLoad(
        load->getType(),
        builder.CreatePtrAdd(first.row, builder.getInt64(first.distance)),
        load->getAlign(), "first");
    builder.SetInsertPoint(loop->getHeader(), loop->getHeader()->begin());
    PHINode *value = builder.CreatePHI(load->getType(), 2, "stored");
    value->addIncoming(start, loop->getLoopPreheader());
    value->addIncoming(store->getValueOperand(), latch);
    load->replaceAllUsesWith(value);
    load->eraseFromParent();
    changed = true;
  }
  return changed;
}

/// What the first copy has for a value of another one.
llvm::Instruction *Reroller::firstOf(Value *value, unsigned wanted) const {
  for (auto &[copy, first] : bound)
    if (copy == wanted && copies[copy].lookup(first) == value &&
        !isa<PHINode>(first))
      return cast<llvm::Instruction>(first);
  return nullptr;
}

/// In a chain of operations that begins in a phi and ends in its next value,
/// each copy has the same number of the last one's kind.
bool Reroller::matchReduction(PHINode *phi) {
  auto *last =
      dyn_cast<llvm::Instruction>(phi->getIncomingValueForBlock(latch));
  if (!last || !loop->contains(last) || isa<PHINode>(last))
    return false;
  if (firstOf(last, factor - 1))
    return true; // stored as well
  SmallPtrSet<Value *, 32> dependent = {phi};
  SmallVector<llvm::Instruction *, 16> chain;
  for (BasicBlock *block : body)
    for (llvm::Instruction &inst : *block) {
      if (isa<PHINode>(inst) || none_of(inst.operands(), [&](Value *value) {
            return dependent.contains(value);
          }))
        continue;
      dependent.insert(&inst);
      if (inst.getOpcode() == last->getOpcode() &&
          inst.getType() == last->getType())
        chain.push_back(&inst);
    }
  if (chain.empty() || chain.back() != last || chain.size() % factor != 0)
    return false;
  size_t perCopy = chain.size() / factor;
  for (unsigned copy = 0; copy < factor; ++copy)
    if (!corresponds(chain[perCopy - 1], chain[(copy + 1) * perCopy - 1], copy))
      return false;
  return true;
}

/// Finds what the first copy carries on in each phi, and makes sure that each
/// copy took what the one before it carries on.
bool Reroller::findCarried() {
  for (PHINode *phi : carried) {
    llvm::Instruction *carrier =
        firstOf(phi->getIncomingValueForBlock(latch), factor - 1);
    if (!carrier)
      return false;
    for (unsigned copy = 1; copy < factor; ++copy) {
      auto used = copies[copy].find(phi);
      if (used != copies[copy].end() &&
          copies[copy - 1].lookup(carrier) != used->second)
        return false;
    }
    carriers.push_back(carrier);
  }
  return true;
}

/// Each copy ends before the exit or behind it.
bool Reroller::findExit() {
  unsigned exit = positions.lookup(loop->getExitingBlock()->getTerminator());
  complete = 0;
  for (unsigned copy = 0; copy < factor; ++copy) {
    unsigned before = 0;
    for (unsigned i = 0; i < storesPerCopy; ++i)
      before += positions.lookup(stores[copy * storesPerCopy + i]) < exit;
    for (llvm::Instruction *carrier : carriers) {
      auto *end =
          dyn_cast_or_null<llvm::Instruction>(copies[copy].lookup(carrier));
      if (!end)
        return false;
      before += positions.lookup(end) < exit;
    }
    bool isComplete = before == storesPerCopy + carriers.size();
    if ((!isComplete && before) || (isComplete && complete != copy))
      return false;
    complete += isComplete;
  }
  return complete > 0;
}

/// What is used behind the loop has to be what the last complete copy makes.
bool Reroller::findResults() {
  for (BasicBlock *block : body)
    for (llvm::Instruction &inst : *block) {
      if (all_of(inst.users(), [&](User *user) {
            return loop->contains(cast<llvm::Instruction>(user));
          }))
        continue;
      llvm::Instruction *result = firstOf(&inst, complete - 1);
      if (!result)
        return false;
      for (Use &use : inst.uses())
        if (!loop->contains(cast<llvm::Instruction>(use.getUser())))
          results.push_back({&use, result});
    }
  return true;
}

/// Whether each load stays on the same side of each store that it may meet.
/// Stores keep their order: copies come one after the other.
bool Reroller::keepsOrder() const {
  const DataLayout &layout = latch->getDataLayout();
  for (const LoadOfCopy &use : loads)
    for (unsigned i = 0; i < stores.size(); ++i) {
      unsigned copy = i / storesPerCopy;
      bool isBehind =
          copy < use.copy ||
          (copy == use.copy && positions.lookup(stores[i % storesPerCopy]) <
                                   positions.lookup(use.first));
      bool wasBehind = positions.lookup(stores[i]) < positions.lookup(use.load);
      if (isBehind == wasBehind)
        continue;
      Place from = *placeOf(use.load->getPointerOperand());
      Place to = *placeOf(stores[i]->getPointerOperand());
      int64_t loaded = layout.getTypeStoreSize(use.load->getType());
      int64_t stored =
          layout.getTypeStoreSize(stores[i]->getValueOperand()->getType());
      if (!areApart(from, loaded, to, stored))
        return false;
    }
  return true;
}

void Reroller::commit() {
  for (auto &[use, result] : results)
    use->set(result);
  for (auto [phi, carrier] : zip(carried, carriers))
    phi->setIncomingValueForBlock(latch, carrier);
  // What held for the first copy need not hold for the others.
  for (auto &[copy, first] : bound)
    if (auto *inst = dyn_cast<llvm::Instruction>(first))
      inst->dropPoisonGeneratingAnnotations();
  for (unsigned i = storesPerCopy; i < stores.size(); ++i)
    stores[i]->eraseFromParent();
  int64_t copies = factor;
  for (User *user : counted.number->users())
    if (auto *product = dyn_cast<BinaryOperator>(user);
        product && product->getOpcode() == llvm::Instruction::Mul) {
      auto *step = cast<ConstantInt>(product->getOperand(1));
      product->setOperand(
          1, ConstantInt::getSigned(step->getType(),
                                    step->getSExtValue() / copies));
    }
  // A row begins where some copy's access does: steps that are shorter lead
  // from there to places before the first access or behind the last.
  for (BasicBlock *block : body)
    for (llvm::Instruction &inst : *block)
      if (auto *gep = dyn_cast<GetElementPtrInst>(&inst))
        gep->setNoWrapFlags(gep->getNoWrapFlags().withoutInBounds());
  // All copies of the iterations before the last one, and what is complete.
  IRBuilder<> builder(loop->getLoopPreheader()->getTerminator());
  Value *last = builder.CreateAdd(
      builder.CreateMul(counted.last, builder.getInt64(factor), "", true, true),
      builder.getInt64(complete - 1), "last", true, true);
  counted.exit->replaceUsesOfWith(counted.last, last);
  dropDead();
}

bool Reroller::attempt(unsigned numCopies) {
  factor = numCopies;
  storesPerCopy = stores.size() / factor;
  steps = 0;
  copies = std::vector<DenseMap<Value *, Value *>>(factor);
  bound.clear();
  loads.clear();
  carriers.clear();
  results.clear();
  return matchStores() &&
         all_of(carried, [&](PHINode *phi) { return matchReduction(phi); }) &&
         findCarried() && findExit() && findResults() && keepsOrder();
}

bool Reroller::attemptAll() {
  if (stores.empty() && carried.empty())
    return false;
  for (unsigned numCopies : {16, 12, 10, 8, 7, 6, 5, 4, 3, 2})
    if (stores.size() % numCopies == 0 && attempt(numCopies)) {
      commit();
      return true;
    }
  return false;
}

/// Values are carried only where it helps: places that are compared with others
/// may allow vectors.
bool Reroller::run() {
  if (!loop->isInnermost() || !isStraight())
    return false;
  dropDead();
  if (!collect())
    return false;
  return attemptAll() || (carryStored() && collect() && attemptAll());
}

bool wasmetal::reroll(const CountedLoop &counted) {
  return Reroller(counted).run();
}
