// One pass over all bodies, ahead of validation.
#include "compiler/wasm/body_facts.h"

#include "compiler/wasm/instruction_reader.h"

namespace wasmetal {

/// The table that an instruction writes to.
static std::optional<uint32_t> writtenTable(const Instruction &inst) {
  switch (inst.op) {
  case Opcode::TableSet:
  case Opcode::TableGrow:
  case Opcode::TableFill:
  case Opcode::TableCopy: // its first operand
    return inst.index;
  case Opcode::TableInit:
    return inst.index2;
  default:
    return std::nullopt;
  }
}

void gatherBodyFacts(Module &module) {
  Instruction inst;
  for (Function &function : module.functions) {
    InstructionReader reader(function);
    while (reader.next(inst)) {
      if (isTailCall(inst.op)) {
        function.isInTailCall = true;
        if (inst.op == Opcode::ReturnCall &&
            inst.index < module.functions.size())
          module.functions[inst.index].isInTailCall = true;
      } else if (std::optional<uint32_t> table = writtenTable(inst);
                 table && *table < module.tables.size()) {
        module.tables[*table].isWritten = true;
      }
    }
  }
}

} // namespace wasmetal
