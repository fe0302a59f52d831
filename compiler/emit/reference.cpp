// Reference instructions.
// https://webassembly.github.io/spec/core/exec/instructions.html#reference-instructions
#include "compiler/emit/function_emitter.h"

using namespace llvm;
using namespace wasmetal;

void FunctionEmitter::emitRefNull(const Instruction &) {
  push(ConstantPointerNull::get(emitter.pointer));
}

void FunctionEmitter::emitRefIsNull(const Instruction &) {
  push(builder.CreateZExt(builder.CreateIsNull(pop()), emitter.i32));
}

void FunctionEmitter::emitRefFunc(const Instruction &inst) {
  push(emitter.reference(builder, instance, inst.index));
}

void FunctionEmitter::emitRefAsNonNull(const Instruction &) {
  trapIf(builder.CreateIsNull(stack.back()), "wm_trap_null_reference");
}
