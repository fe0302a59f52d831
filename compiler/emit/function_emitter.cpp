// The frame of a function's emission: prologue, dispatch, source locations.
#include "compiler/emit/function_emitter.h"

#include "llvm/IR/DebugInfoMetadata.h"

using namespace llvm;
using namespace wasmetal;

FunctionEmitter::FunctionEmitter(ModuleEmitter &emitter,
                                 const ValidatedFunction &function)
    : emitter(emitter), function(function), wasm(function.module()),
      llvmFunction(emitter.function(function.index())),
      builder(emitter.context), instance(emitter.instanceIn(llvmFunction)),
      memoryBases(wasm.memories.size()) {}

/// Whether the function is run once and before all others: a program's start,
/// which nothing names but its export.
static bool runsFirst(const ModuleEmitter &emitter, uint32_t index) {
  const wasmetal::Module &wasm = emitter.wasm;
  const wasmetal::Function &start = wasm.functions[index];
  if (!emitter.options.staticInstance || !emitter.options.isProgram ||
      wasm.start || start.exportName != "_start" || start.numNames != 1 ||
      start.isTaken)
    return false;
  return none_of(wasm.exports,
                 [](const Export &exported) {
                   return exported.kind == ExternKind::Function &&
                          exported.name == "_initialize";
                 }) &&
         none_of(wasm.functions, [&](const wasmetal::Function &function) {
           return is_contained(function.callees, index);
         });
}

/// What may give globals other values, or go back to where they had the first.
static bool endsFirstValues(Opcode op) {
  switch (op) {
  case Opcode::Call:
  case Opcode::CallIndirect:
  case Opcode::CallRef:
  case Opcode::GlobalSet:
  case Opcode::Loop:
    return true;
  default:
    return false;
  }
}

void FunctionEmitter::emit() {
  subprogram = emitter.debugSubprogram(llvmFunction, function.codeOffset());
  BasicBlock *entry = newBlock("entry");
  BasicBlock *body = newBlock("body");
  entryEnd = BranchInst::Create(body, entry);
  builder.SetInsertPoint(entryEnd);

  auto [buffer, params] =
      emitter.parametersOf(builder, llvmFunction, function.type());
  resultBuffer = buffer;
  for (size_t i = 0; i < function.locals().size(); ++i) {
    ValType type = function.locals()[i];
    AllocaInst *local = builder.CreateAlloca(emitter.type(type));
    builder.CreateStore(i < params.size() ? params[i] : zero(type), local);
    locals.push_back(local);
  }

  builder.SetInsertPoint(body);
  ControlFrame frame;
  frame.results = function.type().results;
  frames.push_back(std::move(frame));
  InstructionReader reader(function.code(), function.codeOffset());
  Instruction inst;
  if (emitter.options.metered)
    checkFuel(function.codeOffset());
  isFirst = runsFirst(emitter, function.index());
  while (reader.next(inst)) {
    if (!reachable && skipUnreachable(inst))
      continue;
    isFirst = isFirst && !endsFirstValues(inst.op);
    if (emitter.options.metered)
      countFuel(inst);
    setLocation(inst);
    dispatch(inst);
    if (emitter.options.metered && inst.op == Opcode::Loop)
      checkFuel(inst.offset);
  }
  assert(frames.empty() && "validated code ends its blocks");
}

void FunctionEmitter::dispatch(const Instruction &inst) {
  switch (inst.op) {
#define OPCODE(name, prefix, code, mnemonic, immediate, signature, feature)    \
  case Opcode::name:                                                           \
    return emit##name(inst);
#define UNEMITTED(name, prefix, code, mnemonic, immediate, signature, feature) \
  case Opcode::name:
#include "compiler/wasm/opcodes.def"
    break;
  }
  llvm_unreachable("the validator refuses what is not emitted");
}

/// Whether `inst` stands in code that no path reaches; blocks that are opened
/// there end there.
bool FunctionEmitter::skipUnreachable(const Instruction &inst) {
  switch (inst.op) {
  case Opcode::Block:
  case Opcode::Loop:
  case Opcode::If:
  case Opcode::TryTable:
  case Opcode::Try:
    ++skippedBlocks;
    return true;
  case Opcode::Else:
  case Opcode::Catch:
  case Opcode::CatchAll:
    return skippedBlocks > 0;
  case Opcode::Delegate:
  case Opcode::End:
    if (skippedBlocks == 0)
      return false;
    --skippedBlocks;
    return true;
  default:
    return true;
  }
}

/// Calls into the runtime that may trap are the places that a trap's report
/// names; what cannot trap needs a location only for debuggers.
void FunctionEmitter::setLocation(const Instruction &inst) {
  if (!subprogram)
    return;
  Immediate immediate = opcodeInfo(inst.op).immediate;
  bool mayTrap =
      immediate != Immediate::None && immediate != Immediate::Local &&
      immediate != Immediate::Label && immediate != Immediate::Block &&
      immediate != Immediate::V128 && immediate != Immediate::Shuffle &&
      immediate != Immediate::Lane;
  if (immediate == Immediate::None)
    switch (inst.op) {
    case Opcode::Unreachable:
    case Opcode::RefAsNonNull:
    case Opcode::ThrowRef:
    case Opcode::I32DivS:
    case Opcode::I32DivU:
    case Opcode::I32RemS:
    case Opcode::I32RemU:
    case Opcode::I64DivS:
    case Opcode::I64DivU:
    case Opcode::I64RemS:
    case Opcode::I64RemU:
    case Opcode::I32TruncF32S:
    case Opcode::I32TruncF32U:
    case Opcode::I32TruncF64S:
    case Opcode::I32TruncF64U:
    case Opcode::I64TruncF32S:
    case Opcode::I64TruncF32U:
    case Opcode::I64TruncF64S:
    case Opcode::I64TruncF64U:
      mayTrap = true;
      break;
    default:
      break;
    }
  if (mayTrap || emitter.options.debug == DebugLevel::Full)
    builder.SetCurrentDebugLocation(DILocation::get(
        emitter.context, static_cast<unsigned>(inst.offset), 0, subprogram));
  else
    builder.SetCurrentDebugLocation(DebugLoc());
}

SmallVector<Value *, 4> FunctionEmitter::popMany(size_t count) {
  SmallVector<Value *, 4> values(stack.end() - count, stack.end());
  stack.resize(stack.size() - count);
  return values;
}

BasicBlock *FunctionEmitter::newBlock(const char *name) {
  return BasicBlock::Create(emitter.context, name, llvmFunction);
}

Constant *FunctionEmitter::zero(ValType type) {
  return Constant::getNullValue(emitter.type(type));
}

void wasmetal::emitFunction(ModuleEmitter &emitter,
                            const ValidatedFunction &function) {
  FunctionEmitter(emitter, function).emit();
}
