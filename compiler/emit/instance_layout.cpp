// Lays out an instance; see runtime/abi.h for what each part is.
#include "compiler/emit/instance_layout.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace wasmetal;

static constexpr uint32_t PointerSize = 8;
static constexpr uint32_t PageSize = 4096;

InstanceLayout::InstanceLayout(const Module &module) {
  for (uint32_t i = module.numImportedFunctions; i < module.functions.size();
       ++i)
    if (module.functions[i].isDeclaredRef || module.start == i)
      references.push_back(i);

  uint64_t offset = HeaderSize;
  auto place = [&](size_t count, uint32_t each) {
    uint64_t start = llvm::alignTo(offset, 16);
    offset = start + uint64_t(count) * each;
    return static_cast<uint32_t>(start);
  };
  // What code reaches most often comes first, for short displacements.
  definedMemories =
      place(module.memories.size() - module.numImportedMemories, MemorySize);
  definedTables =
      place(module.tables.size() - module.numImportedTables, TableSize);
  definedGlobals =
      place(module.globals.size() - module.numImportedGlobals, GlobalSize);
  memories = place(module.memories.size(), PointerSize);
  tables = place(module.tables.size(), PointerSize);
  globals = place(module.globals.size(), PointerSize);
  tags = place(module.tags.size(), PointerSize);
  types = place(module.types.size(), PointerSize);
  functions =
      place(module.numImportedFunctions + references.size(), FunctionSize);
  data = place(module.data.size(), DataStateSize);
  elements = place(module.elements.size(), 1);
  size = static_cast<uint32_t>(llvm::alignTo(offset, 16));
  memoryOffset = module.memories.size() > 0 && module.numImportedMemories == 0
                     ? static_cast<uint32_t>(llvm::alignTo(size, PageSize))
                     : 0;
}

uint32_t InstanceLayout::functionRecord(const Module &module,
                                        uint32_t function) const {
  uint32_t slot = function;
  if (!module.functions[function].isImported)
    slot = module.numImportedFunctions +
           static_cast<uint32_t>(std::lower_bound(references.begin(),
                                                  references.end(), function) -
                                 references.begin());
  return functions + slot * FunctionSize;
}
