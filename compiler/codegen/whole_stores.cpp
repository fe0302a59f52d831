// A store that traps changes nothing. Where a fault is the trap, the last pages
// of a store may be those without access while the first ones have it. AArch64
// and RISC-V leave it to the processor what it has written when it finds out. A
// load of the last byte faults before.
// https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions
#include "compiler/codegen/whole_stores.h"
#include "compiler/codegen/symbols.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;
using namespace wasmetal;

/// Aligned stores are atomic, and do not cross pages.
static bool mayTear(const StoreInst &store, uint64_t size) {
  return store.isVolatile() && !store.isAtomic() && store.getAlign() < size;
}

void wasmetal::keepStoresWhole(llvm::Module &module,
                               const CompileOptions &options) {
  if (options.emit.target->arch() == Triple::x86_64 ||
      !infoOf(options.emit.strategy).faultIsTrap)
    return;
  const DataLayout &layout = module.getDataLayout();
  for (llvm::Function &function : module) {
    if (!isGuestCode(function))
      continue;
    for (llvm::Instruction &inst : instructions(function)) {
      auto *store = dyn_cast<StoreInst>(&inst);
      if (!store)
        continue;
      uint64_t size =
          layout.getTypeStoreSize(store->getValueOperand()->getType());
      if (!mayTear(*store, size))
        continue;
      IRBuilder<> builder(store);
      Value *last = builder.CreateConstGEP1_64(
          builder.getInt8Ty(), store->getPointerOperand(), size - 1);
      builder.CreateAlignedLoad(builder.getInt8Ty(), last, Align(1),
                                /*isVolatile=*/true);
    }
  }
}
