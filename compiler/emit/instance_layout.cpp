// Lays out an instance; see runtime/abi.h for what each part is.
#include "compiler/emit/instance_layout.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace wasmetal;

AbiLayout::AbiLayout(uint32_t pointerSize) : pointerSize(pointerSize) {
#define ABI_OFFSET(name, type, field, size64, size32)                          \
  name = pointerSize == 8 ? size64 : size32;
#define ABI_SIZE(name, type, size64, size32)                                   \
  name = pointerSize == 8 ? size64 : size32;
#include "runtime/layout.def"
}

InstanceLayout::InstanceLayout(const Module &module, uint32_t pointerSize,
                               uint32_t pageSize, bool isStatic)
    : AbiLayout(pointerSize) {
  for (uint32_t i = module.numImportedFunctions; i < module.functions.size();
       ++i)
    if (module.functions[i].isDeclaredRef || module.start == i)
      references.push_back(i);

  uint64_t offset = headerSize;
  auto place = [&](size_t count, uint32_t each) {
    uint64_t start = llvm::alignTo(offset, 2 * pointerSize);
    offset = start + uint64_t(count) * each;
    return static_cast<uint32_t>(start);
  };
  auto defined = [&](const auto &entries, uint32_t imported) {
    return isStatic ? 0 : entries.size() - imported;
  };
  // What code reaches most often comes first, for short displacements.
  definedMemories =
      place(defined(module.memories, module.numImportedMemories), memorySize);
  definedTables =
      place(defined(module.tables, module.numImportedTables), tableSize);
  definedGlobals =
      place(defined(module.globals, module.numImportedGlobals), GlobalSize);
  memories = place(module.memories.size(), pointerSize);
  tables = place(module.tables.size(), pointerSize);
  globals = place(module.globals.size(), pointerSize);
  tags = place(module.tags.size(), pointerSize);
  types = place(module.types.size(), pointerSize);
  functions =
      place(module.numImportedFunctions + references.size(), functionSize);
  data = place(module.data.size(), dataStateSize);
  elements = place(module.elements.size(), 1);
  size = static_cast<uint32_t>(llvm::alignTo(offset, 16));
  memoryOffset = module.memories.size() > 0 && module.numImportedMemories == 0
                     ? static_cast<uint32_t>(llvm::alignTo(size, pageSize))
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
  return functions + slot * functionSize;
}
