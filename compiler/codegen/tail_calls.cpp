// Up to code generation `musttail` keeps the optimiser from moving anything
// between a tail call and its return. LLVM 22's x86 back end takes every
// `musttail` for one that needs no new stack arguments, and leaves them out.
// With our convention, tailcc, it guarantees the same for `tail` calls that
// stand before their return, and passes all arguments.
#include "compiler/codegen/tail_calls.h"

#include "compiler/diagnostic.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

Error wasmetal::checkTailCalls(const wasmetal::Module &module,
                               const TargetInfo &target) {
  if (target.hasTailCalls())
    return Error::success();
  for (const wasmetal::Function &function : module.functions)
    if (function.isInTailCall)
      return makeError(DiagnosticKind::Unsupported,
                       function.isImported ? function.offset
                                           : function.bodyOffset,
                       "a tail call of or by this function, which " +
                           target.name + " does not have");
  return Error::success();
}

void wasmetal::lowerTailCalls(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &inst : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&inst);
          call && call->isMustTailCall())
        call->setTailCallKind(CallInst::TCK_Tail);
}
