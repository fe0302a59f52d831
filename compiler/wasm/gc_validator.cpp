// The rules of structures, arrays, casts and 31-bit integers.
// https://webassembly.github.io/spec/core/valid/instructions.html#reference-instructions
//
// The sandbox rests on this file.
#include "compiler/wasm/function_validator.h"

#include "compiler/wasm/subtyping.h"

namespace wasmetal {

/// What a field holds on the operand stack: packed ones are i32 there.
static ValType unpacked(const FieldType &field) { return field.type; }

static bool isPacked(const FieldType &field) {
  return field.packed != PackedKind::None;
}

void FunctionValidator::visitGc() {
  switch (instruction.op) {
  case Opcode::RefEq:
    pop(ValType::ref(HeapKind::Eq));
    pop(ValType::ref(HeapKind::Eq));
    push(ValType::i32());
    return;
  case Opcode::RefI31:
    pop(ValType::i32());
    push(ValType::ref(HeapKind::I31, /*nullable=*/false));
    return;
  case Opcode::I31GetS:
  case Opcode::I31GetU:
    pop(ValType::ref(HeapKind::I31));
    push(ValType::i32());
    return;
  case Opcode::AnyConvertExtern:
  case Opcode::ExternConvertAny: {
    bool toAny = instruction.op == Opcode::AnyConvertExtern;
    ValType from = ValType::ref(toAny ? HeapKind::Extern : HeapKind::Any);
    bool isNullable = pop(from).nullable;
    push(ValType::ref(toAny ? HeapKind::Any : HeapKind::Extern, isNullable));
    return;
  }
  case Opcode::RefTest:
  case Opcode::RefTestNull:
  case Opcode::RefCast:
  case Opcode::RefCastNull:
    return visitCast();
  case Opcode::BrOnCast:
  case Opcode::BrOnCastFail:
    return visitBranchOnCast();
  case Opcode::StructNew:
  case Opcode::StructNewDefault:
  case Opcode::StructGet:
  case Opcode::StructGetS:
  case Opcode::StructGetU:
  case Opcode::StructSet:
    return visitStruct();
  case Opcode::ArrayLen:
    pop(ValType::ref(HeapKind::Array));
    push(ValType::i32());
    return;
  case Opcode::ArrayNewData:
  case Opcode::ArrayNewElem:
  case Opcode::ArrayInitData:
  case Opcode::ArrayInitElem:
    return visitArrayOfSegment();
  case Opcode::ArrayCopy:
    return visitArrayCopy();
  default:
    return visitArray();
  }
}

const DefinedType *FunctionValidator::definedType(uint32_t index,
                                                  CompositeKind kind) {
  if (!checkIndex("type", index, module.types.size()))
    return nullptr;
  if (module.types[index].kind == kind)
    return &module.types[index];
  fail("type " + llvm::Twine(index) + " is not " +
       (kind == CompositeKind::Struct ? "a structure" : "an array") + " type");
  return nullptr;
}

const FieldType *FunctionValidator::field(const DefinedType &type) {
  if (!checkIndex("field", instruction.index2, type.fields.size()))
    return nullptr;
  return &type.fields[instruction.index2];
}

/// A packed field is read with an extension, and only that one.
void FunctionValidator::checkGet(const FieldType &field, bool isUnpacking) {
  if (isPacked(field) != isUnpacking)
    fail("type mismatch in " + opcodeInfo(instruction.op).mnemonic +
         ": the field is " + (isPacked(field) ? "packed" : "not packed"));
}

void FunctionValidator::checkMutable(const FieldType &field) {
  if (!field.isMutable)
    fail("immutable field or array in " + opcodeInfo(instruction.op).mnemonic);
}

void FunctionValidator::visitStruct() {
  const DefinedType *type =
      definedType(instruction.index, CompositeKind::Struct);
  if (!type)
    return;
  ValType reference = ValType::refIndex(instruction.index, /*nullable=*/true);
  if (instruction.op == Opcode::StructNew) {
    for (const FieldType &each : llvm::reverse(type->fields))
      pop(unpacked(each));
    push(reference.withNull(false));
    return;
  }
  if (instruction.op == Opcode::StructNewDefault) {
    for (const FieldType &each : type->fields)
      if (!each.type.isDefaultable())
        failMismatch("fields with default values", toString(each.type));
    push(reference.withNull(false));
    return;
  }
  const FieldType *accessed = field(*type);
  if (!accessed)
    return;
  if (instruction.op == Opcode::StructSet) {
    checkMutable(*accessed);
    pop(unpacked(*accessed));
    pop(reference);
    return;
  }
  checkGet(*accessed, instruction.op != Opcode::StructGet);
  pop(reference);
  push(unpacked(*accessed));
}

void FunctionValidator::visitArray() {
  const DefinedType *type =
      definedType(instruction.index, CompositeKind::Array);
  if (!type)
    return;
  ValType reference = ValType::refIndex(instruction.index, /*nullable=*/true);
  const FieldType &element = type->fields.front();
  switch (instruction.op) {
  case Opcode::ArrayNew:
    pop(ValType::i32());
    pop(unpacked(element));
    push(reference.withNull(false));
    return;
  case Opcode::ArrayNewDefault:
    if (!element.type.isDefaultable())
      failMismatch("elements with a default value", toString(element.type));
    pop(ValType::i32());
    push(reference.withNull(false));
    return;
  case Opcode::ArrayNewFixed:
    for (uint32_t i = 0; i < instruction.index2 && !error; i++) {
      // What unreachable code lacks is there as often as it is asked for.
      if (operands.size() == frames.back().height)
        i = instruction.index2 - 1;
      pop(unpacked(element));
    }
    push(reference.withNull(false));
    return;
  case Opcode::ArrayGet:
  case Opcode::ArrayGetS:
  case Opcode::ArrayGetU:
    checkGet(element, instruction.op != Opcode::ArrayGet);
    pop(ValType::i32());
    pop(reference);
    push(unpacked(element));
    return;
  case Opcode::ArraySet:
    checkMutable(element);
    pop(unpacked(element));
    pop(ValType::i32());
    pop(reference);
    return;
  default: // ArrayFill
    checkMutable(element);
    pop(ValType::i32());
    pop(unpacked(element));
    pop(ValType::i32());
    pop(reference);
    return;
  }
}

/// Whether the segment that the instruction names may fill such elements.
bool FunctionValidator::checkSegmentFor(const FieldType &element) {
  uint32_t index = instruction.index2;
  if (opcodeInfo(instruction.op).immediate == Immediate::TypeData) {
    if (!checkDataSegment(index))
      return false;
    if (element.type.isRef())
      failMismatch("elements of numbers or vectors", toString(element.type));
    return !error;
  }
  if (!checkIndex("element segment", index, module.elements.size()))
    return false;
  if (isPacked(element) ||
      !isSubtype(module, module.elements[index].type, element.type))
    failMismatch("a segment of " + toString(element.type),
                 toString(module.elements[index].type));
  return !error;
}

void FunctionValidator::visitArrayOfSegment() {
  const DefinedType *type =
      definedType(instruction.index, CompositeKind::Array);
  if (!type || !checkSegmentFor(type->fields.front()))
    return;
  ValType reference = ValType::refIndex(instruction.index, /*nullable=*/true);
  pop(ValType::i32());
  pop(ValType::i32());
  if (instruction.op == Opcode::ArrayNewData ||
      instruction.op == Opcode::ArrayNewElem) {
    push(reference.withNull(false));
    return;
  }
  checkMutable(type->fields.front());
  pop(ValType::i32());
  pop(reference);
}

void FunctionValidator::visitArrayCopy() {
  const DefinedType *to = definedType(instruction.index, CompositeKind::Array);
  const DefinedType *from =
      to ? definedType(instruction.index2, CompositeKind::Array) : nullptr;
  if (!from)
    return;
  const FieldType &target = to->fields.front(), &source = from->fields.front();
  checkMutable(target);
  if (target.packed != source.packed ||
      !isSubtype(module, source.type, target.type))
    failMismatch("array types match: " + toString(target.type),
                 toString(source.type));
  pop(ValType::i32());
  pop(ValType::i32());
  pop(ValType::refIndex(instruction.index2, /*nullable=*/true));
  pop(ValType::i32());
  pop(ValType::refIndex(instruction.index, /*nullable=*/true));
}

// Casts.

void FunctionValidator::visitCast() {
  bool isTest = instruction.op == Opcode::RefTest ||
                instruction.op == Opcode::RefTestNull;
  bool isNullable = instruction.op == Opcode::RefTestNull ||
                    instruction.op == Opcode::RefCastNull;
  ValType target = instruction.type.withNull(isNullable);
  if (!checkType(target, instruction.offset))
    return;
  pop(topOf(module, target));
  push(isTest ? ValType::i32() : target);
}

void FunctionValidator::visitBranchOnCast() {
  ValType from = instruction.types[0], to = instruction.types[1];
  const ControlFrame *target = label(instruction.index);
  if (!target || !checkType(from, instruction.offset) ||
      !checkType(to, instruction.offset))
    return;
  if (!isSubtype(module, to, from)) {
    failMismatch("a subtype of " + toString(from), toString(to));
    return;
  }
  // What is left of `from` where the cast failed: null only if `to` lacks it.
  ValType rest = to.nullable ? from.withNull(false) : from;
  bool branchesOnFail = instruction.op == Opcode::BrOnCastFail;
  ValType taken = branchesOnFail ? rest : to;
  llvm::ArrayRef<ValType> types = labelTypes(*target);
  if (types.empty() || !isSubtype(module, taken, types.back())) {
    failMismatch("a label that takes " + toString(taken), toString(types));
    return;
  }
  pop(from);
  pop(types.drop_back());
  push(types.drop_back());
  push(branchesOnFail ? to : rest);
}

} // namespace wasmetal
