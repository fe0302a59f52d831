// The rules of all but the control instructions.
// https://webassembly.github.io/spec/core/valid/instructions.html
//
// The sandbox rests on this file.
#include "compiler/wasm/function_validator.h"

#include "compiler/wasm/subtyping.h"

namespace wasmetal {

namespace {

/// A load's or store's value and the logarithm of its width in memory.
struct MemoryAccess {
  ValType type;
  uint32_t widthLog2;
  bool isStore;
};

} // namespace

static MemoryAccess memoryAccess(Opcode op) {
  switch (op) {
  case Opcode::I32Load:
    return {ValType::i32(), 2, false};
  case Opcode::I64Load:
    return {ValType::i64(), 3, false};
  case Opcode::F32Load:
    return {ValType::f32(), 2, false};
  case Opcode::F64Load:
    return {ValType::f64(), 3, false};
  case Opcode::I32Load8S:
  case Opcode::I32Load8U:
    return {ValType::i32(), 0, false};
  case Opcode::I32Load16S:
  case Opcode::I32Load16U:
    return {ValType::i32(), 1, false};
  case Opcode::I64Load8S:
  case Opcode::I64Load8U:
    return {ValType::i64(), 0, false};
  case Opcode::I64Load16S:
  case Opcode::I64Load16U:
    return {ValType::i64(), 1, false};
  case Opcode::I64Load32S:
  case Opcode::I64Load32U:
    return {ValType::i64(), 2, false};
  case Opcode::I32Store:
    return {ValType::i32(), 2, true};
  case Opcode::I64Store:
    return {ValType::i64(), 3, true};
  case Opcode::F32Store:
    return {ValType::f32(), 2, true};
  case Opcode::F64Store:
    return {ValType::f64(), 3, true};
  case Opcode::I32Store8:
    return {ValType::i32(), 0, true};
  case Opcode::I32Store16:
    return {ValType::i32(), 1, true};
  case Opcode::I64Store8:
    return {ValType::i64(), 0, true};
  case Opcode::I64Store16:
    return {ValType::i64(), 1, true};
  case Opcode::I64Store32:
    return {ValType::i64(), 2, true};
  case Opcode::V128Load:
    return {ValType::v128(), 4, false};
  case Opcode::V128Load8x8S:
  case Opcode::V128Load8x8U:
  case Opcode::V128Load16x4S:
  case Opcode::V128Load16x4U:
  case Opcode::V128Load32x2S:
  case Opcode::V128Load32x2U:
  case Opcode::V128Load64Splat:
  case Opcode::V128Load64Zero:
  case Opcode::V128Load64Lane:
    return {ValType::v128(), 3, false};
  case Opcode::V128Load32Splat:
  case Opcode::V128Load32Zero:
  case Opcode::V128Load32Lane:
    return {ValType::v128(), 2, false};
  case Opcode::V128Load16Splat:
  case Opcode::V128Load16Lane:
    return {ValType::v128(), 1, false};
  case Opcode::V128Load8Splat:
  case Opcode::V128Load8Lane:
    return {ValType::v128(), 0, false};
  case Opcode::V128Store:
    return {ValType::v128(), 4, true};
  case Opcode::V128Store64Lane:
    return {ValType::v128(), 3, true};
  case Opcode::V128Store32Lane:
    return {ValType::v128(), 2, true};
  case Opcode::V128Store16Lane:
    return {ValType::v128(), 1, true};
  case Opcode::V128Store8Lane:
    return {ValType::v128(), 0, true};
  default:
    llvm_unreachable("not a load or store");
  }
}

/// Of a copy between two memories or tables: 64-bit if both are.
static ValType sizeType(const Limits &destination, const Limits &source) {
  return is64(destination) ? addressType(source) : ValType::i32();
}

void FunctionValidator::visit() {
  switch (instruction.op) {
  case Opcode::Unreachable:
    return setUnreachable();
  case Opcode::Block:
  case Opcode::Loop:
  case Opcode::If:
    return visitBlock();
  case Opcode::Else:
    return visitElse();
  case Opcode::End:
    return visitEnd();
  case Opcode::Br:
  case Opcode::BrIf:
  case Opcode::Return:
    return visitBranch();
  case Opcode::BrTable:
    return visitBranchTable();
  case Opcode::Call:
  case Opcode::ReturnCall:
    return visitCall();
  case Opcode::CallIndirect:
  case Opcode::ReturnCallIndirect:
    return visitCallIndirect();
  case Opcode::Throw:
    return visitThrow();
  case Opcode::ThrowRef:
    return visitThrowRef();
  case Opcode::TryTable:
    return visitTryTable();
  case Opcode::Try:
    return visitBlock();
  case Opcode::Catch:
  case Opcode::CatchAll:
    return visitCatch();
  case Opcode::Rethrow:
    return visitRethrow();
  case Opcode::Delegate:
    return visitDelegate();
  case Opcode::CallRef:
  case Opcode::ReturnCallRef:
    return visitCallRef();
  case Opcode::BrOnNull:
    return visitBranchOnNull();
  case Opcode::BrOnNonNull:
    return visitBranchOnNonNull();
  case Opcode::Drop:
    popAny();
    return;
  case Opcode::Select:
    return visitSelect();
  case Opcode::SelectTyped:
    return visitSelectTyped();
  case Opcode::LocalGet:
  case Opcode::LocalSet:
  case Opcode::LocalTee:
    return visitLocal();
  case Opcode::GlobalGet:
  case Opcode::GlobalSet:
    return visitGlobal();
  case Opcode::TableGet:
  case Opcode::TableSet:
  case Opcode::TableGrow:
  case Opcode::TableSize:
  case Opcode::TableFill:
    return visitTable();
  case Opcode::TableInit:
    return visitTableInit();
  case Opcode::TableCopy:
    return visitTableCopy();
  case Opcode::ElemDrop:
    checkIndex("element segment", instruction.index, module.elements.size());
    return;
  case Opcode::MemorySize:
  case Opcode::MemoryGrow:
  case Opcode::MemoryFill:
    return visitMemory();
  case Opcode::MemoryInit:
    return visitMemoryInit();
  case Opcode::MemoryCopy:
    return visitMemoryCopy();
  case Opcode::DataDrop:
    checkDataSegment(instruction.index);
    return;
  case Opcode::RefNull:
  case Opcode::RefIsNull:
  case Opcode::RefFunc:
  case Opcode::RefAsNonNull:
    return visitReference();
  default:
    break;
  }
  switch (opcodeInfo(instruction.op).immediate) {
  case Immediate::MemArg:
  case Immediate::MemArgLane:
    return visitLoadOrStore();
  case Immediate::Atomic8:
  case Immediate::Atomic16:
  case Immediate::Atomic32:
  case Immediate::Atomic64:
    return visitAtomic();
  case Immediate::Lane:
  case Immediate::Shuffle:
    checkLanes();
    return visitFixed();
  default:
    if (opcodeInfo(instruction.op).feature == Feature::Gc)
      return visitGc();
    return visitFixed();
  }
}

void FunctionValidator::visitFixed() {
  const OpcodeInfo &info = opcodeInfo(instruction.op);
  assert(info.isFixed && "an instruction without a rule");
  pop(info.params);
  push(info.results);
}

// Parametric instructions.

void FunctionValidator::visitSelect() {
  pop(ValType::i32());
  ValType right = popAny();
  ValType left = popAny();
  for (ValType type : {left, right})
    if (type.isRef())
      failMismatch("a number or vector", toString(type));
  if (left != right && left.kind != ValKind::Bottom &&
      right.kind != ValKind::Bottom)
    failMismatch(toString(left), toString(right));
  push(left.kind == ValKind::Bottom ? right : left);
}

void FunctionValidator::visitSelectTyped() {
  if (instruction.types.size() != 1) {
    fail("invalid result arity in select: expected 1 type, found " +
         llvm::Twine(instruction.types.size()));
    return;
  }
  ValType type = instruction.types.front();
  if (!checkType(type, instruction.offset))
    return;
  pop(ValType::i32());
  pop(type);
  pop(type);
  push(type);
}

// Variable instructions.

void FunctionValidator::visitLocal() {
  if (!checkIndex("local", instruction.index, locals.size()))
    return;
  ValType type = locals[instruction.index];
  if (instruction.op == Opcode::LocalGet) {
    if (!isAssigned[instruction.index])
      fail("uninitialized local " + llvm::Twine(instruction.index) + " of " +
           toString(type));
    push(type);
    return;
  }
  pop(type);
  if (!isAssigned[instruction.index]) {
    isAssigned[instruction.index] = true;
    assigned.push_back(instruction.index);
  }
  if (instruction.op != Opcode::LocalSet)
    push(type);
}

void FunctionValidator::visitGlobal() {
  if (!checkIndex("global", instruction.index, numGlobals))
    return;
  const GlobalType &type = module.globals[instruction.index].type;
  if (constant && type.isMutable)
    fail("constant expression required: global " +
         llvm::Twine(instruction.index) + " is mutable");
  if (instruction.op == Opcode::GlobalGet) {
    push(type.type);
    return;
  }
  if (!type.isMutable) {
    fail("immutable global " + llvm::Twine(instruction.index) +
         " in global.set");
    return;
  }
  pop(type.type);
}

// Reference instructions.

void FunctionValidator::visitReference() {
  if (instruction.op == Opcode::RefNull) {
    if (checkType(instruction.type, instruction.offset))
      push(instruction.type);
    return;
  }
  if (instruction.op == Opcode::RefIsNull) {
    popReference();
    push(ValType::i32());
    return;
  }
  if (instruction.op == Opcode::RefAsNonNull) {
    push(popReference().withNull(false));
    return;
  }
  if (!checkIndex("function", instruction.index, module.functions.size()))
    return;
  const Function &function = module.functions[instruction.index];
  if (!function.isDeclaredRef)
    fail("undeclared function reference " + llvm::Twine(instruction.index));
  push(ValType::refIndex(function.typeIndex, /*nullable=*/false));
}

// Table instructions.

void FunctionValidator::visitTable() {
  if (!checkIndex("table", instruction.index, module.tables.size()))
    return;
  const TableType &table = module.tables[instruction.index].type;
  ValType address = addressType(table.limits);
  switch (instruction.op) {
  case Opcode::TableGet:
    pop(address);
    push(table.element);
    return;
  case Opcode::TableSet:
    pop(table.element);
    pop(address);
    return;
  case Opcode::TableGrow:
    pop(address);
    pop(table.element);
    push(address);
    return;
  case Opcode::TableSize:
    push(address);
    return;
  default: // TableFill
    pop(address);
    pop(table.element);
    pop(address);
    return;
  }
}

void FunctionValidator::visitTableInit() {
  if (!checkIndex("element segment", instruction.index,
                  module.elements.size()) ||
      !checkIndex("table", instruction.index2, module.tables.size()))
    return;
  const TableType &table = module.tables[instruction.index2].type;
  ValType type = module.elements[instruction.index].type;
  if (!isSubtype(module, type, table.element))
    failMismatch("a segment of " + toString(table.element), toString(type));
  pop(ValType::i32());
  pop(ValType::i32());
  pop(addressType(table.limits));
}

void FunctionValidator::visitTableCopy() {
  if (!checkIndex("table", instruction.index, module.tables.size()) ||
      !checkIndex("table", instruction.index2, module.tables.size()))
    return;
  const TableType &destination = module.tables[instruction.index].type;
  const TableType &source = module.tables[instruction.index2].type;
  if (!isSubtype(module, source.element, destination.element))
    failMismatch("a table of " + toString(destination.element),
                 toString(source.element));
  pop(sizeType(destination.limits, source.limits));
  pop(addressType(source.limits));
  pop(addressType(destination.limits));
}

// Memory instructions.

const Limits *FunctionValidator::memoryLimits(uint32_t index) {
  if (!checkIndex("memory", index, module.memories.size()))
    return nullptr;
  return &module.memories[index].type.limits;
}

bool FunctionValidator::checkDataSegment(uint32_t index) {
  if (!module.dataCount) {
    fail("data count section required for " +
             opcodeInfo(instruction.op).mnemonic,
         DiagnosticKind::Malformed);
    return false;
  }
  return checkIndex("data segment", index, module.data.size());
}

void FunctionValidator::visitMemory() {
  const Limits *limits = memoryLimits(instruction.index);
  if (!limits)
    return;
  ValType address = addressType(*limits);
  switch (instruction.op) {
  case Opcode::MemorySize:
    push(address);
    return;
  case Opcode::MemoryGrow:
    pop(address);
    push(address);
    return;
  default: // MemoryFill
    pop(address);
    pop(ValType::i32());
    pop(address);
    return;
  }
}

void FunctionValidator::visitMemoryInit() {
  const Limits *limits = memoryLimits(instruction.index2);
  if (!limits || !checkDataSegment(instruction.index))
    return;
  pop(ValType::i32());
  pop(ValType::i32());
  pop(addressType(*limits));
}

void FunctionValidator::visitMemoryCopy() {
  const Limits *destination = memoryLimits(instruction.index);
  const Limits *source = memoryLimits(instruction.index2);
  if (!destination || !source)
    return;
  pop(sizeType(*destination, *source));
  pop(addressType(*source));
  pop(addressType(*destination));
}

void FunctionValidator::checkOffset(const Limits &limits) {
  if (!is64(limits) && instruction.memory.offset > UINT32_MAX)
    fail("offset out of range: expected at most 4294967295, found " +
         llvm::Twine(instruction.memory.offset));
}

void FunctionValidator::visitLoadOrStore() {
  const MemArg &argument = instruction.memory;
  const Limits *limits = memoryLimits(argument.memory);
  if (!limits)
    return;
  MemoryAccess access = memoryAccess(instruction.op);
  if (argument.alignLog2 > access.widthLog2)
    fail("alignment must not be larger than natural: expected at most 2^" +
         llvm::Twine(access.widthLog2) + ", found 2^" +
         llvm::Twine(argument.alignLog2));
  checkOffset(*limits);
  bool isLane = opcodeInfo(instruction.op).immediate == Immediate::MemArgLane;
  if (isLane)
    checkLanes();
  if (access.isStore || isLane)
    pop(access.type);
  pop(addressType(*limits));
  if (!access.isStore)
    push(access.type);
}

void FunctionValidator::visitAtomic() {
  const Limits *limits = memoryLimits(instruction.memory.memory);
  if (!limits)
    return;
  const OpcodeInfo &info = opcodeInfo(instruction.op);
  uint32_t natural = static_cast<uint32_t>(info.immediate) -
                     static_cast<uint32_t>(Immediate::Atomic8);
  if (instruction.memory.alignLog2 != natural)
    fail("alignment of an atomic access must be natural: expected 2^" +
         llvm::Twine(natural) + ", found 2^" +
         llvm::Twine(instruction.memory.alignLog2));
  checkOffset(*limits);
  pop(info.params);
  pop(addressType(*limits));
  push(info.results);
}

// Vector instructions.

/// How many lanes an instruction's immediate may choose from.
static uint32_t laneCount(Opcode op) {
  switch (op) {
  case Opcode::I8x16Shuffle: // two vectors
    return 32;
  case Opcode::I8x16ExtractLaneS:
  case Opcode::I8x16ExtractLaneU:
  case Opcode::I8x16ReplaceLane:
    return 16;
  case Opcode::I16x8ExtractLaneS:
  case Opcode::I16x8ExtractLaneU:
  case Opcode::I16x8ReplaceLane:
    return 8;
  case Opcode::I32x4ExtractLane:
  case Opcode::I32x4ReplaceLane:
  case Opcode::F32x4ExtractLane:
  case Opcode::F32x4ReplaceLane:
    return 4;
  case Opcode::I64x2ExtractLane:
  case Opcode::I64x2ReplaceLane:
  case Opcode::F64x2ExtractLane:
  case Opcode::F64x2ReplaceLane:
    return 2;
  default:
    return 16u >> memoryAccess(op).widthLog2;
  }
}

void FunctionValidator::checkLanes() {
  uint32_t lane = instruction.index;
  if (instruction.op == Opcode::I8x16Shuffle)
    lane = *llvm::max_element(instruction.bytes);
  uint32_t count = laneCount(instruction.op);
  if (lane >= count)
    fail("invalid lane index in " + opcodeInfo(instruction.op).mnemonic +
         ": expected less than " + llvm::Twine(count) + ", found " +
         llvm::Twine(lane));
}

} // namespace wasmetal
