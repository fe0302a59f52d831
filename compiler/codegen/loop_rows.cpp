// LLVM cannot see where a row's pointer comes from, so that it compares rows
// with one another instead of finding that all of them are based on one memory.
// The sandbox rests on this file, on loop_versions.cpp and on loop_nest.cpp.
#include "compiler/codegen/loop_rows.h"
#include "compiler/codegen/searches.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"

using namespace llvm;
using namespace wasmetal;

PHINode *LoopRows::counter(const Loop *inner) {
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

/// |factor| < 2^27, and the number is at most 2^32: no product wraps in 64
/// bits.
Value *LoopRows::term(IRBuilder<> &builder, Value *of, const SCEV *factor) {
  std::optional<int64_t> constant = constantOf(factor);
  Value *by = constant ? ConstantInt::getSigned(number, *constant)
                       : test.factors.lookup(factor);
  return builder.CreateMul(of, by, "",
                           /*HasNUW=*/isWide && constant.value_or(0) > 0,
                           /*HasNSW=*/isWide);
}

/// The low bits, where numbers have no others.
ConstantInt *LoopRows::constant(int64_t value) {
  unsigned bits = number->getIntegerBitWidth();
  return ConstantInt::get(number->getContext(),
                          APInt(64, static_cast<uint64_t>(value)).trunc(bits));
}

/// Whether a value that varies in the nest does not vary in this loop of it.
bool LoopRows::isBeforeLoop(const SCEV *leaf, const Loop *inner) {
  return expander.isSafeToExpandAt(leaf,
                                   inner->getLoopPreheader()->getTerminator());
}

Value *LoopRows::leafTerm(const SCEV *leaf, const SCEV *factor,
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
uint64_t LoopRows::findSmallLoops(const Loop *inner, const Counts &counts) {
  constexpr uint64_t MostUnrolled = 280; // of LLVM's 300
  uint64_t size = 1;
  for (const Loop *child : *inner)
    size += findSmallLoops(child, counts);
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
  if (size < MostUnrolled && inner != nest.loop)
    small.insert(inner);
  return size;
}

void LoopRows::prepare(const Counts &counts) {
  findSmallLoops(nest.loop, counts);
  for (const Access &access : nest.accesses)
    for (auto &term : access.address.leaves)
      ++leafUses[term.first];
}

/// The loop before which the rows of an inner one are made.
const Loop *LoopRows::rowLoop(const Loop *inner) const {
  while (small.contains(inner))
    inner = inner->getParentLoop();
  return inner;
}

/// The row begins at an address of the lowest access, unless something is still
/// to be added that varies in the loop. Its distance to any other address of
/// the memory has a sign, if 32 bits are enough for it.
GEPNoWrapFlags LoopRows::flagsOf(const Access &access) {
  bool isInBounds = all_of(access.address.leaves, [&](auto &leaf) {
    return isBeforeLoop(leaf.first, rowLoop(access.loop));
  });
  isInBounds &= isWide || access.limit(Translate::Maximum) <= INT32_MAX;
  return isInBounds ? GEPNoWrapFlags::inBounds() : GEPNoWrapFlags::none();
}

/// From the row's beginning to this iteration of a loop.
Value *LoopRows::step(IRBuilder<> &builder, Value *pointer,
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

Value *LoopRows::makeRow(const Access &access, const Loop *inner,
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
int64_t LoopRows::lowest(const Access &access, const Loop *inner) const {
  int64_t least = distanceOf(access);
  for (const Access &other : nest.accesses)
    if (rowLoop(other.loop) == rowLoop(inner) && sharesRow(access, other))
      least = std::min(least, distanceOf(other));
  return least;
}

/// How far the end of the highest of these accesses is from the lead.
int64_t LoopRows::highestEnd(const Access &access, const Loop *inner) const {
  int64_t most = distanceOf(access) + access.size;
  for (const Access &other : nest.accesses)
    if (rowLoop(other.loop) == rowLoop(inner) && sharesRow(access, other))
      most = std::max(most, distanceOf(other) + other.size);
  return most;
}

/// Whether they are a constant apart before the loop, in which `below` stays
/// where it is and `above` ascends.
bool LoopRows::ascendsFrom(const Access &below, const Access &above,
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
const Row *LoopRows::rowBeside(const Access &access, const Loop *inner) const {
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
Value *LoopRows::rowOf(const Access &access, const Loop *inner,
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
    // Both begin in bounds of one memory.
    pointer = builder.CreateGEP(builder.getInt8Ty(), near->pointer,
                                constant(begin - near->distance), "row",
                                flagsOf(access));
  } else {
    pointer = makeRow(access, inner, begin);
  }
  rows.push_back({inner, &access, begin, pointer});
  distance -= begin;
  return pointer;
}

Value *LoopRows::pointerTo(const Access &access) {
  const Affine &address = access.address;
  int64_t distance = distanceOf(access);
  Value *pointer = rowOf(access, access.loop, distance);
  GEPNoWrapFlags flags = flagsOf(access);
  IRBuilder<> builder(access.translate);
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
    move(leafTerm(term->first, term->second, access.translate), flags);
  if (distance)
    move(constant(distance), flags);
  return pointer;
}

void LoopRows::assumeReadable(const Loop *loop, Value *last) {
  for (const Row &row : rows) {
    const SCEV *step = row.first->address.stepOf(loop);
    int64_t each = step ? constantOf(step).value_or(-1) : 0;
    auto *pointer = dyn_cast<IntToPtrInst>(row.pointer);
    if (row.loop != loop || each < 0 || !pointer)
      continue;
    int64_t end = 0;
    for (const Access &access : nest.accesses)
      if (access.loop == loop && sharesRow(*row.first, access) &&
          flagsOf(access).isInBounds())
        end = std::max(end, distanceOf(access) + access.size - row.distance);
    IRBuilder<> builder(loop->getLoopPreheader()->getTerminator());
    Value *way = builder.CreateNSWMul(last, constant(each));
    wasmetal::assumeReadable(
        builder, pointer,
        builder.CreateAdd(way, constant(end), "", true, true));
  }
}
