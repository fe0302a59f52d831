// Validates one function body in one pass, with the algorithm of
// https://webassembly.github.io/spec/core/appendix/algorithm.html
//
// The sandbox rests on this class.
#pragma once

#include "compiler/wasm/first_error.h"
#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/validator.h"

namespace wasmetal {

class FunctionValidator {
public:
  FunctionValidator(const Module &module, uint32_t index);

  llvm::Expected<ValidatedFunction> validate();

  /// A constant expression instead, which may read the globals below
  /// `numGlobals`. `what` opens the message.
  FunctionValidator(const Module &module, uint32_t numGlobals,
                    const llvm::Twine &what);
  void validateConstant(const ConstExpr &expression, ValType expected,
                        FirstError &out);

private:
  struct ControlFrame {
    Opcode op;
    BlockType block;
    size_t height;      // of the operand stack at its start
    bool isUnreachable; // from here on, the operand stack is polymorphic
    size_t numAssigned; // locals that had been assigned at its start
  };

  void readLocals(ByteReader &in);
  void readCode(InstructionReader &reader, const BlockType &body);

  // Operand stack. `pop` gives the bottom type in unreachable code.
  void push(ValType type) { operands.push_back(type); }
  void push(llvm::ArrayRef<ValType> types) {
    operands.append(types.begin(), types.end());
  }
  ValType pop(ValType expected) {
    if (operands.size() > frames.back().height && operands.back() == expected) {
      operands.pop_back();
      return expected;
    }
    return popSlow(expected);
  }
  ValType popSlow(ValType expected);
  ValType popAny();
  /// Of any hierarchy; of the bottom type in unreachable code.
  ValType popReference();
  void pop(llvm::ArrayRef<ValType> types);
  /// Checks the operands without a change, for a branch that may not be taken.
  void peek(llvm::ArrayRef<ValType> types);

  // Control stack.
  void pushFrame(Opcode op, const BlockType &block);
  ControlFrame popFrame();
  void setUnreachable();
  llvm::ArrayRef<ValType> startTypes(const BlockType &block) const;
  llvm::ArrayRef<ValType> endTypes(const BlockType &block) const;
  /// What a branch to the label carries; null if there is no such label.
  const ControlFrame *label(uint32_t depth);
  llvm::ArrayRef<ValType> labelTypes(const ControlFrame &frame) const;

  // One method per group of instructions that have a rule of their own.
  void visit();
  void visitFixed();
  void visitBlock();
  void visitElse();
  void visitEnd();
  void visitBranch();
  void visitBranchTable();
  void visitBranchOnNull();
  void visitBranchOnNonNull();
  void visitThrow();
  void visitThrowRef();
  void visitTryTable();
  void visitCatch();
  void visitRethrow();
  void visitDelegate();
  void visitCall();
  void call(const FuncType &type);
  void visitCallIndirect();
  void visitCallRef();
  void visitSelect();
  void visitSelectTyped();
  void visitLocal();
  void visitGlobal();
  void visitReference();

  // gc_validator.cpp
  void visitGc();
  void visitStruct();
  void visitArray();
  void visitArrayOfSegment();
  void visitArrayCopy();
  void visitCast();
  void visitBranchOnCast();
  const DefinedType *definedType(uint32_t index, CompositeKind kind);
  const FieldType *field(const DefinedType &type);
  void checkGet(const FieldType &field, bool isUnpacking);
  void checkMutable(const FieldType &field);
  bool checkSegmentFor(const FieldType &element);

  void visitTable();
  void visitTableInit();
  void visitTableCopy();
  void visitMemory();
  void visitMemoryInit();
  void visitMemoryCopy();
  void checkOffset(const Limits &limits);
  void visitLoadOrStore();
  void visitAtomic();
  void checkLanes();

  // Indices: false after reporting one that is out of range.
  bool checkIndex(const char *space, uint32_t index, size_t size);
  const FuncType *functionType(uint32_t index);
  bool checkBlockType(const BlockType &block);
  bool checkType(ValType type, uint64_t offset);
  const Limits *memoryLimits(uint32_t index);
  bool checkDataSegment(uint32_t index);

  void failMismatch(llvm::StringRef expected, llvm::StringRef found);
  void fail(const llvm::Twine &message,
            DiagnosticKind kind = DiagnosticKind::Invalid) {
    failAt(instruction.offset, message, kind);
  }
  void failAt(uint64_t offset, const llvm::Twine &message, DiagnosticKind kind);

  const Module &module;
  uint32_t functionIndex = 0;
  uint32_t numGlobals = 0;
  const llvm::Twine *constant = nullptr; // what a constant expression is of
  std::vector<ValType> locals;
  /// Whether a local may be read: it is defaultable, or has been assigned in a
  /// block that is still open.
  std::vector<bool> isAssigned;
  std::vector<uint32_t> assigned; // those that were not from the start
  uint64_t unemitted = 0;         // offset of the first such instruction
  Instruction instruction;
  llvm::SmallVector<ValType, 64> operands;
  llvm::SmallVector<ControlFrame, 16> frames;
  FirstError error;
};

} // namespace wasmetal
