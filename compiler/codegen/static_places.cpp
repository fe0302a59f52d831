// A static array of the guest's is at a constant place of linear memory, which
// is at a constant address: memory + index + place becomes array + index, where
// `array` is a symbol of its own. A load takes two registers then, of which a
// loop keeps one; before, it was an addition, and registers for two constants.
#include "compiler/codegen/static_places.h"
#include "compiler/codegen/symbols.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalAlias.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/Local.h"

#include <map>

using namespace llvm;

namespace {

/// object + index * scale + constant, modulo what pointers hold.
struct Place {
  GlobalVariable *object = nullptr;
  Value *index = nullptr;
  uint64_t scale = 0;
  uint64_t constant = 0;
};

class Places {
public:
  explicit Places(llvm::Module &module)
      : module(module), data(module.getDataLayout()) {}

  bool run(llvm::Function &function);

private:
  std::optional<Place> placeOf(Value *pointer) const;
  bool addIndex(Value *index, uint64_t scale, Place &place) const;
  GlobalAlias *symbolAt(GlobalVariable *object, uint64_t constant);

  llvm::Module &module;
  const DataLayout &data;
  std::map<std::pair<GlobalVariable *, uint64_t>, GlobalAlias *> symbols;
};

} // namespace

/// What extends an index from as many bits as pointers have is lost on them.
bool Places::addIndex(Value *index, uint64_t scale, Place &place) const {
  using namespace PatternMatch;
  unsigned bits = data.getPointerSizeInBits();
  auto narrow = [&] {
    Value *value;
    if (match(index, m_ZExtOrSExt(m_Value(value))) &&
        value->getType()->isIntegerTy(bits))
      index = value;
  };
  narrow();
  Value *value;
  const APInt *number;
  if (match(index, m_AddLike(m_Value(value), m_APInt(number)))) {
    place.constant += static_cast<uint64_t>(number->getSExtValue()) * scale;
    index = value;
    narrow();
  }
  if (place.index || !index->getType()->isIntegerTy(bits))
    return false;
  place.index = index;
  place.scale = scale;
  return true;
}

std::optional<Place> Places::placeOf(Value *pointer) const {
  Place place;
  unsigned bits = data.getIndexSizeInBits(0);
  while (auto *step = dyn_cast<GEPOperator>(pointer)) {
    SmallMapVector<Value *, APInt, 4> indices;
    APInt constant(bits, 0);
    if (!step->collectOffset(data, bits, indices, constant))
      return std::nullopt;
    place.constant += constant.getZExtValue();
    for (auto &[index, scale] : indices)
      if (!addIndex(index, scale.getZExtValue(), place))
        return std::nullopt;
    pointer = step->getPointerOperand();
  }
  place.object = dyn_cast<GlobalVariable>(pointer);
  place.constant &= maxUIntN(bits);
  if (!place.object || !place.index || !place.object->hasInitializer())
    return std::nullopt;
  return place;
}

GlobalAlias *Places::symbolAt(GlobalVariable *object, uint64_t constant) {
  GlobalAlias *&symbol = symbols[{object, constant}];
  if (symbol)
    return symbol;
  Type *byte = Type::getInt8Ty(module.getContext());
  Constant *address = ConstantExpr::getGetElementPtr(
      byte, object,
      ConstantInt::get(data.getIndexType(object->getType()), constant));
  symbol = GlobalAlias::create(byte, 0, GlobalValue::InternalLinkage,
                               object->getName() + "+" + Twine(constant),
                               address, &module);
  symbol->setDSOLocal(true);
  return symbol;
}

/// Where an instruction has the address of an access, or null; in text
/// (unprivileged.cpp) too.
static Use *pointerOf(llvm::Instruction &inst) {
  if (isa<LoadInst>(inst))
    return &inst.getOperandUse(LoadInst::getPointerOperandIndex());
  if (isa<StoreInst>(inst))
    return &inst.getOperandUse(StoreInst::getPointerOperandIndex());
  auto *call = dyn_cast<CallInst>(&inst);
  if (!call || !call->isInlineAsm())
    return nullptr;
  auto *pointer = find_if(call->args(), [](const Use &use) {
    return use->getType()->isPointerTy();
  });
  return pointer == call->arg_end() ? nullptr : pointer;
}

bool Places::run(llvm::Function &function) {
  // Loads and stores have room for less. Text has none.
  constexpr uint64_t Least = 1024, Room = 1020;
  using Index = std::tuple<GlobalVariable *, Value *, uint64_t>;
  MapVector<Index, SmallVector<std::pair<Use *, uint64_t>, 2>> accesses;
  for (llvm::Instruction &inst : instructions(function)) {
    Use *pointer = pointerOf(inst);
    if (!pointer)
      continue;
    std::optional<Place> place = placeOf(*pointer);
    if (!place || place->constant < Least ||
        place->constant >= data.getTypeAllocSize(place->object->getValueType()))
      continue;
    accesses[{place->object, place->index, place->scale}].push_back(
        {pointer, place->constant});
  }
  for (auto &[key, uses] : accesses) {
    auto [object, index, scale] = key;
    llvm::sort(uses, [](auto &a, auto &b) { return a.second < b.second; });
    uint64_t start = 0;
    for (auto [use, constant] : uses) {
      auto *user = cast<llvm::Instruction>(use->getUser());
      if (!start || constant - start > (isa<CallInst>(user) ? 0 : Room))
        start = constant;
      IRBuilder<> builder(user);
      Type *step = builder.getInt8Ty();
      if (scale != 1)
        step = ArrayType::get(step, scale);
      Value *pointer = builder.CreateGEP(step, symbolAt(object, start), index);
      if (constant != start)
        pointer = builder.CreatePtrAdd(
            pointer, ConstantInt::get(data.getIndexType(object->getType()),
                                      constant - start));
      Value *old = use->get();
      use->set(pointer);
      RecursivelyDeleteTriviallyDeadInstructions(old);
    }
  }
  return !accesses.empty();
}

PreservedAnalyses
wasmetal::StaticPlacesPass::run(llvm::Module &module,
                                llvm::ModuleAnalysisManager &) {
  Places places(module);
  bool changed = false;
  for (llvm::Function &function : module)
    if (isGuestCode(function) && !function.isDeclaration())
      changed |= places.run(function);
  return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
