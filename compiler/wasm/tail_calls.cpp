// One pass over all bodies: the partitions of a module must agree on the
// convention of each function before any of them is emitted.
#include "compiler/wasm/tail_calls.h"

#include "compiler/wasm/instruction_reader.h"

namespace wasmetal {

void markTailCalls(Module &module) {
  Instruction inst;
  for (Function &function : module.functions) {
    InstructionReader reader(function);
    while (reader.next(inst)) {
      if (!isTailCall(inst.op))
        continue;
      function.isInTailCall = true;
      if (inst.op == Opcode::ReturnCall && inst.index < module.functions.size())
        module.functions[inst.index].isInTailCall = true;
    }
  }
}

} // namespace wasmetal
