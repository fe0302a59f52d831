// One line for each kind; tests/cli/imports.py and inspect.py know them.
#include "compiler/wasm/describe.h"

#include "llvm/Support/ErrorHandling.h"

namespace wasmetal {

std::string describe(const Module &module, ExternKind kind, uint32_t index) {
  switch (kind) {
  case ExternKind::Function:
    return "function " + toString(module.typeOfFunction(index));
  case ExternKind::Table:
    return "table of " + toString(module.tables[index].type.element);
  case ExternKind::Memory:
    return "memory";
  case ExternKind::Global: {
    const GlobalType &type = module.globals[index].type;
    return (type.isMutable ? "mutable global " : "global ") +
           toString(type.type);
  }
  case ExternKind::Tag:
    return "tag";
  }
  llvm_unreachable("unknown kind");
}

} // namespace wasmetal
