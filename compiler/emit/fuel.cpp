// Fuel (--fuel): each instruction uses one unit, but those that only shape the
// control flow. What a stretch of code without branches and calls uses is
// subtracted at its end; functions and iterations of loops begin with a look at
// what is left, so that nothing can run on. All of it is the same on each run
// and under each optimisation: accesses are volatile, as a fault must not find
// an older value.
#include "compiler/emit/function_emitter.h"

#include "llvm/IR/DebugInfoMetadata.h"

using namespace llvm;
using namespace wasmetal;

static bool usesFuel(Opcode op) {
  return op != Opcode::Block && op != Opcode::Loop && op != Opcode::Else &&
         op != Opcode::End;
}

static bool endsStretch(Opcode op) {
  switch (opcodeInfo(op).immediate) {
  case Immediate::Block:
  case Immediate::Label:
  case Immediate::LabelTable:
  case Immediate::Function:
  case Immediate::CallIndirect:
    return true;
  default:
    return op == Opcode::Else || op == Opcode::End || op == Opcode::Return ||
           op == Opcode::Unreachable;
  }
}

Value *FunctionEmitter::fuelPointer() {
  Value *store = emitter.storeOf(builder, instance);
  return emitter.at(builder, store, emitter.layout.storeFuel);
}

void FunctionEmitter::countFuel(const Instruction &inst) {
  if (usesFuel(inst.op))
    ++pendingFuel;
  if (endsStretch(inst.op))
    subtractFuel();
}

void FunctionEmitter::subtractFuel() {
  uint64_t used = std::exchange(pendingFuel, 0);
  if (used == 0 || !reachable)
    return;
  Value *place = fuelPointer();
  Value *fuel = builder.CreateAlignedLoad(emitter.i64, place, Align(8),
                                          /*isVolatile=*/true);
  builder.CreateAlignedStore(builder.CreateSub(fuel, builder.getInt64(used)),
                             place, Align(8), /*isVolatile=*/true);
}

void FunctionEmitter::checkFuel(uint64_t offset) {
  if (subprogram)
    builder.SetCurrentDebugLocation(DILocation::get(
        emitter.context, static_cast<unsigned>(offset), 0, subprogram));
  Value *fuel = builder.CreateAlignedLoad(emitter.i64, fuelPointer(), Align(8),
                                          /*isVolatile=*/true);
  trapIf(builder.CreateICmpSLT(fuel, builder.getInt64(0)),
         "wm_trap_out_of_fuel");
}
