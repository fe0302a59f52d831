// How most vector instructions are written: as one expression of their
// operands `x`, `y` and `z`, in the order of the specification.
#pragma once

#include "compiler/emit/function_emitter.h"

#define UNARY(name, shape, expression)                                         \
  void FunctionEmitter::emit##name(const Instruction &) {                      \
    Value *x = popVector(emitter.shape);                                       \
    pushVector(expression);                                                    \
  }

#define BINARY(name, shape, expression)                                        \
  void FunctionEmitter::emit##name(const Instruction &) {                      \
    Value *y = popVector(emitter.shape);                                       \
    Value *x = popVector(emitter.shape);                                       \
    pushVector(expression);                                                    \
  }

#define TERNARY(name, shape, expression)                                       \
  void FunctionEmitter::emit##name(const Instruction &) {                      \
    Value *z = popVector(emitter.shape);                                       \
    Value *y = popVector(emitter.shape);                                       \
    Value *x = popVector(emitter.shape);                                       \
    pushVector(expression);                                                    \
  }

/// A result that is an i32.
#define TEST(name, shape, expression)                                          \
  void FunctionEmitter::emit##name(const Instruction &) {                      \
    Value *x = popVector(emitter.shape);                                       \
    push(builder.CreateZExt(expression, emitter.i32));                         \
  }
