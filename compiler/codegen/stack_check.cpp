// Functions of the guest compare the stack pointer with the limit before their
// prologue: a frame of any size is refused before its first byte is written.
// Small code takes a small frame first, and calls the runtime to compare. Of
// functions that nothing but known callers calls, these compare on behalf, if
// there is no recursion: code is generated from the callees to the callers, so
// that what a callee needs is known. LLVM has nothing for it: `probe-stack` is
// ignored on Thumb, and segmented stacks look for a thread's register. The size
// of a frame is known when its prologue stands, after which this pass runs; the
// comparison is text, as instructions are private to LLVM's code generators.
// The sandbox rests on this file.
#include "compiler/codegen/stack_check.h"
#include "compiler/codegen/symbols.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetFrameLowering.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetLowering.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace {

class StackCheck : public MachineFunctionPass {
public:
  StackCheck() : MachineFunctionPass(id) {}
  StringRef getPassName() const override { return "Stack check"; }
  bool runOnMachineFunction(MachineFunction &function) override;

private:
  static char id;
  struct Need {
    uint64_t bytes = 0;     // of its own and of those that it compares for
    bool isCovered = false; // by each of its callers
  };
  /// What functions need whose code has been generated.
  DenseMap<const Function *, Need> needs;
  /// Called before their own code was generated: on the way around a cycle.
  DenseSet<const Function *> compareThemselves;

  uint64_t needOfCallees(const Function &function);
  bool mayBeCovered(const Function &function, uint64_t bytes) const;
};

char StackCheck::id;

} // namespace

/// Whether a function is one of the runtime's, which calls neither the guest
/// nor the host's functions.
static bool isRuntime(const Function &function) {
  return StringSwitch<bool>(function.getName())
#define FUNCTION(name, signature, kind)                                        \
  .Case(#name, StringRef(#name).starts_with("wm_"))
#include "runtime/abi.def"
      .Default(false);
}

/// What fits into the room behind the limit together with all that the function
/// calls, which is none of the guest's, and nothing that might call the guest
/// again: traps, and what code generators call by themselves, for arithmetic,
/// take little of it. LLVM knows of guest functions too that they do not
/// return.
static uint64_t uncheckedFrame(const MachineFunction &function) {
  constexpr uint64_t BesideArithmetic = 128, BesideRuntime = 32;
  uint64_t most = BesideArithmetic;
  for (const MachineBasicBlock &block : function)
    for (const MachineInstr &inst : block) {
      if (!inst.isCall())
        continue;
      const Function *callee = nullptr;
      bool isArithmetic = false;
      for (const MachineOperand &operand : inst.operands()) {
        isArithmetic |= operand.isSymbol();
        if (operand.isGlobal())
          callee = dyn_cast<Function>(operand.getGlobal());
      }
      if (isArithmetic)
        continue;
      if (!callee || wasmetal::isGuestCode(*callee) || !isRuntime(*callee))
        return 0;
      if (!callee->doesNotReturn())
        most = BesideRuntime;
    }
  return most;
}

/// The most that a callee needs without a comparison of its own. Instructions
/// of the machine may call by a register.
uint64_t StackCheck::needOfCallees(const Function &function) {
  uint64_t most = 0;
  for (const Instruction &inst : instructions(function)) {
    auto *call = dyn_cast<CallBase>(&inst);
    const Function *callee = call ? call->getCalledFunction() : nullptr;
    if (!callee || !wasmetal::isGuestCode(*callee))
      continue;
    auto known = needs.find(callee);
    if (known == needs.end())
      compareThemselves.insert(callee);
    else if (known->second.isCovered)
      most = std::max(most, known->second.bytes);
  }
  return most;
}

/// What wm_stack_check (ports/cortex_m/entry.cpp) leaves above the limit.
static constexpr uint64_t Little = 256;

/// Whether nothing calls the function but guest code that comes after it here.
/// What callers take beyond their own frames is little: they compare with it
/// also where they do not call.
bool StackCheck::mayBeCovered(const Function &function, uint64_t bytes) const {
  return bytes <= Little && function.hasLocalLinkage() &&
         !compareThemselves.contains(&function) &&
         all_of(function.uses(), [&](const Use &use) {
           auto *call = dyn_cast<CallBase>(use.getUser());
           return call && call->isCallee(&use) &&
                  wasmetal::isGuestCode(*call->getFunction());
         });
}

/// At the entry, where r12 is free; on ARMv6-M, which cannot load it, it keeps
/// r4. Immediate operands take 15 bits of an offset from a symbol.
static std::string checkText(uint64_t frame, bool isV6M) {
  constexpr uint64_t LargestOffset = (1 << 15) - 1;
  std::string limit = "__stack_limit+" + std::to_string(frame);
  std::string trap = "bhs 0f\n\tbl wm_stack_exhausted\n\t";
  std::string literal = ".p2align 2\n1:\t.long " + limit + "\n0:";
  if (isV6M)
    return "mov r12, r4\n\tldr r4, 1f\n\tcmp sp, r4\n\tmov r4, r12\n\t" + trap +
           literal;
  if (frame > LargestOffset)
    return "ldr r12, 1f\n\tcmp sp, r12\n\t" + trap + literal;
  return "movw r12, :lower16:(" + limit + ")\n\tmovt r12, :upper16:(" + limit +
         ")\n\tcmp sp, r12\n\t" + trap + "\n0:";
}

/// What aligning the stack pointer may take beyond the frame.
static uint64_t realignment(const MachineFunction &function) {
  const TargetSubtargetInfo &target = function.getSubtarget();
  if (!target.getRegisterInfo()->hasStackRealignment(function))
    return 0;
  return function.getFrameInfo().getMaxAlign().value() -
         target.getFrameLowering()->getStackAlign().value();
}

/// Behind a prologue that begins the function and saves where to return to, so
/// that a call may stand there; null if there is none.
static MachineInstr *endOfPrologue(MachineFunction &function) {
  const TargetRegisterInfo &registers =
      *function.getSubtarget().getRegisterInfo();
  MachineInstr *end = nullptr;
  bool isSaved = false;
  for (MachineInstr &inst : function.front()) {
    if (!inst.getFlag(MachineInstr::FrameSetup))
      break;
    end = &inst;
    isSaved |= inst.mayStore() &&
               inst.readsRegister(registers.getRARegister(), &registers);
  }
  return isSaved && function.front().pred_empty() ? end : nullptr;
}

/// Before an instruction: later passes move others, and comparisons too, but
/// not across this.
static void insertCheck(MachineBasicBlock &block,
                        MachineBasicBlock::iterator before,
                        const std::string &text, ArrayRef<StringRef> clobbers) {
  MachineFunction &function = *block.getParent();
  const TargetSubtargetInfo &subtarget = function.getSubtarget();
  const TargetLowering &lowering = *subtarget.getTargetLowering();
  auto add = BuildMI(block, before, DebugLoc(),
                     subtarget.getInstrInfo()->get(TargetOpcode::INLINEASM))
                 .addExternalSymbol(function.createExternalSymbolName(text))
                 .addImm(InlineAsm::Extra_HasSideEffects)
                 .addReg(lowering.getStackPointerRegisterToSaveRestore(),
                         RegState::Implicit);
  for (StringRef clobbered : clobbers) {
    auto found = lowering.getRegForInlineAsmConstraint(
        subtarget.getRegisterInfo(), clobbered, MVT::i32);
    add.addReg(found.first, RegState::ImplicitDefine | RegState::Dead);
  }
}

bool StackCheck::runOnMachineFunction(MachineFunction &function) {
  if (!wasmetal::isGuestCode(function.getFunction()))
    return false;
  const MachineFrameInfo &info = function.getFrameInfo();
  uint64_t frame = info.getStackSize();
  if (info.isMaxCallFrameSizeComputed())
    frame += info.getMaxCallFrameSize();
  frame += realignment(function);
  uint64_t callees = needOfCallees(function.getFunction());
  // Without a frame, it returns or jumps with the stack as it was.
  bool isFixed = !info.hasVarSizedObjects();
  if (isFixed && frame <= uncheckedFrame(function))
    frame = 0;
  frame += callees;
  Need &need = needs[&function.getFunction()];
  need = {frame, isFixed && mayBeCovered(function.getFunction(), frame)};
  if (isFixed && (frame == 0 || need.isCovered))
    return false;
  if (function.getFunction().hasMinSize() && isFixed && frame <= Little)
    if (MachineInstr *end = endOfPrologue(function)) {
      insertCheck(function.front(), std::next(end->getIterator()),
                  "bl wm_stack_check", {"{cc}", "{r12}", "{lr}"});
      return true;
    }
  MachineBasicBlock *entry = &function.front();
  if (!entry->pred_empty()) { // a loop that begins the function
    MachineBasicBlock *body = entry;
    entry = function.CreateMachineBasicBlock();
    function.insert(function.begin(), entry);
    entry->addSuccessor(body);
    for (const auto &live : body->liveins())
      entry->addLiveIn(live);
  }
  bool isV6M =
      function.getTarget().getTargetTriple().getArchName() == "thumbv6m";
  insertCheck(*entry, entry->begin(), checkText(frame, isV6M),
              {"{cc}", "{r12}"});
  return true;
}

void wasmetal::addStackCheck(TargetPassConfig &config) {
  config.setRequiresCodeGenSCCOrder();
  config.insertPass(&PrologEpilogCodeInserterID, new StackCheck());
}
