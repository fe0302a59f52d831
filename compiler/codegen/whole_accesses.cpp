// A store that traps changes nothing. Where a fault is the trap, the last pages
// of a store may be those without access while the first ones have it. AArch64
// and RISC-V leave it to the processor what it has written when it finds out. A
// load of the last byte faults before.
//
// x86-64 extends half a vector that it loads, or merges what it loads by a
// mask, and touches no more of memory than it needs. LLVM selects that for a
// volatile load as well, so that a trap would be lost. An empty instruction
// between the load and its users keeps them apart.
// https://webassembly.github.io/spec/core/exec/instructions.html#memory-instructions
#include "compiler/codegen/whole_accesses.h"
#include "compiler/codegen/symbols.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;
using namespace wasmetal;

/// Aligned stores are atomic, and do not cross pages.
static bool mayTear(const StoreInst &store, uint64_t size) {
  return store.isVolatile() && !store.isAtomic() && store.getAlign() < size;
}

static void keepWhole(StoreInst &store) {
  uint64_t size = store.getDataLayout().getTypeStoreSize(
      store.getValueOperand()->getType());
  if (!mayTear(store, size))
    return;
  IRBuilder<> builder(&store);
  Value *last = builder.CreateConstGEP1_64(builder.getInt8Ty(),
                                           store.getPointerOperand(), size - 1);
  builder.CreateAlignedLoad(builder.getInt8Ty(), last, Align(1),
                            /*isVolatile=*/true);
}

static void keepWhole(LoadInst &load) {
  if (!load.isVolatile() || !load.getType()->isVectorTy() || load.use_empty())
    return;
  IRBuilder<> builder(load.getNextNode());
  builder.SetCurrentDebugLocation(load.getDebugLoc());
  Type *type = load.getType();
  CallInst *same = builder.CreateCall(
      InlineAsm::get(FunctionType::get(type, {type}, false), "", "=x,0",
                     /*hasSideEffects=*/false),
      {&load});
  same->setDoesNotThrow();
  same->setDoesNotAccessMemory();
  load.replaceUsesWithIf(same, [&](Use &use) { return use.getUser() != same; });
}

void wasmetal::keepAccessesWhole(llvm::Module &module,
                                 const CompileOptions &options) {
  if (!infoOf(options.emit.strategy).faultIsTrap)
    return;
  bool loadsLess = options.emit.target->arch() == Triple::x86_64;
  for (llvm::Function &function : module) {
    if (!isGuestCode(function))
      continue;
    for (llvm::Instruction &inst : make_early_inc_range(instructions(function)))
      if (auto *load = dyn_cast<LoadInst>(&inst); load && loadsLess)
        keepWhole(*load);
      else if (auto *store = dyn_cast<StoreInst>(&inst); store && !loadsLess)
        keepWhole(*store);
  }
}
