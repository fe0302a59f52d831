// The module's declarations. Function bodies: function_validator.cpp.
// https://webassembly.github.io/spec/core/valid/modules.html
#include "compiler/wasm/validator.h"

#include "compiler/wasm/const_expr.h"
#include "compiler/wasm/function_validator.h"
#include "compiler/wasm/quote.h"
#include "compiler/wasm/subtyping.h"
#include "compiler/wasm/unsupported.h"

#include <algorithm>

namespace wasmetal {

/// Of declared supertypes; the limit of the JavaScript API's appendix.
static constexpr uint8_t maxDepth = 63;

namespace {

class ModuleValidator {
public:
  explicit ModuleValidator(const Module &module) : module(module) {}

  llvm::Error validate();

private:
  void validateTypes();
  bool validateSupertype(uint32_t index);
  void validateFunctions();
  void validateTables();
  void validateMemories();
  void validateTags();
  void validateGlobals();
  void validateExports();
  void validateUniqueExportNames();
  void validateStart();
  void validateElements();
  void validateElement(uint32_t index);
  void validateData();

  void validateLimits(const Limits &limits, uint64_t largest, uint64_t offset,
                      const llvm::Twine &what);
  size_t sizeOfIndexSpace(ExternKind kind) const;

  void fail(uint64_t offset, const llvm::Twine &message) {
    error.set(DiagnosticKind::Invalid, offset, message);
  }
  void checkType(uint64_t offset, const llvm::Twine &what, ValType type) {
    if (type.isRef() && type.heap == HeapKind::Index &&
        type.typeIndex >= module.types.size())
      fail(offset, what + ": unknown type " + llvm::Twine(type.typeIndex) +
                       ", the module has " + llvm::Twine(module.types.size()));
  }
  void refuse(uint64_t offset, const llvm::Twine &what,
              llvm::StringRef feature) {
    if (!feature.empty())
      error.set(DiagnosticKind::Unsupported, offset,
                what + ": " + feature + " are not supported yet");
  }

  const Module &module;
  FirstError error;
};

} // namespace

llvm::Error ModuleValidator::validate() {
  validateTypes();
  validateFunctions();
  validateTables();
  validateMemories();
  validateTags();
  validateGlobals();
  validateExports();
  validateStart();
  validateElements();
  validateData();
  return error.toError();
}

void ModuleValidator::validateTypes() {
  // How far each type is below the top of its declared supertypes.
  std::vector<uint8_t> depths(module.types.size());
  for (uint32_t i = 0; i < module.types.size() && !error; i++) {
    const DefinedType &type = module.types[i];
    if (type.supertypes.empty())
      continue;
    if (validateSupertype(i))
      depths[i] = depths[type.supertypes.front()] + 1;
    if (depths[i] > maxDepth)
      error.set(DiagnosticKind::Unsupported, type.offset,
                "type " + llvm::Twine(i) + ": more than " +
                    llvm::Twine(unsigned(maxDepth)) +
                    " supertypes above each other");
  }
}

bool ModuleValidator::validateSupertype(uint32_t index) {
  const DefinedType &type = module.types[index];
  std::string what = "sub type " + std::to_string(index);
  uint32_t super = type.supertypes.front();
  if (type.supertypes.size() > 1)
    fail(type.offset, what + ": expected one supertype, found " +
                          llvm::Twine(type.supertypes.size()));
  else if (super >= index)
    fail(type.offset, what + ": unknown type " + llvm::Twine(super) +
                          ", a supertype comes before its subtypes");
  else if (module.types[super].isFinal)
    fail(type.offset,
         what + " does not match: type " + llvm::Twine(super) + " is final");
  else if (!isStructuralSubtype(module, type, module.types[super]))
    fail(type.offset, what + " does not match type " + llvm::Twine(super));
  return !error;
}

void ModuleValidator::validateFunctions() {
  for (size_t i = 0; i < module.functions.size() && !error; i++) {
    const Function &function = module.functions[i];
    if (function.typeIndex >= module.types.size())
      fail(function.offset, "function " + llvm::Twine(i) + ": unknown type " +
                                llvm::Twine(function.typeIndex) +
                                ", the module has " +
                                llvm::Twine(module.types.size()));
    else if (module.types[function.typeIndex].kind != CompositeKind::Func)
      fail(function.offset, "function " + llvm::Twine(i) + ": type " +
                                llvm::Twine(function.typeIndex) +
                                " is not a function type");
  }
}

void ModuleValidator::validateLimits(const Limits &limits, uint64_t largest,
                                     uint64_t offset, const llvm::Twine &what) {
  uint64_t size = limits.hasMaximum ? std::max(limits.minimum, limits.maximum)
                                    : limits.minimum;
  if (size > largest)
    fail(offset, what + " size must be at most " + llvm::Twine(largest) +
                     ", found " + llvm::Twine(size));
  if (limits.hasMaximum && limits.minimum > limits.maximum)
    fail(offset, what + " size minimum " + llvm::Twine(limits.minimum) +
                     " must not be greater than maximum " +
                     llvm::Twine(limits.maximum));
}

void ModuleValidator::validateTables() {
  for (size_t i = 0; i < module.tables.size() && !error; i++) {
    const Table &table = module.tables[i];
    refuse(table.offset, "table " + llvm::Twine(i), missingFeature(table));
    validateLimits(table.type.limits,
                   is64(table.type.limits) ? UINT64_MAX : UINT32_MAX,
                   table.offset, "table " + llvm::Twine(i));
    checkType(table.offset, "table " + llvm::Twine(i), table.type.element);
    if (!table.init && !table.isImported && !table.type.element.isDefaultable())
      fail(table.offset, "table " + llvm::Twine(i) + ": type mismatch: " +
                             toString(table.type.element) +
                             " needs an initialiser");
    if (table.init)
      validateConstExpr(module, *table.init, table.type.element,
                        module.numImportedGlobals, "table " + llvm::Twine(i),
                        error);
  }
}

void ModuleValidator::validateMemories() {
  for (size_t i = 0; i < module.memories.size() && !error; i++) {
    const Memory &memory = module.memories[i];
    if (memory.type.limits.isShared && !memory.type.limits.hasMaximum)
      fail(memory.offset,
           "memory " + llvm::Twine(i) + ": shared memory must have maximum");
    unsigned pageLog2 = memory.type.pageSizeLog2;
    if (pageLog2 != 0 && pageLog2 != 16)
      fail(memory.offset, "memory " + llvm::Twine(i) +
                              ": invalid custom page size 2^" +
                              llvm::Twine(pageLog2));
    validateLimits(memory.type.limits, mostPages(memory.type), memory.offset,
                   "memory " + llvm::Twine(i));
  }
}

void ModuleValidator::validateTags() {
  for (size_t i = 0; i < module.tags.size() && !error; i++) {
    const Tag &tag = module.tags[i];
    if (tag.typeIndex >= module.types.size())
      fail(tag.offset, "tag " + llvm::Twine(i) + ": unknown type " +
                           llvm::Twine(tag.typeIndex) + ", the module has " +
                           llvm::Twine(module.types.size()));
    else if (module.types[tag.typeIndex].kind != CompositeKind::Func)
      fail(tag.offset, "tag " + llvm::Twine(i) + ": type " +
                           llvm::Twine(tag.typeIndex) +
                           " is not a function type");
    else if (!module.typeOfTag(i).results.empty())
      fail(tag.offset, "tag " + llvm::Twine(i) +
                           ": non-empty tag result type " +
                           toString(module.typeOfTag(i).results));
  }
}

void ModuleValidator::validateGlobals() {
  for (size_t i = 0; i < module.globals.size() && !error; i++) {
    const Global &global = module.globals[i];
    checkType(global.offset, "global " + llvm::Twine(i), global.type.type);
    if (!global.isImported)
      validateConstExpr(module, global.init, global.type.type, i,
                        "global " + llvm::Twine(i), error);
  }
}

size_t ModuleValidator::sizeOfIndexSpace(ExternKind kind) const {
  switch (kind) {
  case ExternKind::Function:
    return module.functions.size();
  case ExternKind::Table:
    return module.tables.size();
  case ExternKind::Memory:
    return module.memories.size();
  case ExternKind::Global:
    return module.globals.size();
  case ExternKind::Tag:
    return module.tags.size();
  }
  return 0;
}

void ModuleValidator::validateExports() {
  for (const Export &entry : module.exports) {
    size_t size = sizeOfIndexSpace(entry.kind);
    if (entry.index >= size)
      fail(entry.offset, "export " + quote(entry.name) + ": unknown " +
                             nameOf(entry.kind) + " " +
                             llvm::Twine(entry.index) + ", the module has " +
                             llvm::Twine(size));
  }
  validateUniqueExportNames();
}

/// By sorting: guests choose the names, so a hash table could be slow.
void ModuleValidator::validateUniqueExportNames() {
  std::vector<const Export *> sorted;
  sorted.reserve(module.exports.size());
  for (const Export &entry : module.exports)
    sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(),
            [](const Export *left, const Export *right) {
              if (int order = left->name.compare(right->name))
                return order < 0;
              return left->offset < right->offset;
            });
  for (size_t i = 1; i < sorted.size(); i++)
    if (sorted[i]->name == sorted[i - 1]->name)
      fail(sorted[i]->offset,
           "duplicate export name " + quote(sorted[i]->name));
}

void ModuleValidator::validateStart() {
  if (!module.start || error)
    return;
  uint32_t index = *module.start;
  if (index >= module.functions.size()) {
    fail(module.startOffset, "start function: unknown function " +
                                 llvm::Twine(index) + ", the module has " +
                                 llvm::Twine(module.functions.size()));
    return;
  }
  const FuncType &type = module.typeOfFunction(index);
  if (!type.params.empty() || !type.results.empty())
    fail(module.startOffset, "start function " + llvm::Twine(index) +
                                 ": expected type [] -> "
                                 "[], found " +
                                 toString(type.params) + " -> " +
                                 toString(type.results));
}

void ModuleValidator::validateElements() {
  for (uint32_t i = 0; i < module.elements.size() && !error; i++)
    validateElement(i);
}

void ModuleValidator::validateElement(uint32_t index) {
  const ElementSegment &segment = module.elements[index];
  std::string what = "element segment " + std::to_string(index);
  checkType(segment.offset, what, segment.type);
  for (uint32_t function : segment.functions)
    if (function >= module.functions.size())
      fail(segment.offset, what + ": unknown function " +
                               llvm::Twine(function) + ", the module has " +
                               llvm::Twine(module.functions.size()));
  for (const ConstExpr &expression : segment.expressions)
    validateConstExpr(module, expression, segment.type, module.globals.size(),
                      what, error);
  if (segment.mode != SegmentMode::Active || error)
    return;
  if (segment.table >= module.tables.size()) {
    fail(segment.offset, what + ": unknown table " +
                             llvm::Twine(segment.table) + ", the module has " +
                             llvm::Twine(module.tables.size()));
    return;
  }
  const TableType &table = module.tables[segment.table].type;
  if (!isSubtype(module, segment.type, table.element))
    fail(segment.offset, what + ": type mismatch: expected " +
                             toString(table.element) + " of table " +
                             llvm::Twine(segment.table) + ", found " +
                             toString(segment.type));
  validateConstExpr(module, segment.tableOffset, addressType(table.limits),
                    module.globals.size(), what, error);
}

void ModuleValidator::validateData() {
  for (uint32_t i = 0; i < module.data.size() && !error; i++) {
    const DataSegment &segment = module.data[i];
    if (segment.mode != SegmentMode::Active)
      continue;
    std::string what = "data segment " + std::to_string(i);
    if (segment.memory >= module.memories.size()) {
      fail(segment.offset,
           what + ": unknown memory " + llvm::Twine(segment.memory) +
               ", the module has " + llvm::Twine(module.memories.size()));
      return;
    }
    const Limits &limits = module.memories[segment.memory].type.limits;
    validateConstExpr(module, segment.memoryOffset, addressType(limits),
                      module.globals.size(), what, error);
  }
}

llvm::Expected<ValidatedModule> validateModule(const Module &module) {
  if (llvm::Error error = ModuleValidator(module).validate())
    return std::move(error);
  return ValidatedModule(module);
}

llvm::Expected<ValidatedFunction> validateFunction(ValidatedModule module,
                                                   uint32_t index) {
  return FunctionValidator(*module, index).validate();
}

} // namespace wasmetal
