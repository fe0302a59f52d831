// Constant expressions are function bodies of a few opcodes.
#include "compiler/wasm/const_expr.h"

#include "compiler/wasm/function_validator.h"

namespace wasmetal {

bool isConstantInstruction(Opcode op) {
  switch (op) {
  case Opcode::End:
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
  case Opcode::GlobalGet:
  case Opcode::RefFunc:
  case Opcode::RefNull:
  case Opcode::RefI31:
  case Opcode::StructNew:
  case Opcode::StructNewDefault:
  case Opcode::ArrayNew:
  case Opcode::ArrayNewDefault:
  case Opcode::ArrayNewFixed:
  case Opcode::AnyConvertExtern:
  case Opcode::ExternConvertAny:
    return true;
  default:
    return false;
  }
}

void validateConstExpr(const Module &module, const ConstExpr &expression,
                       ValType expected, uint32_t numGlobals,
                       const llvm::Twine &what, FirstError &error) {
  if (!error)
    FunctionValidator(module, numGlobals, what)
        .validateConstant(expression, expected, error);
}

} // namespace wasmetal
