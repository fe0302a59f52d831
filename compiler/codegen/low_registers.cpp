// Instructions of 16 bits have room for r0 to r7. Of what a function keeps over
// calls, LLVM gives the registers to values in the order in which it comes upon
// them, and memory's place, which most accesses need, is often in r8 to r11. To
// the processor, r4 to r11 are the same but for that; so this pass looks at
// each way to choose whose registers are below r8, takes the best one, and
// exchanges registers throughout the function. It knows instructions by name,
// as LLVM's headers of targets are private.
#include "compiler/codegen/low_registers.h"
#include "compiler/codegen/symbols.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/bit.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"

#include <array>

using namespace llvm;

namespace {

/// r4 to r11, a bit for each.
using Set = uint8_t;
constexpr unsigned NumRegisters = 8;
constexpr Set Low = 0x0f;

class LowRegisters : public MachineFunctionPass {
public:
  LowRegisters() : MachineFunctionPass(id) {}
  StringRef getPassName() const override { return "Low registers"; }
  bool runOnMachineFunction(MachineFunction &function) override;

private:
  static char id;
};

char LowRegisters::id;

/// One function's registers.
class Exchange {
public:
  explicit Exchange(MachineFunction &function);
  bool run();

private:
  MachineFunction &function;
  const TargetInstrInfo &instructions;
  const TargetRegisterInfo &info;
  std::array<MCRegister, NumRegisters> registers;
  Set fixed = 0;     // have to stay what they are
  Set low = 0;       // have to be below r8
  Set mentioned = 0; // are written or read
  /// How many instructions are short if these are below r8.
  std::array<unsigned, 1 << NumRegisters> counts = {};

  Set overlapping(MCRegister reg) const;
  void constrain(const MachineInstr &inst);
  void count(const MachineInstr &inst);
  unsigned longOnes(Set below) const;
  Set choose() const;
  void rename(const std::array<MCRegister, NumRegisters> &names);
};

} // namespace

//===-- Instructions ------------------------------------------------------===//

/// Whether the instruction has a form of 16 bits if all of its registers are
/// below r8, of those that have another one else.
static bool mayBeShort(const MachineInstr &inst, StringRef name) {
  auto reg = [&](unsigned i) { return inst.getOperand(i).getReg(); };
  auto fits = [&](unsigned i, int64_t scale, int64_t most) {
    const MachineOperand &operand = inst.getOperand(i);
    return operand.isImm() && operand.getImm() >= 0 &&
           operand.getImm() % scale == 0 && operand.getImm() / scale <= most;
  };
  constexpr int64_t Most5 = 31, Most8 = 255, Most3 = 7;
  if (unsigned scale = StringSwitch<unsigned>(name)
                           .Cases({"t2LDRi12", "t2STRi12"}, 4)
                           .Cases({"t2LDRHi12", "t2STRHi12"}, 2)
                           .Cases({"t2LDRBi12", "t2STRBi12"}, 1)
                           .Default(0))
    return inst.getOperand(1).isReg() ? fits(2, scale, Most5)
                                      : scale == 4; // in the frame
  enum Form { Other, Plain, Indexed, Small, Sum, Of3, Of2, By };
  switch (StringSwitch<Form>(name)
              .Cases({"t2LDRpci", "t2MVNr", "t2TSTrr", "t2SUBrr"}, Plain)
              .Cases({"t2LSLri", "t2LSRri", "t2ASRri", "t2REV"}, Plain)
              .Cases({"t2LDRs", "t2LDRHs", "t2LDRBs", "t2LDRSHs"}, Indexed)
              .Cases({"t2LDRSBs", "t2STRs", "t2STRHs", "t2STRBs"}, Indexed)
              .Cases({"t2MOVi", "t2CMPri"}, Small)
              .Cases({"t2ADDri", "t2SUBri"}, Sum)
              .Case("t2ADDrr", Of3)
              .Cases({"t2ANDrr", "t2EORrr", "t2ORRrr", "t2MUL"}, Of2)
              .Cases({"t2LSLrr", "t2LSRrr", "t2ASRrr", "t2BICrr"}, By)
              .Default(Other)) {
  case Other:
    return false;
  case Plain:
    return true;
  case Indexed:
    return fits(3, 1, 0);
  case Small:
    return fits(1, 1, Most8);
  case Sum:
    return inst.getOperand(1).isReg() &&
           fits(2, 1, reg(0) == reg(1) ? Most8 : Most3);
  case Of3: // a sum of two has one with any registers
    return reg(0) != reg(1) && reg(0) != reg(2);
  case Of2:
    return reg(0) == reg(1) || reg(0) == reg(2);
  case By:
    return reg(0) == reg(1);
  }
  llvm_unreachable("all forms are there");
}

//===-- A function --------------------------------------------------------===//

Exchange::Exchange(MachineFunction &function)
    : function(function), instructions(*function.getSubtarget().getInstrInfo()),
      info(*function.getSubtarget().getRegisterInfo()) {
  for (const MCPhysReg *reg = info.getCalleeSavedRegs(&function); *reg; ++reg) {
    unsigned number;
    StringRef name = info.getName(*reg);
    if (name.consume_front("R") && !name.getAsInteger(10, number) &&
        number >= 4 && number < 4 + NumRegisters)
      registers[number - 4] = *reg;
  }
  for (auto [i, reg] : enumerate(registers))
    if (!reg || function.getRegInfo().isReserved(reg))
      fixed |= 1 << i;
}

/// Which of the registers are part of one, or it of them.
Set Exchange::overlapping(MCRegister reg) const {
  Set result = 0;
  for (auto [i, candidate] : enumerate(registers))
    if (candidate && info.regsOverlap(candidate, reg))
      result |= 1 << i;
  return result;
}

/// What is implied, or stands in text, is that register; and pairs of registers
/// are of neighbours.
void Exchange::constrain(const MachineInstr &inst) {
  for (auto [i, operand] : enumerate(inst.operands())) {
    if (!operand.isReg() || !operand.getReg())
      continue;
    Set set = overlapping(operand.getReg().asMCReg());
    mentioned |= set;
    if (inst.isDebugInstr() || !set)
      continue;
    if (operand.isImplicit() || inst.isInlineAsm() ||
        !is_contained(registers, operand.getReg().asMCReg())) {
      fixed |= set;
      continue;
    }
    const TargetRegisterClass *kind =
        i < inst.getDesc().getNumOperands()
            ? instructions.getRegClass(inst.getDesc(), static_cast<unsigned>(i))
            : nullptr;
    auto has = [&](MCRegister reg) { return !reg || kind->contains(reg); };
    if (!kind || all_of(registers, has))
      continue;
    if (all_of(ArrayRef(registers).take_front(popcount(Low)), has))
      low |= set;
    else
      fixed |= set;
  }
}

void Exchange::count(const MachineInstr &inst) {
  if (!mayBeShort(inst, instructions.getName(inst.getOpcode())))
    return;
  Set needed = 0;
  for (const MachineOperand &operand : inst.explicit_operands()) {
    if (!operand.isReg() || !operand.getReg())
      continue;
    needed |= overlapping(operand.getReg().asMCReg());
    // Neither flags nor lower ones are in the way.
    if (StringSwitch<bool>(info.getName(operand.getReg()))
            .Cases({"R12", "SP", "LR", "PC"}, true)
            .Default(false))
      return;
  }
  ++counts[needed];
}

/// How much longer than possible code is, in half words.
unsigned Exchange::longOnes(Set below) const {
  unsigned result = 0;
  for (auto [needed, number] : enumerate(counts))
    if (needed & ~below)
      result += number;
  return result + (mentioned & ~below ? 2 : 0); // keeping and restoring them
}

/// Which of the registers' values should be below r8.
Set Exchange::choose() const {
  Set best = Low;
  unsigned fewest = longOnes(Low);
  for (unsigned set = 0; set < counts.size(); ++set) {
    Set below = static_cast<Set>(set);
    if (popcount(below) != popcount(Low) || low & ~below ||
        (below & fixed) != (Low & fixed))
      continue;
    unsigned number = longOnes(below);
    if (number < fewest) {
      fewest = number;
      best = below;
    }
  }
  return best;
}

void Exchange::rename(const std::array<MCRegister, NumRegisters> &names) {
  auto renamed = [&](MCRegister reg) {
    const auto *found = find(registers, reg);
    return found == registers.end() ? reg : names[found - registers.begin()];
  };
  for (MachineBasicBlock &block : function) {
    for (MachineInstr &inst : block)
      for (MachineOperand &operand : inst.operands())
        if (operand.isReg() && operand.getReg())
          operand.setReg(renamed(operand.getReg().asMCReg()));
    std::vector<MachineBasicBlock::RegisterMaskPair> liveIns;
    block.clearLiveIns(liveIns);
    for (auto [reg, lanes] : liveIns)
      block.addLiveIn(renamed(reg), lanes);
    block.sortUniqueLiveIns();
  }
}

bool Exchange::run() {
  for (const MachineBasicBlock &block : function)
    for (const MachineInstr &inst : block)
      constrain(inst);
  for (const MachineBasicBlock &block : function)
    for (const MachineInstr &inst : block)
      if (!inst.isDebugInstr())
        count(inst);
  Set below = choose();
  if (below == Low)
    return false;
  std::array<MCRegister, NumRegisters> names = registers;
  Set up = Low & ~below, down = below & ~Low;
  for (; up; up &= up - 1, down &= down - 1)
    std::swap(names[countr_zero(up)], names[countr_zero(down)]);
  rename(names);
  return true;
}

bool LowRegisters::runOnMachineFunction(MachineFunction &function) {
  return function.getFunction().hasMinSize() &&
         wasmetal::isGuestCode(function.getFunction()) &&
         Exchange(function).run();
}

void wasmetal::addLowRegisters(TargetPassConfig &config) {
  // Behind the last pass that is always there before frames are laid out.
  config.insertPass(&FixupStatepointCallerSavedID, new LowRegisters());
}
