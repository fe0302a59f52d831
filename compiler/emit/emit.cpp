// Partitions, and the emission of one.
#include "compiler/emit/emit.h"
#include "compiler/emit/module_emitter.h"

using namespace llvm;
using namespace wasmetal;

std::vector<Partition> wasmetal::planPartitions(const Module &module) {
  // Large enough for inlining, small enough to bound memory and to keep
  // several cores busy.
  constexpr uint64_t PartitionBytes = 1 << 20;
  std::vector<Partition> partitions;
  uint32_t first = module.numImportedFunctions;
  uint32_t end = static_cast<uint32_t>(module.functions.size());
  uint64_t bytes = 0;
  for (uint32_t i = first; i < end; ++i) {
    bytes += module.functions[i].body.size();
    if (bytes >= PartitionBytes) {
      partitions.push_back({first, i + 1});
      first = i + 1;
      bytes = 0;
    }
  }
  if (first < end || partitions.empty())
    partitions.push_back({first, end});
  return partitions;
}

Expected<std::unique_ptr<llvm::Module>>
wasmetal::emitPartition(LLVMContext &context, ValidatedModule module,
                        const EmitOptions &options, const ModuleFacts &facts,
                        ArrayRef<Partition> partitions, size_t index) {
  ModuleEmitter emitter(context, *module, options, facts,
                        partitions.size() == 1);
  for (uint32_t i = partitions[index].first; i < partitions[index].last; ++i) {
    Expected<ValidatedFunction> function = validateFunction(module, i);
    if (!function)
      return function.takeError();
    emitFunction(emitter, *function);
  }
  if (index == 0)
    emitDescriptor(emitter);
  emitter.finishDebug();
  return std::move(emitter.module);
}
