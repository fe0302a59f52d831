#include "compiler/codegen/loop_copy.h"

#include "llvm/IR/Instructions.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

static void addExits(const Loop &loop, const ValueToValueMapTy &clones) {
  SmallVector<BasicBlock *, 4> exits;
  loop.getUniqueExitBlocks(exits);
  for (BasicBlock *exit : exits)
    for (PHINode &phi : exit->phis())
      for (unsigned i = 0, e = phi.getNumIncomingValues(); i < e; ++i) {
        Value *block = clones.lookup(phi.getIncomingBlock(i));
        if (!block)
          continue;
        Value *value = phi.getIncomingValue(i);
        if (Value *copy = clones.lookup(value))
          value = copy;
        phi.addIncoming(value, cast<BasicBlock>(block));
      }
}

Loop *wasmetal::copyLoop(Loop &loop, BasicBlock *next, BasicBlock *before,
                         const char *suffix, ValueToValueMapTy &clones,
                         LoopInfo &loops, DominatorTree &dominators) {
  SmallVector<BasicBlock *, 16> blocks;
  Loop *copy = cloneLoopWithPreheader(next, before, &loop, clones, suffix,
                                      &loops, &dominators, blocks);
  remapInstructionsInBlocks(blocks, clones);
  addExits(loop, clones);
  return copy;
}
