// A store whose type a load's cannot be made of is no candidate for the load,
// and LLVM forgets that it may write to a part of one that is. So no function
// is given to that pass in which an innermost loop stores and has accesses of
// several widths.
#include "compiler/codegen/mixed_widths.h"

#include "llvm/ADT/SmallSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

static bool mixesWidths(const Loop &loop) {
  const DataLayout &layout = loop.getHeader()->getDataLayout();
  SmallSet<uint64_t, 4> widths;
  bool stores = false;
  for (const BasicBlock *block : loop.blocks())
    for (const Instruction &inst : *block)
      if (isa<LoadInst, StoreInst>(inst)) {
        stores |= isa<StoreInst>(inst);
        widths.insert(layout.getTypeSizeInBits(getLoadStoreType(&inst)));
      }
  return stores && widths.size() > 1;
}

bool wasmetal::mixesWidths(llvm::Function &function) {
  DominatorTree dominators(function);
  LoopInfo loops(dominators);
  return any_of(loops.getLoopsInPreorder(), [](const Loop *loop) {
    return loop->isInnermost() && ::mixesWidths(*loop);
  });
}
