// An instance refers to its descriptor, which refers to it and to all that the
// making of instances, hosts and growth may want. Once the code of an image is
// known to the last function, most of that never changes, and what has been
// replaced by its value is read by nobody. LLVM's passes look at an object as
// one, which may change where anything in it does, and which is there as long
// as another refers to it; this looks at its fields, and at objects by way of
// the fields that are read.
#include "compiler/codegen/known_fields.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/ConstantFolding.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;

namespace {

using Range = std::pair<uint64_t, uint64_t>; // first byte and last + 1

/// What code does with an object.
struct Uses {
  bool escapes = false; // its address goes anywhere
  SmallVector<Range, 4> reads, writes;
  SmallVector<std::pair<LoadInst *, uint64_t>, 4> loads; // of reads

  static constexpr Range Everything = {0, UINT64_MAX};
  static bool overlap(ArrayRef<Range> ranges, uint64_t begin, uint64_t size) {
    return any_of(ranges, [&](const Range &range) {
      return begin < range.second && range.first < begin + size;
    });
  }
  bool areRead(uint64_t begin, uint64_t size) const {
    return escapes || overlap(reads, begin, size);
  }
  bool areWritten(uint64_t begin, uint64_t size) const {
    return escapes || overlap(writes, begin, size);
  }
};

class Fields {
public:
  Fields(llvm::Module &module, const wasmetal::ConstantHeader &header)
      : module(module), data(module.getDataLayout()), header(header) {}
  bool fold();

private:
  using Place = std::optional<uint64_t>; // none: anywhere in the object
  void findUses(Value *pointer, Place place, Uses &uses, bool isAlways = true);
  void follow();
  void markEscaped(Constant *value);
  bool foldLoads(GlobalVariable &object, const Uses &uses);
  template <typename Visit>
  void forLeaves(Constant *value, uint64_t offset, Visit visit);
  Constant *cleared(Constant *value, uint64_t offset, const Uses &uses);

  llvm::Module &module;
  const DataLayout &data;
  const wasmetal::ConstantHeader &header;
  MapVector<GlobalVariable *, Uses> objects;
  SmallPtrSet<Constant *, 32> marked;
  DenseMap<Argument *, Place> followed; // of one object
};

} // namespace

/// Whether code uses a constant, or what is made of it; the values of objects
/// are looked at by themselves.
static bool isUsedByCode(const User *user) {
  if (isa<GlobalVariable>(user))
    return false;
  if (isa<ConstantAggregate>(user) || isa<ConstantExpr>(user))
    return any_of(user->users(), isUsedByCode);
  return true;
}

/// The parameter that a value becomes in a function that is there, or null.
static Argument *parameterOf(User *user, Value *value) {
  auto *call = dyn_cast<CallInst>(user);
  llvm::Function *callee = call ? call->getCalledFunction() : nullptr;
  if (!callee || callee->isDeclaration() || callee->isInterposable() ||
      callee->hasFnAttribute(Attribute::Naked) ||
      callee->getFunctionType() != call->getFunctionType())
    return nullptr;
  Argument *found = nullptr;
  for (unsigned i = 0; i < call->arg_size(); ++i) {
    if (call->getArgOperand(i) != value)
      continue;
    if (found || i >= callee->arg_size() ||
        call->isPassPointeeByValueArgument(i))
      return nullptr;
    found = callee->getArg(i);
  }
  return found;
}

/// `isAlways`: the pointer is never another object's.
void Fields::findUses(Value *pointer, Place place, Uses &uses, bool isAlways) {
  auto range = [&](Type *type) {
    if (!place)
      return Uses::Everything;
    return Range{*place, *place + data.getTypeStoreSize(type)};
  };
  for (User *user : pointer->users()) {
    if (auto *step = dyn_cast<GEPOperator>(user)) {
      APInt distance(data.getIndexSizeInBits(0), 0);
      bool isConstant = step->accumulateConstantOffset(data, distance);
      bool isWithin = place && isConstant && !distance.isNegative();
      findUses(user,
               isWithin ? Place(*place + distance.getZExtValue())
                        : std::nullopt,
               uses, isAlways);
    } else if (auto *load = dyn_cast<LoadInst>(user)) {
      uses.reads.push_back(range(load->getType()));
      if (place && isAlways)
        uses.loads.push_back({load, *place});
    } else if (auto *store = dyn_cast<StoreInst>(user)) {
      uses.writes.push_back(range(store->getValueOperand()->getType()));
      uses.escapes |= store->getValueOperand() == pointer;
    } else if (Argument *parameter = parameterOf(user, pointer)) {
      auto [known, isNew] = followed.try_emplace(parameter, place);
      if (!isNew && (!known->second || known->second == place))
        continue;
      known->second = isNew ? place : std::nullopt; // several: anywhere
      findUses(parameter, known->second, uses, /*isAlways=*/false);
    } else {
      uses.escapes |= isUsedByCode(user);
    }
  }
}

template <typename Visit>
void Fields::forLeaves(Constant *value, uint64_t offset, Visit visit) {
  if (auto *record = dyn_cast<ConstantStruct>(value)) {
    const StructLayout *layout = data.getStructLayout(record->getType());
    for (unsigned i = 0; i < record->getNumOperands(); ++i)
      forLeaves(record->getOperand(i), offset + layout->getElementOffset(i),
                visit);
    return;
  }
  if (auto *array = dyn_cast<ConstantArray>(value)) {
    uint64_t each = data.getTypeAllocSize(array->getType()->getElementType());
    for (unsigned i = 0; i < array->getNumOperands(); ++i)
      forLeaves(array->getOperand(i), offset + i * each, visit);
    return;
  }
  visit(value, offset);
}

/// Whatever a value refers to, its reader may read.
void Fields::markEscaped(Constant *value) {
  if (!marked.insert(value).second)
    return;
  if (auto *object = dyn_cast<GlobalVariable>(value)) {
    objects[object].escapes = true;
    return;
  }
  if (isa<GlobalValue>(value))
    return;
  for (Value *operand : value->operands())
    if (auto *constant = dyn_cast<Constant>(operand))
      markEscaped(constant);
}

void Fields::follow() {
  for (bool changed = true; changed;) {
    size_t known = marked.size();
    for (GlobalVariable &object : module.globals()) {
      if (!object.hasInitializer())
        continue;
      const Uses &uses = objects[&object];
      forLeaves(object.getInitializer(), 0, [&](Constant *leaf, uint64_t at) {
        if (uses.areRead(at, data.getTypeStoreSize(leaf->getType())))
          markEscaped(leaf);
      });
    }
    changed = marked.size() != known;
  }
}

Constant *Fields::cleared(Constant *value, uint64_t offset, const Uses &uses) {
  if (!isa<ConstantStruct>(value) && !isa<ConstantArray>(value))
    return uses.areRead(offset, data.getTypeStoreSize(value->getType()))
               ? value
               : Constant::getNullValue(value->getType());
  SmallVector<Constant *, 16> fields;
  auto *record = dyn_cast<ConstantStruct>(value);
  for (unsigned i = 0; i < value->getNumOperands(); ++i) {
    uint64_t place =
        record ? data.getStructLayout(record->getType())->getElementOffset(i)
               : i * data.getTypeAllocSize(
                         cast<ArrayType>(value->getType())->getElementType());
    fields.push_back(
        cleared(cast<Constant>(value->getOperand(i)), offset + place, uses));
  }
  if (record)
    return ConstantStruct::get(record->getType(), fields);
  return ConstantArray::get(cast<ArrayType>(value->getType()), fields);
}

bool Fields::foldLoads(GlobalVariable &object, const Uses &uses) {
  bool changed = false;
  for (auto [load, offset] : uses.loads) {
    Type *type = load->getType();
    uint64_t size = data.getTypeStoreSize(type);
    bool isKnown = (&object == header.object && offset + size <= header.size) ||
                   !uses.areWritten(offset, size);
    if (!load->isSimple() || !isKnown)
      continue;
    Constant *value = ConstantFoldLoadFromConst(
        object.getInitializer(), type,
        APInt(data.getIndexSizeInBits(0), offset), data);
    if (!value)
      continue;
    load->replaceAllUsesWith(value);
    load->eraseFromParent();
    changed = true;
  }
  return changed;
}

bool Fields::fold() {
  for (GlobalVariable &object : module.globals()) {
    Uses &uses = objects[&object];
    followed.clear();
    if (object.hasLocalLinkage() && object.hasInitializer())
      findUses(&object, 0, uses);
    else
      uses.escapes = true;
  }
  for (GlobalAlias &alias : module.aliases())
    markEscaped(alias.getAliasee());
  follow();
  bool changed = false;
  for (auto &[object, uses] : objects) {
    if (object->hasInitializer() && object->hasLocalLinkage())
      changed |= foldLoads(*object, uses);
    if (uses.escapes)
      continue;
    Constant *old = object->getInitializer();
    Constant *value = cleared(old, 0, uses);
    changed |= value != old;
    object->setInitializer(value);
  }
  return changed;
}

bool wasmetal::foldKnownFields(llvm::Module &module,
                               const ConstantHeader &header) {
  return Fields(module, header).fold();
}
