// Guest functions are named <module>:<index>:<name>, and a line is an offset in
// the file.
#include "compiler/codegen/loop_remarks.h"
#include "compiler/codegen/loop_nest.h"

#include "llvm/Support/FormatVariadic.h"

using namespace llvm;

static const CallInst *firstAccess(const Loop &loop) {
  for (BasicBlock *block : loop.blocks())
    for (Instruction &inst : *block)
      if (const CallInst *translate = wasmetal::Translate::matchAny(inst))
        return translate;
  return nullptr;
}

std::string wasmetal::placeOf(const Loop &loop) {
  const CallInst *access = firstAccess(loop);
  if (!access)
    return "";
  const DebugLoc &location = access->getDebugLoc();
  return formatv("{0} at {1:x}, depth {2}",
                 access->getFunction()->getName().split(':').second,
                 location ? location.getLine() : 0, loop.getLoopDepth());
}
