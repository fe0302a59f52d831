// The algorithm's stacks and the control instructions. The other groups:
// instruction_validator.cpp.
// https://webassembly.github.io/spec/core/appendix/algorithm.html
#include "compiler/wasm/function_validator.h"

#include "compiler/wasm/const_expr.h"
#include "compiler/wasm/quote.h"
#include "compiler/wasm/subtyping.h"
#include "compiler/wasm/type_reader.h"

#include "llvm/ADT/SmallPtrSet.h"

namespace wasmetal {

/// Parameters included; the limit of the JavaScript API's appendix.
static constexpr uint64_t maxLocals = 50'000;

FunctionValidator::FunctionValidator(const Module &module, uint32_t index)
    : module(module), functionIndex(index),
      numGlobals(static_cast<uint32_t>(module.globals.size())) {}

FunctionValidator::FunctionValidator(const Module &module, uint32_t numGlobals,
                                     const llvm::Twine &what)
    : module(module), numGlobals(numGlobals), constant(&what) {}

void FunctionValidator::validateConstant(const ConstExpr &expression,
                                         ValType expected, FirstError &out) {
  BlockType body;
  body.kind = BlockType::Kind::Value;
  body.value = expected;
  InstructionReader reader(expression.bytes, expression.offset);
  readCode(reader, body);
  if (error)
    out.set(error.kind(), error.offset(), error.message());
}

llvm::Expected<ValidatedFunction> FunctionValidator::validate() {
  const Function &function = module.functions[functionIndex];
  ByteReader in(function.body, function.bodyOffset);
  readLocals(in);
  llvm::ArrayRef<uint8_t> code = in.rest();
  uint64_t codeOffset = in.offset();
  if (!error) {
    BlockType body;
    body.kind = BlockType::Kind::Index;
    body.typeIndex = module.functions[functionIndex].typeIndex;
    InstructionReader reader(code, codeOffset);
    readCode(reader, body);
  }
  if (error)
    return error.toError();
  ValidatedFunction result;
  result.owner = &module;
  result.functionIndex = functionIndex;
  result.localTypes = std::move(locals);
  result.codeBytes = code;
  result.codeFileOffset = codeOffset;
  return result;
}

void FunctionValidator::readLocals(ByteReader &in) {
  llvm::ArrayRef<ValType> params = module.typeOfFunction(functionIndex).params;
  locals.assign(params.begin(), params.end());
  isAssigned.assign(params.size(), true);
  uint32_t numGroups = in.readCount(/*elementSize=*/2);
  uint64_t total = locals.size(), tooMany = 0; // where they became too many
  for (uint32_t i = 0; i < numGroups && !in.failed() && !error; i++) {
    uint64_t start = in.offset();
    uint64_t count = in.readU32();
    uint64_t typeOffset = in.offset();
    ValType type = readValType(in);
    if (in.failed() || !checkType(type, typeOffset))
      break;
    total += count;
    if (total > UINT32_MAX) {
      failAt(start,
             "too many locals: " + llvm::Twine(total) +
                 ", there cannot be more than 2^32 - 1",
             DiagnosticKind::Malformed);
      break;
    }
    if (total > maxLocals) {
      tooMany = tooMany ? tooMany : start;
      continue;
    }
    locals.insert(locals.end(), count, type);
    isAssigned.resize(locals.size(), type.isDefaultable());
  }
  if (in.failed())
    failAt(in.firstError().offset(), in.firstError().message(),
           in.firstError().kind());
  else if (tooMany && !error)
    failAt(tooMany,
           "too many locals: " + llvm::Twine(total) + ", the limit is " +
               llvm::Twine(maxLocals),
           DiagnosticKind::Unsupported);
}

void FunctionValidator::readCode(InstructionReader &reader,
                                 const BlockType &body) {
  // The parameters are locals, not operands.
  frames.push_back({Opcode::Block, body, 0, false, 0});
  while (!frames.empty() && !error && reader.next(instruction)) {
    if (constant && !isConstantInstruction(instruction.op))
      fail("constant expression required: found " +
           opcodeInfo(instruction.op).mnemonic);
    else
      visit();
    if (!unemitted && !opcodeInfo(instruction.op).isEmitted)
      unemitted = instruction.offset;
  }
  if (reader.failed())
    failAt(reader.errorOffset(), reader.error(), reader.errorKind());
  else if (!frames.empty())
    failAt(reader.offset(), "unexpected end: END opcode expected",
           DiagnosticKind::Malformed);
  else if (!reader.atEnd())
    failAt(reader.offset(), "operators remaining after end of function",
           DiagnosticKind::Malformed);
  // After everything else: what is invalid is so whether or not it can be
  // compiled.
  if (unemitted)
    failAt(unemitted, "garbage collection instructions are not supported yet",
           DiagnosticKind::Unsupported);
}

// Operand stack.

ValType FunctionValidator::popSlow(ValType expected) {
  const ControlFrame &frame = frames.back();
  if (operands.size() == frame.height) {
    if (!frame.isUnreachable)
      failMismatch(toString(expected), "nothing");
    return ValType::bottom();
  }
  ValType actual = operands.pop_back_val();
  if (!isSubtype(module, actual, expected))
    failMismatch(toString(expected), toString(actual));
  return actual;
}

ValType FunctionValidator::popAny() {
  const ControlFrame &frame = frames.back();
  if (operands.size() > frame.height)
    return operands.pop_back_val();
  if (!frame.isUnreachable)
    failMismatch("a value", "nothing");
  return ValType::bottom();
}

ValType FunctionValidator::popReference() {
  ValType type = popAny();
  if (type.kind == ValKind::Bottom)
    return ValType::ref(HeapKind::Bottom, /*nullable=*/false);
  if (!type.isRef())
    failMismatch("a reference", toString(type));
  return type;
}

void FunctionValidator::pop(llvm::ArrayRef<ValType> types) {
  for (ValType type : llvm::reverse(types)) {
    pop(type);
    if (error)
      return;
  }
}

void FunctionValidator::peek(llvm::ArrayRef<ValType> types) {
  const ControlFrame &frame = frames.back();
  size_t available = operands.size() - frame.height;
  for (size_t i = 0; i < types.size(); i++) {
    ValType expected = types[types.size() - 1 - i];
    if (i >= available) {
      if (!frame.isUnreachable)
        failMismatch(toString(expected), "nothing");
      return;
    }
    ValType actual = operands[operands.size() - 1 - i];
    if (actual == expected || isSubtype(module, actual, expected))
      continue;
    failMismatch(toString(expected), toString(actual));
    return;
  }
}

// Control stack.

void FunctionValidator::pushFrame(Opcode op, const BlockType &block) {
  frames.push_back({op, block, operands.size(), false, assigned.size()});
  push(startTypes(frames.back().block));
}

FunctionValidator::ControlFrame FunctionValidator::popFrame() {
  ControlFrame frame = frames.back();
  llvm::ArrayRef<ValType> results = endTypes(frame.block);
  pop(results);
  if (operands.size() != frame.height)
    fail("type mismatch in " + opcodeInfo(instruction.op).mnemonic +
         ": expected " + toString(results) + ", found " +
         llvm::Twine(operands.size() - frame.height) +
         " more values on the operand stack");
  for (; assigned.size() > frame.numAssigned; assigned.pop_back())
    isAssigned[assigned.back()] = false;
  frames.pop_back();
  return frame;
}

void FunctionValidator::setUnreachable() {
  operands.truncate(frames.back().height);
  frames.back().isUnreachable = true;
}

llvm::ArrayRef<ValType>
FunctionValidator::startTypes(const BlockType &block) const {
  if (block.kind != BlockType::Kind::Index)
    return {};
  return module.types[block.typeIndex].func.params;
}

llvm::ArrayRef<ValType>
FunctionValidator::endTypes(const BlockType &block) const {
  switch (block.kind) {
  case BlockType::Kind::Empty:
    return {};
  case BlockType::Kind::Value:
    return llvm::ArrayRef(block.value);
  case BlockType::Kind::Index:
    return module.types[block.typeIndex].func.results;
  }
  return {};
}

const FunctionValidator::ControlFrame *
FunctionValidator::label(uint32_t depth) {
  if (depth < frames.size())
    return &frames[frames.size() - 1 - depth];
  fail("unknown label " + llvm::Twine(depth) + ", the nesting is " +
       llvm::Twine(frames.size()));
  return nullptr;
}

llvm::ArrayRef<ValType>
FunctionValidator::labelTypes(const ControlFrame &frame) const {
  return frame.op == Opcode::Loop ? startTypes(frame.block)
                                  : endTypes(frame.block);
}

// Control instructions.

void FunctionValidator::visitBlock() {
  if (!checkBlockType(instruction.block))
    return;
  if (instruction.op == Opcode::If)
    pop(ValType::i32());
  pop(startTypes(instruction.block));
  if (!error)
    pushFrame(instruction.op, instruction.block);
}

void FunctionValidator::visitElse() {
  if (frames.back().op != Opcode::If) {
    fail("else without an if", DiagnosticKind::Malformed);
    return;
  }
  ControlFrame frame = popFrame();
  if (!error)
    pushFrame(Opcode::Else, frame.block);
}

void FunctionValidator::visitEnd() {
  ControlFrame frame = popFrame();
  if (error)
    return;
  // An if without an else passes its parameters on.
  if (frame.op == Opcode::If) {
    llvm::ArrayRef<ValType> params = startTypes(frame.block);
    llvm::ArrayRef<ValType> results = endTypes(frame.block);
    bool matches = params.size() == results.size();
    for (size_t i = 0; matches && i < params.size(); i++)
      matches = isSubtype(module, params[i], results[i]);
    if (!matches) {
      failMismatch(toString(results),
                   toString(params) + " from the missing else");
      return;
    }
  }
  push(endTypes(frame.block));
}

void FunctionValidator::visitBranch() {
  if (instruction.op == Opcode::BrIf)
    pop(ValType::i32());
  bool isReturn = instruction.op == Opcode::Return;
  const ControlFrame *target =
      isReturn ? &frames.front() : label(instruction.index);
  if (!target || error)
    return;
  if (instruction.op != Opcode::BrIf) {
    pop(labelTypes(*target));
    setUnreachable();
    return;
  }
  // Taken or not, the operands are of the label's types from here on.
  llvm::ArrayRef<ValType> types = labelTypes(*target);
  pop(types);
  push(types);
}

void FunctionValidator::visitBranchTable() {
  pop(ValType::i32());
  const ControlFrame *defaultTarget = label(instruction.labels.back());
  if (!defaultTarget || error)
    return;
  size_t arity = labelTypes(*defaultTarget).size();
  // Labels with the same list of types are checked once, so that many targets
  // of many results take linear time.
  llvm::SmallPtrSet<const ValType *, 8> checked;
  for (uint32_t depth : instruction.labels) {
    const ControlFrame *target = label(depth);
    if (!target)
      return;
    llvm::ArrayRef<ValType> types = labelTypes(*target);
    if (types.size() != arity)
      failMismatch(llvm::Twine(arity).str() + " values",
                   llvm::Twine(types.size()).str() + " values for label " +
                       std::to_string(depth));
    else if (types.size() <= 1 || checked.insert(types.data()).second)
      peek(types);
    if (error)
      return;
  }
  setUnreachable();
}

void FunctionValidator::visitCall() {
  if (!checkIndex("function", instruction.index, module.functions.size()))
    return;
  call(module.typeOfFunction(instruction.index));
}

/// The operands of a call are there already, its tail variant returns.
void FunctionValidator::call(const FuncType &type) {
  pop(type.params);
  if (!isTailCall(instruction.op)) {
    push(type.results);
    return;
  }
  llvm::ArrayRef<ValType> results = endTypes(frames.front().block);
  bool matches = results.size() == type.results.size();
  for (size_t i = 0; matches && i < results.size(); i++)
    matches = isSubtype(module, type.results[i], results[i]);
  if (!matches)
    failMismatch(toString(results), toString(type.results));
  setUnreachable();
}

void FunctionValidator::visitCallIndirect() {
  const FuncType *type = functionType(instruction.index);
  if (!type || !checkIndex("table", instruction.index2, module.tables.size()))
    return;
  const TableType &table = module.tables[instruction.index2].type;
  if (!isSubtype(module, table.element, ValType::funcref())) {
    failMismatch("a table of funcref", "table " +
                                           std::to_string(instruction.index2) +
                                           " of " + toString(table.element));
    return;
  }
  pop(addressType(table.limits));
  call(*type);
}

void FunctionValidator::visitCallRef() {
  const FuncType *type = functionType(instruction.index);
  if (!type)
    return;
  pop(ValType::refIndex(instruction.index, /*nullable=*/true));
  call(*type);
}

void FunctionValidator::visitBranchOnNull() {
  const ControlFrame *target = label(instruction.index);
  if (!target)
    return;
  ValType reference = popReference();
  llvm::ArrayRef<ValType> types = labelTypes(*target);
  pop(types);
  push(types);
  push(reference.withNull(false));
}

void FunctionValidator::visitBranchOnNonNull() {
  const ControlFrame *target = label(instruction.index);
  if (!target)
    return;
  llvm::ArrayRef<ValType> types = labelTypes(*target);
  if (types.empty() || !types.back().isRef()) {
    failMismatch("a label that takes a reference", toString(types));
    return;
  }
  pop(types.back().withNull(true));
  pop(types.drop_back());
  push(types.drop_back());
}

// Checks that more than one group needs.

bool FunctionValidator::checkIndex(const char *space, uint32_t index,
                                   size_t size) {
  if (index < size)
    return true;
  fail("unknown " + llvm::Twine(space) + " " + llvm::Twine(index) +
       ", there are " + llvm::Twine(size));
  return false;
}

bool FunctionValidator::checkType(ValType type, uint64_t offset) {
  if (type.isRef() && type.heap == HeapKind::Index &&
      type.typeIndex >= module.types.size()) {
    failAt(offset,
           "unknown type " + llvm::Twine(type.typeIndex) + ", there are " +
               llvm::Twine(module.types.size()),
           DiagnosticKind::Invalid);
    return false;
  }
  return true;
}

bool FunctionValidator::checkBlockType(const BlockType &block) {
  switch (block.kind) {
  case BlockType::Kind::Empty:
    return true;
  case BlockType::Kind::Value:
    return checkType(block.value, instruction.offset);
  case BlockType::Kind::Index:
    break;
  }
  return functionType(block.typeIndex) != nullptr;
}

const FuncType *FunctionValidator::functionType(uint32_t index) {
  if (!checkIndex("type", index, module.types.size()))
    return nullptr;
  if (module.types[index].kind == CompositeKind::Func)
    return &module.types[index].func;
  fail("type " + llvm::Twine(index) + " is not a function type");
  return nullptr;
}

void FunctionValidator::failMismatch(llvm::StringRef expected,
                                     llvm::StringRef found) {
  fail("type mismatch in " + opcodeInfo(instruction.op).mnemonic +
       ": expected " + expected + ", found " + found);
}

void FunctionValidator::failAt(uint64_t offset, const llvm::Twine &message,
                               DiagnosticKind kind) {
  if (error)
    return;
  if (constant) {
    error.set(kind, offset, *constant + ": " + message);
    return;
  }
  std::string where = "function " + std::to_string(functionIndex);
  llvm::StringRef name = module.functions[functionIndex].knownName();
  if (!name.empty())
    where += " " + quote(name);
  error.set(kind, offset, where + ": " + message);
}

} // namespace wasmetal
