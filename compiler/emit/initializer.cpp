// The code that instantiation runs: globals, tables with initialisers, active
// segments.
#include "compiler/emit/module_emitter.h"
#include "compiler/wasm/instruction_reader.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class InitializerEmitter {
public:
  explicit InitializerEmitter(ModuleEmitter &emitter)
      : emitter(emitter), wasm(emitter.wasm) {}
  llvm::Function *initializer();
  llvm::Function *elements(uint32_t index);

private:
  ModuleEmitter &emitter;
  const wasmetal::Module &wasm;

  Constant *word(uint64_t value) {
    return ConstantInt::get(emitter.i32, value);
  }
  Constant *quad(uint64_t value) {
    return ConstantInt::get(emitter.i64, value);
  }
  Constant *null() { return ConstantPointerNull::get(emitter.pointer); }
  llvm::Function *makeFunction(const Twine &name, FunctionType *type);
  Value *evaluate(IRBuilder<> &builder, Value *instance,
                  const ConstExpr &expression);
};

} // namespace

llvm::Function *InitializerEmitter::makeFunction(const Twine &name,
                                                 FunctionType *type) {
  auto *function =
      llvm::Function::Create(type, GlobalValue::InternalLinkage,
                             emitter.symbol(name), *emitter.module);
  function->addFnAttr(Attribute::NoUnwind);
  function->addFnAttr(Attribute::Cold);
  BasicBlock::Create(emitter.context, "entry", function);
  return function;
}

Value *InitializerEmitter::evaluate(IRBuilder<> &builder, Value *instance,
                                    const ConstExpr &expression) {
  InstructionReader reader(expression.bytes, expression.offset);
  SmallVector<Value *, 4> stack;
  wasmetal::Instruction inst;
  auto combine = [&](llvm::Instruction::BinaryOps op) {
    Value *right = stack.pop_back_val();
    Value *left = stack.pop_back_val();
    stack.push_back(builder.CreateBinOp(op, left, right));
  };
  while (reader.next(inst)) {
    switch (inst.op) {
    case Opcode::I32Const:
      stack.push_back(word(static_cast<uint32_t>(inst.bits)));
      break;
    case Opcode::I64Const:
      stack.push_back(quad(inst.bits));
      break;
    case Opcode::F32Const:
      stack.push_back(
          ConstantFP::get(emitter.context, APFloat(APFloat::IEEEsingle(),
                                                   APInt(32, inst.bits))));
      break;
    case Opcode::F64Const:
      stack.push_back(
          ConstantFP::get(emitter.context, APFloat(APFloat::IEEEdouble(),
                                                   APInt(64, inst.bits))));
      break;
    case Opcode::V128Const:
      stack.push_back(emitter.vectorConstant(inst.bytes));
      break;
    case Opcode::GlobalGet:
      stack.push_back(builder.CreateAlignedLoad(
          emitter.type(wasm.globals[inst.index].type.type),
          emitter.globalPointer(builder, instance, inst.index), Align(8)));
      break;
    case Opcode::RefNull:
      stack.push_back(null());
      break;
    case Opcode::RefFunc:
      stack.push_back(emitter.reference(builder, instance, inst.index));
      break;
    case Opcode::I32Add:
    case Opcode::I64Add:
      combine(llvm::Instruction::Add);
      break;
    case Opcode::I32Sub:
    case Opcode::I64Sub:
      combine(llvm::Instruction::Sub);
      break;
    case Opcode::I32Mul:
    case Opcode::I64Mul:
      combine(llvm::Instruction::Mul);
      break;
    case Opcode::End:
      return stack.back();
    default:
      llvm_unreachable("not a constant instruction");
    }
  }
  llvm_unreachable("validated expressions end");
}

llvm::Function *InitializerEmitter::elements(uint32_t index) {
  llvm::Function *function = makeFunction(
      "element:" + Twine(index),
      FunctionType::get(emitter.voidType, {emitter.pointer, emitter.pointer},
                        false));
  IRBuilder<> builder(&function->getEntryBlock());
  for (auto [i, expression] : enumerate(wasm.elements[index].expressions))
    builder.CreateAlignedStore(
        evaluate(builder, function->getArg(0), expression),
        emitter.at(builder, function->getArg(1),
                   i * emitter.layout.pointerSize),
        emitter.pointerAlign());
  builder.CreateRetVoid();
  return function;
}

/// Whether anything looks at a table's elements. Where calls take their callees
/// from a constant, and there is one instance, nobody else does.
static bool isRead(const ModuleEmitter &emitter, uint32_t table) {
  const wasmetal::Module &wasm = emitter.wasm;
  return !emitter.options.staticInstance || emitter.options.spectre ||
         emitter.facts.fixedTables[table].empty() ||
         wasm.tables[table].isRead ||
         any_of(wasm.types,
                [](const DefinedType &type) { return !type.isFinal; });
}

/// Globals, tables with initialisers, then active segments, in the order of
/// the specification.
/// https://webassembly.github.io/spec/core/exec/modules.html#instantiation
llvm::Function *InitializerEmitter::initializer() {
  llvm::Function *function =
      makeFunction("initialize", FunctionType::get(emitter.voidType,
                                                   {emitter.pointer}, false));
  IRBuilder<> builder(&function->getEntryBlock());
  Value *instance = emitter.instanceIn(function);
  auto zeroExtend = [&](Value *value) {
    return builder.CreateZExt(value, emitter.i64);
  };
  for (uint32_t i = wasm.numImportedGlobals; i < wasm.globals.size(); ++i)
    builder.CreateAlignedStore(
        evaluate(builder, instance, wasm.globals[i].init),
        emitter.globalPointer(builder, instance, i), Align(8));
  for (uint32_t i = wasm.numImportedTables; i < wasm.tables.size(); ++i) {
    const Table &table = wasm.tables[i];
    if (table.init)
      builder.CreateCall(emitter.runtime("wm_table_fill"),
                         {instance, emitter.tablePointer(builder, instance, i),
                          quad(0), evaluate(builder, instance, *table.init),
                          quad(table.type.limits.minimum)});
  }
  for (auto [i, segment] : enumerate(wasm.elements)) {
    if (segment.mode == SegmentMode::Passive)
      continue;
    if (segment.mode == SegmentMode::Active && isRead(emitter, segment.table))
      builder.CreateCall(
          emitter.runtime("wm_table_init"),
          {instance, emitter.tablePointer(builder, instance, segment.table),
           word(i),
           zeroExtend(evaluate(builder, instance, segment.tableOffset)),
           quad(0), quad(segment.size())});
    builder.CreateCall(emitter.runtime("wm_elem_drop"), {instance, word(i)});
  }
  for (uint32_t i = emitter.numPlacedData(); i < wasm.data.size(); ++i) {
    const DataSegment &segment = wasm.data[i];
    if (segment.mode != SegmentMode::Active)
      continue;
    builder.CreateCall(
        emitter.runtime("wm_memory_init"),
        {instance, emitter.memoryPointer(builder, instance, segment.memory),
         word(i), zeroExtend(evaluate(builder, instance, segment.memoryOffset)),
         quad(0), quad(segment.bytes.size())});
    builder.CreateCall(emitter.runtime("wm_data_drop"), {instance, word(i)});
  }
  builder.CreateRetVoid();
  return function;
}

llvm::Function *wasmetal::emitInitializer(ModuleEmitter &emitter) {
  return InitializerEmitter(emitter).initializer();
}

llvm::Function *wasmetal::emitElementEvaluator(ModuleEmitter &emitter,
                                               uint32_t index) {
  return InitializerEmitter(emitter).elements(index);
}
