// The compiler's idea of an instance against the runtime's structures.
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/instance_layout.h"
#include "runtime/abi.h"

#include <gtest/gtest.h>

using wasmetal::InstanceLayout;

TEST(InstanceLayout, MirrorsTheRuntimesStructures) {
  EXPECT_EQ(wasmetal::NoEntry, WM_NO_ENTRY);
  EXPECT_EQ(wasmetal::NullEntry, WM_NULL_ENTRY);
  wasmetal::AbiLayout layout(sizeof(void *));
#define ABI_OFFSET(name, type, field, size64, size32)                          \
  EXPECT_EQ(layout.name, offsetof(type, field));
#define ABI_SIZE(name, type, size64, size32)                                   \
  EXPECT_EQ(layout.name, sizeof(type));
#include "runtime/layout.def"
  EXPECT_EQ(InstanceLayout::ValueSize, sizeof(wm_value));
}

TEST(InstanceLayout, PlacesMemoryOnThePageAfterTheInstance) {
  wasmetal::Module module;
  module.memories.resize(1);
  module.globals.resize(1000);
  InstanceLayout layout(module, 8, 4096);
  EXPECT_EQ(layout.memoryOffset % 4096, 0u);
  EXPECT_GE(layout.memoryOffset, layout.size);
  EXPECT_GE(layout.size,
            layout.definedGlobals + 1000 * InstanceLayout::GlobalSize);
}

TEST(InstanceLayout, HasNoMemoryOffsetForAnImportedMemory) {
  wasmetal::Module module;
  module.memories.resize(1);
  module.memories[0].isImported = true;
  module.numImportedMemories = 1;
  EXPECT_EQ(InstanceLayout(module, 8, 4096).memoryOffset, 0u);
}
