// One pass over all bodies: the partitions of a module must agree on the
// convention of each function before any of them is emitted.
#include "compiler/wasm/tail_calls.h"

#include "compiler/wasm/byte_reader.h"
#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/type_reader.h"

namespace wasmetal {

static void skipLocals(ByteReader &in) {
  uint32_t groups = in.readU32();
  for (uint32_t i = 0; i < groups && !in.failed(); ++i) {
    in.readU32();
    readValType(in);
  }
}

void markTailCalls(Module &module) {
  Instruction inst;
  for (Function &function : module.functions) {
    ByteReader in(function.body, function.bodyOffset);
    skipLocals(in);
    InstructionReader reader(in.rest(), in.offset());
    while (!in.failed() && reader.next(inst)) {
      if (!isTailCall(inst.op))
        continue;
      function.isInTailCall = true;
      if (inst.op == Opcode::ReturnCall && inst.index < module.functions.size())
        module.functions[inst.index].isInTailCall = true;
    }
  }
}

} // namespace wasmetal
