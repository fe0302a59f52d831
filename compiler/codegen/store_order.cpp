// An instruction that is text, and empty: it reads all memory, and without
// `willreturn` it is not removed.
#include "compiler/codegen/store_order.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"

using namespace llvm;

void wasmetal::keepStores(Instruction *before) {
  IRBuilder<> builder(before);
  FunctionType *type = FunctionType::get(builder.getVoidTy(), false);
  CallInst *order = builder.CreateCall(
      type, InlineAsm::get(type, "", "", /*hasSideEffects=*/true));
  order->setDoesNotThrow();
  order->setMemoryEffects(MemoryEffects::readOnly());
}

void wasmetal::keepStoresIn(const Loop &loop) {
  keepStores(loop.getLoopPreheader()->getTerminator());
  SmallVector<BasicBlock *, 4> exits;
  loop.getUniqueExitBlocks(exits);
  for (BasicBlock *exit : exits)
    keepStores(&*exit->getFirstInsertionPt());
}
