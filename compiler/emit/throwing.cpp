// A function may throw if it throws itself, whether or not it also catches, or
// calls one that may. Imported functions may throw, except WASI's. Calls
// through tables and references reach the module's own functions of that type,
// unless functions can come from outside.
#include "compiler/emit/throwing.h"

#include "compiler/emit/emit.h"
#include "compiler/wasm/subtyping.h"

#include "llvm/ADT/STLExtras.h"

using namespace wasmetal;

namespace {

class CallGraph {
public:
  explicit CallGraph(const Module &module)
      : module(module), callers(module.functions.size() + module.types.size()),
        throws(callers.size()) {}

  Throwing solve();

private:
  // Nodes are functions, then types: a call through a reference.
  uint32_t typeNode(uint32_t type) const {
    return static_cast<uint32_t>(module.functions.size()) + type;
  }
  void addCall(uint32_t caller, uint32_t callee) {
    callers[callee].push_back(caller);
  }
  void mark(uint32_t node) {
    if (throws[node])
      return;
    throws[node] = true;
    pending.push_back(node);
  }
  void addFunction(uint32_t index);
  void linkTypes();
  bool mayReceiveFunctions() const;

  const Module &module;
  std::vector<std::vector<uint32_t>> callers;
  std::vector<bool> throws;
  std::vector<uint32_t> pending;
};

} // namespace

static bool holdsFunctions(const Module &module, ValType type) {
  return type.isRef() && topOf(module, type).heap == HeapKind::Func;
}

static bool passesFunctions(const Module &module, const FuncType &type) {
  auto isOne = [&](ValType value) { return holdsFunctions(module, value); };
  return llvm::any_of(type.params, isOne) || llvm::any_of(type.results, isOne);
}

/// Whether a function of another module or of the host may stand in a table or
/// variable.
bool CallGraph::mayReceiveFunctions() const {
  for (const Import &import : module.imports) {
    switch (import.kind) {
    case ExternKind::Function:
      if (module.functions[import.index].isDeclaredRef ||
          passesFunctions(module, module.typeOfFunction(import.index)))
        return true;
      break;
    case ExternKind::Table:
      return true;
    case ExternKind::Global:
      if (holdsFunctions(module, module.globals[import.index].type.type))
        return true;
      break;
    case ExternKind::Tag:
      if (passesFunctions(module, module.typeOfTag(import.index)))
        return true;
      break;
    case ExternKind::Memory:
      break;
    }
  }
  for (const Export &exported : module.exports) {
    switch (exported.kind) {
    case ExternKind::Function:
      if (passesFunctions(module, module.typeOfFunction(exported.index)))
        return true;
      break;
    case ExternKind::Table:
      return true;
    case ExternKind::Global: {
      const GlobalType &type = module.globals[exported.index].type;
      if (type.isMutable && holdsFunctions(module, type.type))
        return true;
      break;
    }
    case ExternKind::Tag:
      if (passesFunctions(module, module.typeOfTag(exported.index)))
        return true;
      break;
    case ExternKind::Memory:
      break;
    }
  }
  return false;
}

void CallGraph::addFunction(uint32_t index) {
  const Function &function = module.functions[index];
  if (function.throwsItself)
    mark(index);
  for (uint32_t callee : function.callees)
    addCall(index, callee);
  for (uint32_t type : function.calledTypes)
    addCall(index, typeNode(type));
}

/// From each type to the functions that a call of it may reach: those of equal
/// types, and of all types where others may be declared below it.
void CallGraph::linkTypes() {
  for (uint32_t i = 0; i < module.types.size(); ++i) {
    uint32_t same = module.types[i].firstEqual;
    addCall(typeNode(i), typeNode(same));
    for (uint32_t super : module.types[i].supertypes)
      addCall(typeNode(super), typeNode(i));
    addCall(typeNode(same), typeNode(i));
  }
  for (uint32_t i = 0; i < module.functions.size(); ++i)
    if (module.functions[i].isDeclaredRef)
      addCall(typeNode(module.functions[i].typeIndex), i);
}

Throwing CallGraph::solve() {
  for (const Import &import : module.imports)
    if (import.kind == ExternKind::Function && !isWasiImport(module, import))
      mark(import.index);
  bool isOpen = mayReceiveFunctions();
  if (isOpen)
    for (uint32_t i = 0; i < module.types.size(); ++i)
      mark(typeNode(i));
  if (!pending.empty() || !module.tags.empty()) {
    linkTypes();
    for (uint32_t i = module.numImportedFunctions; i < module.functions.size();
         ++i)
      addFunction(i);
  }
  while (!pending.empty()) {
    uint32_t node = pending.back();
    pending.pop_back();
    for (uint32_t caller : callers[node])
      mark(caller);
  }
  auto types = throws.begin() + static_cast<ptrdiff_t>(module.functions.size());
  return {{throws.begin(), types}, {types, throws.end()}};
}

Throwing wasmetal::findThrowing(const Module &module) {
  return CallGraph(module).solve();
}
