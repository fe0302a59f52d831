// Up to here `musttail` keeps the optimiser from moving anything between a tail
// call and its return. LLVM 22's x86 back end takes every `musttail` for one
// that needs no new stack arguments, and leaves them out. With our convention,
// tailcc, it guarantees the same for `tail` calls that stand before their
// return, and passes all arguments.
#include "compiler/codegen/tail_calls.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

void wasmetal::lowerTailCalls(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &inst : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&inst);
          call && call->isMustTailCall())
        call->setTailCallKind(CallInst::TCK_Tail);
}
