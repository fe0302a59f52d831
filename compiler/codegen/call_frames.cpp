// A function of our convention (tailcc) removes its stack arguments, and the
// instruction behind the call moves the stack pointer back. What LLVM 22 puts
// between the two for AArch64, such as the spilling of a result (at -O0), it
// addresses as if the pointer were back already: another variable would be
// read or overwritten. And where it makes the frame around a part of a function
// alone, a return elsewhere does not remove the arguments. The sandbox rests on
// this file.
#include "compiler/codegen/call_frames.h"

#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"

using namespace llvm;

namespace {

/// Moves the end of each call's frame to the call.
class RestoreStack : public MachineFunctionPass {
public:
  RestoreStack() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override {
    return "Restore the stack behind calls";
  }
  bool runOnMachineFunction(MachineFunction &function) override;

private:
  static char ID;
};

char RestoreStack::ID;

/// Lets functions that may have stack arguments end their frame in each return.
class KeepFramesWhole : public MachineFunctionPass {
public:
  KeepFramesWhole() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "Keep frames whole"; }
  bool runOnMachineFunction(MachineFunction &function) override;

private:
  static char ID;
};

char KeepFramesWhole::ID;

} // namespace

bool KeepFramesWhole::runOnMachineFunction(MachineFunction &function) {
  // AAPCS64, 6.8.2: each argument takes at most one of eight registers.
  constexpr size_t Registers = 8;
  const Function &ir = function.getFunction();
  MachineFrameInfo &frame = function.getFrameInfo();
  if (ir.getCallingConv() != CallingConv::Tail || ir.arg_size() <= Registers ||
      frame.getSavePoints().empty())
    return false;
  frame.clearSavePoints();
  frame.clearRestorePoints();
  return true;
}

bool RestoreStack::runOnMachineFunction(MachineFunction &function) {
  unsigned frameEnd =
      function.getSubtarget().getInstrInfo()->getCallFrameDestroyOpcode();
  bool changed = false;
  for (MachineBasicBlock &block : function) {
    MachineInstr *call = nullptr;
    for (MachineInstr &instr : make_early_inc_range(block)) {
      if (instr.isCall())
        call = &instr;
      if (instr.getOpcode() != frameEnd || !call)
        continue;
      if (instr.getPrevNode() != call) {
        block.splice(std::next(call->getIterator()), &block,
                     instr.getIterator());
        changed = true;
      }
      call = nullptr;
    }
  }
  return changed;
}

void wasmetal::addCallFrames(TargetPassConfig &config) {
  // Behind the last pass that is always there before frames are laid out.
  config.insertPass(&FixupStatepointCallerSavedID, new RestoreStack);
  if (config.getOptLevel() != CodeGenOptLevel::None) // which does not wrap them
    config.insertPass(&ShrinkWrapID, new KeepFramesWhole);
}
