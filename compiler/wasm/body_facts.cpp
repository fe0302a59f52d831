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

/// The table that an instruction takes references from. Calls through it are
/// none of them.
static std::optional<uint32_t> readTable(const Instruction &inst) {
  switch (inst.op) {
  case Opcode::TableGet:
    return inst.index;
  case Opcode::TableCopy:
    return inst.index2;
  default:
    return std::nullopt;
  }
}

static void addCall(Module &module, Function &function,
                    const Instruction &inst) {
  switch (inst.op) {
  case Opcode::ReturnCall:
    if (inst.index >= module.functions.size())
      return;
    module.functions[inst.index].isInTailCall = true;
    // Its caller sees no difference to a call of the callee itself.
    function.throwsItself |= inst.index < module.numImportedFunctions;
    [[fallthrough]];
  case Opcode::Call:
    if (inst.index < module.functions.size())
      function.callees.push_back(inst.index);
    return;
  case Opcode::CallIndirect:
  case Opcode::ReturnCallIndirect:
  case Opcode::CallRef:
  case Opcode::ReturnCallRef:
    if (inst.index < module.types.size())
      function.calledTypes.push_back(inst.index);
    return;
  case Opcode::RefFunc:
    if (inst.index < module.functions.size())
      module.functions[inst.index].isTaken = true;
    return;
  default:
    return;
  }
}

static bool isThrow(Opcode op) {
  return op == Opcode::Throw || op == Opcode::ThrowRef || op == Opcode::Rethrow;
}

void gatherBodyFacts(Module &module) {
  Instruction inst;
  for (Function &function : module.functions) {
    InstructionReader reader(function);
    while (reader.next(inst)) {
      function.isInTailCall |= isTailCall(inst.op);
      function.throwsItself |= isThrow(inst.op);
      addCall(module, function, inst);
      std::optional<uint32_t> table = writtenTable(inst);
      if (table && *table < module.tables.size())
        module.tables[*table].isWritten = true;
      if (inst.op == Opcode::MemoryGrow && inst.index < module.memories.size())
        module.memories[inst.index].isGrown = true;
      table = readTable(inst);
      if (table && *table < module.tables.size())
        module.tables[*table].isRead = true;
    }
  }
}

} // namespace wasmetal
