// Exceptions: the instructions of the specification, and those that came before
// them.
// https://webassembly.github.io/spec/core/valid/instructions.html#control-instructions
// https://github.com/WebAssembly/exception-handling/blob/main/proposals/exception-handling/legacy/Exceptions.md
//
// The sandbox rests on this file.
#include "compiler/wasm/function_validator.h"

#include "compiler/wasm/subtyping.h"

namespace wasmetal {

void FunctionValidator::visitThrow() {
  if (!checkIndex("tag", instruction.index, module.tags.size()))
    return;
  pop(module.typeOfTag(instruction.index).params);
  setUnreachable();
}

void FunctionValidator::visitThrowRef() {
  pop(ValType::ref(HeapKind::Exn));
  setUnreachable();
}

/// Labels of the clauses count from outside of the block.
void FunctionValidator::visitTryTable() {
  for (const CatchClause &clause : instruction.catches) {
    llvm::SmallVector<ValType, 4> values;
    if (clause.hasTag()) {
      if (!checkIndex("tag", clause.tag, module.tags.size()))
        return;
      llvm::ArrayRef<ValType> params = module.typeOfTag(clause.tag).params;
      values.append(params.begin(), params.end());
    }
    if (clause.hasRef())
      values.push_back(ValType::ref(HeapKind::Exn, /*nullable=*/false));
    const ControlFrame *target = label(clause.label);
    if (!target)
      return;
    llvm::ArrayRef<ValType> expected = labelTypes(*target);
    bool matches = expected.size() == values.size();
    for (size_t i = 0; matches && i < values.size(); i++)
      matches = isSubtype(module, values[i], expected[i]);
    if (!matches) {
      failMismatch(toString(expected), toString(values) + " of a catch clause");
      return;
    }
  }
  visitBlock();
}

// The legacy instructions.

void FunctionValidator::visitCatch() {
  Opcode op = frames.back().op;
  if (op != Opcode::Try && op != Opcode::Catch) {
    fail(opcodeInfo(instruction.op).mnemonic + " without a try",
         DiagnosticKind::Malformed);
    return;
  }
  bool hasTag = instruction.op == Opcode::Catch;
  if (hasTag && !checkIndex("tag", instruction.index, module.tags.size()))
    return;
  ControlFrame frame = popFrame();
  if (error)
    return;
  frames.push_back(
      {instruction.op, frame.block, operands.size(), false, assigned.size()});
  if (hasTag)
    push(module.typeOfTag(instruction.index).params);
}

void FunctionValidator::visitRethrow() {
  const ControlFrame *target = label(instruction.index);
  if (!target)
    return;
  if (target->op != Opcode::Catch && target->op != Opcode::CatchAll)
    fail("invalid rethrow label " + llvm::Twine(instruction.index) +
         ": not in a catch");
  setUnreachable();
}

void FunctionValidator::visitDelegate() {
  if (frames.back().op != Opcode::Try) {
    fail("delegate without a try", DiagnosticKind::Malformed);
    return;
  }
  ControlFrame frame = popFrame();
  if (!error && label(instruction.index))
    push(endTypes(frame.block));
}

} // namespace wasmetal
