// The compiler's idea of an instance against the runtime's structures.
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/instance_layout.h"
#include "runtime/abi.h"

#include <gtest/gtest.h>

using wasmetal::InstanceLayout;

TEST(InstanceLayout, MirrorsTheRuntimesStructures) {
  EXPECT_EQ(wasmetal::NoEntry, WM_NO_ENTRY);
  EXPECT_EQ(wasmetal::NullEntry, WM_NULL_ENTRY);
  EXPECT_EQ(InstanceLayout::HeaderSize, sizeof(wm_instance));
  EXPECT_EQ(InstanceLayout::InstanceStore, offsetof(wm_instance, store));
  EXPECT_EQ(InstanceLayout::StoreInterrupt, offsetof(wm_store, interrupt));
  EXPECT_EQ(InstanceLayout::StoreFuel, offsetof(wm_store, fuel));
  EXPECT_EQ(InstanceLayout::StoreFailures, offsetof(wm_store, num_failures));
  EXPECT_EQ(InstanceLayout::FunctionSize, sizeof(wm_function));
  EXPECT_EQ(InstanceLayout::FunctionCode, offsetof(wm_function, code));
  EXPECT_EQ(InstanceLayout::FunctionInstance, offsetof(wm_function, instance));
  EXPECT_EQ(InstanceLayout::FunctionType, offsetof(wm_function, type));
  EXPECT_EQ(InstanceLayout::MemorySize, sizeof(wm_memory));
  EXPECT_EQ(InstanceLayout::MemoryBase, offsetof(wm_memory, base));
  EXPECT_EQ(InstanceLayout::MemoryBytes, offsetof(wm_memory, size));
  EXPECT_EQ(InstanceLayout::TableSize, sizeof(wm_table));
  EXPECT_EQ(InstanceLayout::TableElements, offsetof(wm_table, elements));
  EXPECT_EQ(InstanceLayout::TableLength, offsetof(wm_table, size));
  EXPECT_EQ(InstanceLayout::ValueSize, sizeof(wm_value));
  EXPECT_EQ(InstanceLayout::DataStateSize, sizeof(wm_data_segment));
  EXPECT_EQ(1u, sizeof(wm_element_state));
}

TEST(InstanceLayout, PlacesMemoryOnThePageAfterTheInstance) {
  wasmetal::Module module;
  module.memories.resize(1);
  module.globals.resize(1000);
  InstanceLayout layout(module);
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
  EXPECT_EQ(InstanceLayout(module).memoryOffset, 0u);
}
