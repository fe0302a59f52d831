// Constant expressions are straight lines of a few opcodes, which need a stack
// but no control frames.
#include "compiler/wasm/const_expr.h"

#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/subtyping.h"
#include "compiler/wasm/unsupported.h"

namespace wasmetal {

namespace {

class ConstExprValidator {
public:
  ConstExprValidator(const Module &module, uint32_t numGlobals,
                     const llvm::Twine &what, FirstError &error)
      : module(module), numGlobals(numGlobals), what(what), error(error) {}

  void validate(const ConstExpr &expression, ValType expected);

private:
  void visit(const Instruction &instruction);
  void visitGlobalGet(const Instruction &instruction);
  void visitRefFunc(const Instruction &instruction);
  void visitFixed(const Instruction &instruction);
  void pop(const Instruction &instruction, ValType expected);
  void fail(uint64_t offset, const llvm::Twine &message,
            DiagnosticKind kind = DiagnosticKind::Invalid) {
    error.set(kind, offset, what + ": " + message);
  }

  const Module &module;
  uint32_t numGlobals;
  const llvm::Twine &what;
  FirstError &error;
  llvm::SmallVector<ValType, 8> stack;
};

} // namespace

void ConstExprValidator::validate(const ConstExpr &expression,
                                  ValType expected) {
  InstructionReader reader(expression.bytes, expression.offset);
  Instruction instruction;
  while (reader.next(instruction)) {
    if (instruction.op == Opcode::End)
      break;
    visit(instruction);
    if (error)
      return;
  }
  if (reader.failed()) {
    fail(reader.errorOffset(), reader.error(), reader.errorKind());
    return;
  }
  if (instruction.op != Opcode::End || !reader.atEnd()) {
    fail(reader.offset(), "END opcode expected", DiagnosticKind::Malformed);
    return;
  }
  if (stack.size() != 1)
    fail(instruction.offset, "type mismatch in constant expression: expected " +
                                 toString(llvm::ArrayRef(expected)) +
                                 ", found " + toString(stack));
  else
    pop(instruction, expected);
}

void ConstExprValidator::visit(const Instruction &instruction) {
  switch (instruction.op) {
  case Opcode::I32Const:
  case Opcode::I64Const:
  case Opcode::F32Const:
  case Opcode::F64Const:
  case Opcode::V128Const:
  case Opcode::I32Add:
  case Opcode::I32Sub:
  case Opcode::I32Mul:
  case Opcode::I64Add:
  case Opcode::I64Sub:
  case Opcode::I64Mul:
    return visitFixed(instruction);
  case Opcode::GlobalGet:
    return visitGlobalGet(instruction);
  case Opcode::RefFunc:
    return visitRefFunc(instruction);
  case Opcode::RefNull:
    if (llvm::StringRef feature = missingFeature(instruction.type);
        !feature.empty())
      return fail(instruction.offset, feature + " are not supported yet",
                  DiagnosticKind::Unsupported);
    stack.push_back(instruction.type);
    return;
  default:
    fail(instruction.offset, "constant expression required: found " +
                                 opcodeInfo(instruction.op).mnemonic);
  }
}

void ConstExprValidator::visitFixed(const Instruction &instruction) {
  const OpcodeInfo &info = opcodeInfo(instruction.op);
  for (ValType param : llvm::reverse(info.params))
    pop(instruction, param);
  stack.append(info.results.begin(), info.results.end());
}

void ConstExprValidator::visitGlobalGet(const Instruction &instruction) {
  if (instruction.index >= numGlobals) {
    fail(instruction.offset,
         "unknown global " + llvm::Twine(instruction.index) +
             ", the expression may read " + llvm::Twine(numGlobals));
    return;
  }
  const GlobalType &type = module.globals[instruction.index].type;
  if (type.isMutable)
    fail(instruction.offset, "constant expression required: global " +
                                 llvm::Twine(instruction.index) +
                                 " is mutable");
  stack.push_back(type.type);
}

void ConstExprValidator::visitRefFunc(const Instruction &instruction) {
  if (instruction.index >= module.functions.size()) {
    fail(instruction.offset,
         "unknown function " + llvm::Twine(instruction.index) +
             ", the module has " + llvm::Twine(module.functions.size()));
    return;
  }
  stack.push_back(ValType::refIndex(
      module.functions[instruction.index].typeIndex, /*nullable=*/false));
}

void ConstExprValidator::pop(const Instruction &instruction, ValType expected) {
  std::string found = "nothing";
  if (!stack.empty()) {
    ValType actual = stack.pop_back_val();
    if (isSubtype(module, actual, expected))
      return;
    found = toString(actual);
  }
  fail(instruction.offset,
       "type mismatch in " + opcodeInfo(instruction.op).mnemonic +
           ": expected " + toString(expected) + ", found " + found);
}

void validateConstExpr(const Module &module, const ConstExpr &expression,
                       ValType expected, uint32_t numGlobals,
                       const llvm::Twine &what, FirstError &error) {
  if (!error)
    ConstExprValidator(module, numGlobals, what, error)
        .validate(expression, expected);
}

} // namespace wasmetal
