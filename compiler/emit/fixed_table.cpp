// Elements that are known when compiling. The sandbox rests on this file:
// call_indirect jumps to what the constant says.
// docs/decisions/0017-fixed-tables.md
#include "compiler/emit/fixed_table.h"
#include "compiler/wasm/instruction_reader.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace wasmetal;

std::optional<uint64_t> wasmetal::constantOf(const ConstExpr &expression) {
  InstructionReader reader(expression.bytes, expression.offset);
  wasmetal::Instruction inst;
  if (!reader.next(inst))
    return std::nullopt;
  uint64_t value;
  if (inst.op == Opcode::I32Const)
    value = static_cast<uint32_t>(inst.bits);
  else if (inst.op == Opcode::I64Const)
    value = inst.bits;
  else
    return std::nullopt;
  if (!reader.next(inst) || inst.op != Opcode::End)
    return std::nullopt;
  return value;
}

/// Where an active segment puts its elements, if instantiation cannot end
/// before or in it.
static std::optional<uint64_t> placeOf(const wasmetal::Module &module,
                                       const ElementSegment &segment) {
  const Table &table = module.tables[segment.table];
  std::optional<uint64_t> place = constantOf(segment.tableOffset);
  if (table.isImported || !place || *place > table.type.limits.minimum ||
      segment.size() > table.type.limits.minimum - *place)
    return std::nullopt;
  return place;
}

static std::vector<uint32_t> fixedElements(const wasmetal::Module &module,
                                           uint32_t index) {
  const Table &table = module.tables[index];
  auto isThisOne = [&](const Export &exported) {
    return exported.kind == ExternKind::Table && exported.index == index;
  };
  if (table.isImported || table.isWritten || table.init ||
      is64(table.type.limits) || any_of(module.exports, isThisOne))
    return {};
  // A declared size costs nothing, and elements cost a file their bytes.
  uint64_t numKnown = 0;
  for (const ElementSegment &segment : module.elements)
    numKnown += segment.size();
  constexpr uint64_t FewNulls = 1024;
  uint64_t size = table.type.limits.minimum;
  if (size == 0 || size > 2 * numKnown + FewNulls)
    return {};
  std::vector<uint32_t> elements(size, ~0u);
  for (const ElementSegment &segment : module.elements) {
    if (segment.mode != SegmentMode::Active)
      continue;
    std::optional<uint64_t> place = placeOf(module, segment);
    if (!place)
      return {}; // whoever sees the table then finds it half filled
    if (segment.table != index)
      continue;
    if (!segment.expressions.empty())
      return {};
    copy(segment.functions, elements.begin() + *place);
  }
  auto isOfOthers = [&](uint32_t function) {
    return function != ~0u && module.functions[function].isImported;
  };
  if (any_of(elements, isOfOthers))
    return {};
  return elements;
}

FixedTables wasmetal::findFixedTables(const wasmetal::Module &module) {
  FixedTables tables;
  for (uint32_t i = 0; i < module.tables.size(); ++i)
    tables.push_back(fixedElements(module, i));
  return tables;
}

Callees wasmetal::findCallees(const wasmetal::Module &module,
                              const FixedTables &tables) {
  Callees callees(tables.size());
  for (auto [places, table] : zip_equal(callees, tables))
    for (auto [i, function] : enumerate(table)) {
      if (function == ~0u)
        continue;
      std::vector<uint32_t> &known =
          places[entryType(module, module.functions[function].typeIndex)];
      if (known.size() <= MostCallees)
        known.push_back(static_cast<uint32_t>(i));
    }
  return callees;
}

PrivateFunctions wasmetal::findPrivateFunctions(const wasmetal::Module &module,
                                                const FixedTables &tables) {
  size_t numFunctions = module.functions.size();
  PrivateFunctions found{std::vector<bool>(numFunctions),
                         std::vector<bool>(module.types.size())};
  // Tail calls are made by tailcc alone, and perhaps to any type.
  if (any_of(module.functions, [](const wasmetal::Function &function) {
        return function.isInTailCall;
      }))
    return found;
  // How often each function stands in a table that only calls look at.
  std::vector<uint32_t> numEntries(numFunctions);
  for (const ElementSegment &segment : module.elements)
    if (segment.mode == SegmentMode::Active && !tables[segment.table].empty() &&
        !module.tables[segment.table].isRead)
      for (uint32_t function : segment.functions)
        ++numEntries[function];
  for (uint32_t i = 0; i < module.types.size(); ++i)
    found.types[i] = module.types[i].isFinal &&
                     module.types[i].supertypes.empty() &&
                     entryType(module, i) == i;
  for (const std::vector<uint32_t> &table : tables)
    for (uint32_t i : table) {
      if (i == ~0u)
        continue;
      const wasmetal::Function &function = module.functions[i];
      found.functions[i] = numEntries[i] == function.numNames &&
                           !function.isTaken && module.start != i;
      if (!found.functions[i])
        found.types[entryType(module, function.typeIndex)] = false;
    }
  for (auto [i, function] : enumerate(module.functions))
    if (!found.types[entryType(module, function.typeIndex)])
      found.functions[i] = false;
  return found;
}

void wasmetal::defineFixedTable(ModuleEmitter &emitter, uint32_t index) {
  GlobalVariable *table = emitter.fixedTable(index);
  if (!table)
    return;
  auto *shape = cast<StructType>(
      cast<ArrayType>(table->getValueType())->getElementType());
  auto entry = [&](uint32_t type, Constant *distance) {
    return ConstantStruct::get(shape,
                               {ConstantInt::get(emitter.i32, type), distance});
  };
  Constant *zero = ConstantInt::get(emitter.i32, 0);
  std::vector<Constant *> entries;
  for (uint32_t function : emitter.facts.fixedTables[index]) {
    if (function == ~0u) {
      entries.push_back(entry(NullEntry, zero));
      continue;
    }
    Constant *code =
        ConstantExpr::getPtrToInt(emitter.function(function), emitter.i64);
    if (!emitter.options.isPlaced)
      code = ConstantExpr::getSub(
          code, ConstantExpr::getPtrToInt(table, emitter.i64));
    entries.push_back(entry(
        entryType(emitter.wasm, emitter.wasm.functions[function].typeIndex),
        ConstantExpr::getTrunc(code, emitter.i32)));
  }
  entries.push_back(entry(NoEntry, zero));
  table->setInitializer(
      ConstantArray::get(cast<ArrayType>(table->getValueType()), entries));
}
