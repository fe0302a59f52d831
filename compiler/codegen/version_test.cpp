// What is to be tested of a nest, and the instructions that do. The sandbox
// rests on this file.
#include "compiler/codegen/version_test.h"
#include "compiler/emit/instance_layout.h"

#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"

using namespace llvm;
using namespace wasmetal;

//===-- What is to be tested ----------------------------------------------===//

/// Accesses a constant apart get the same lead, so that they share rows and
/// tests.
void VersionTest::shareLeads() {
  SmallVector<const SCEV *, 8> known;
  for (Access &access : nest.accesses) {
    Affine &address = access.address;
    bool isShared = false;
    for (const SCEV *lead : known) {
      if (lead->getType() != address.lead->getType())
        continue;
      std::optional<int64_t> apart =
          constantOf(scev.getMinusSCEV(address.lead, lead));
      if (!apart || !isBelow(LeadLimit, *apart))
        continue;
      address.lead = lead;
      address.delta += *apart;
      isShared = true;
      break;
    }
    if (!isShared) {
      known.push_back(address.lead);
      nest.requireLead(address.lead);
    }
  }
}

/// Takes the constant out of a sum, if it is small. Of two sums that differ by
/// it alone and are below 2^63 in Z, the larger one has the larger constant
/// then; another one may have wrapped, as a part of what is small as a whole.
static const SCEV *splitConstant(ScalarEvolution &scev, const SCEV *sum,
                                 int64_t &constant) {
  constexpr int64_t Small = int64_t(1) << 60;
  auto *add = dyn_cast<SCEVAddExpr>(sum);
  const SCEV *number = add ? add->getOperand(0) : sum;
  constant = constantOf(number).value_or(Small);
  if (isBelow(Small, constant))
    return scev.getMinusSCEV(sum, number);
  constant = 0;
  return sum;
}

bool VersionTest::isExpandable(const SCEV *value) {
  return expander.isSafeToExpandAt(value, before);
}

/// False where the bounds of some access cannot be computed before the loop.
bool VersionTest::collectBounds() {
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

bool VersionTest::movesByWords(const Access &access) const {
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
void VersionTest::alignLeads() {
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

bool VersionTest::isAligned(const Access &access) const {
  auto found = alignedLeads.find(access.address.lead);
  return found != alignedLeads.end() && movesByWords(access) &&
         found->second.place == placeInWord(access) &&
         baseOf(access)->getPointerAlignment(
             access.translate->getDataLayout()) >= Align(WordSize);
}

//===-- All tests ---------------------------------------------------------===//

/// False where some test cannot be made, or is known to fail.
bool VersionTest::collectTests(size_t maxTests) {
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
  for (const SCEV *condition : nest.conditions)
    if (!is_contained(notNegative, condition))
      notNegative.push_back(condition);
  erase_if(notNegative,
           [&](const SCEV *value) { return scev.isKnownNonNegative(value); });
  return notNegative.size() + ends.size() <= maxTests &&
         all_of(notNegative,
                [&](const SCEV *value) {
                  return isExpandable(value) && !scev.isKnownNegative(value);
                }) &&
         all_of(ends, [&](auto &end) { return isExpandable(end.second); });
}

bool VersionTest::collect(size_t maxTests) {
  shareLeads();
  if (number != i64)
    alignLeads();
  return collectBounds() && collectTests(maxTests);
}

//===-- The tests ---------------------------------------------------------===//

void VersionTest::require(Value *test) {
  IRBuilder<> builder(before);
  holds = holds ? builder.CreateAnd(holds, test) : test;
}

/// Memories never shrink: what they have now, they have in the loop.
void VersionTest::emitSizeTests() {
  AbiLayout layout(before->getDataLayout().getPointerSize());
  DenseMap<const SCEV *, Value *> sizes;
  for (auto &[memory, end] : ends) {
    Value *last = expander.expandCodeFor(end, i64, before);
    Value *pointer = expander.expandCodeFor(memory, nullptr, before);
    IRBuilder<> builder(before);
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

template <typename List> void VersionTest::emitFactors(const List &terms) {
  for (auto &[of, factor] : terms) {
    if (isa<SCEVConstant>(factor) || factors.contains(factor))
      continue;
    Value *wide = expander.expandCodeFor(factor, i64, before);
    factors[factor] = IRBuilder<>(before).CreateTrunc(wide, number, "factor");
  }
}

Value *VersionTest::emit() {
  emitSizeTests();
  for (const SCEV *tested : notNegative) {
    Value *value = expander.expandCodeFor(tested, i64, before);
    IRBuilder<> builder(before);
    require(builder.CreateICmpSGE(value, ConstantInt::get(i64, 0)));
  }
  for (const SCEVPredicate *predicate : nest.predicates) {
    Value *fails = expander.expandCodeForPredicate(predicate, before);
    require(IRBuilder<>(before).CreateNot(fails));
  }
  for (const Access &access : nest.accesses) {
    Value *&lead = leads[access.address.lead];
    if (!lead) {
      Value *narrow =
          expander.expandCodeFor(access.address.lead, nullptr, before);
      lead = IRBuilder<>(before).CreateZExt(narrow, number, "lead");
    }
    Value *&base = bases[access.base];
    if (!base)
      base = expander.expandCodeFor(access.base, nullptr, before);
    emitFactors(access.address.steps);
    emitFactors(access.address.leaves);
  }
  for (auto &[lead, aligned] : alignedLeads) {
    if (aligned.isKnown)
      continue;
    IRBuilder<> builder(before);
    Value *start =
        builder.CreateAdd(leads[lead], ConstantInt::get(number, aligned.place));
    require(builder.CreateIsNull(
        builder.CreateAnd(start, ConstantInt::get(number, WordSize - 1))));
  }
  return holds;
}
