// Constant expressions.
// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
#pragma once

#include "compiler/wasm/first_error.h"
#include "compiler/wasm/module.h"
#include "compiler/wasm/opcodes.h"

namespace wasmetal {

/// Whether the instruction may stand in a constant expression.
bool isConstantInstruction(Opcode op);

/// Checks that the expression is constant and of the expected type. It may
/// read the immutable globals below `numGlobals`. `what` opens the message
/// ("global 3").
void validateConstExpr(const Module &module, const ConstExpr &expression,
                       ValType expected, uint32_t numGlobals,
                       const llvm::Twine &what, FirstError &error);

} // namespace wasmetal
