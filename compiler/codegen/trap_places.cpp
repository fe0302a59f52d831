// An access whose fault is the trap is volatile, and the line table says where
// it is. But the code generator makes one instruction of an access and what
// uses it, which is where the latter is, or nowhere; and may take it apart
// again. What it keeps is a description of the accesses that an instruction
// makes. An alias scope is a part of that, and without a list of others that do
// not alias, it says nothing; so each access gets one as a name.
#include "compiler/codegen/trap_places.h"

#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

/// What is known of a function's accesses, by their names.
using Places = DenseMap<const MDNode *, const DILocation *>;

class TrapPlaces : public MachineFunctionPass {
public:
  TrapPlaces() : MachineFunctionPass(id) {}
  StringRef getPassName() const override { return "Trap places"; }
  bool runOnMachineFunction(MachineFunction &function) override;

private:
  static char id;
};

char TrapPlaces::id;

} // namespace

static bool isNamed(const Instruction &inst) {
  return isa<LoadInst, StoreInst>(inst) && inst.isVolatile() &&
         inst.getDebugLoc();
}

void wasmetal::nameAccesses(llvm::Module &module) {
  MDBuilder builder(module.getContext());
  MDNode *domain = builder.createAnonymousAliasScopeDomain();
  SmallVector<MDNode *, 0> names; // the same ones for each function
  for (Function &function : module) {
    size_t count = 0;
    for (Instruction &inst : instructions(function)) {
      if (!isNamed(inst))
        continue;
      if (count == names.size())
        names.push_back(MDNode::get(module.getContext(),
                                    builder.createAnonymousAliasScope(domain)));
      inst.setMetadata(LLVMContext::MD_alias_scope, names[count++]);
    }
  }
}

/// Of what an instruction reads, or else of what it writes; null where that is
/// not one of the accesses.
static const DILocation *placeOf(const MachineInstr &inst,
                                 const Places &places) {
  for (bool reads : {true, false}) {
    const DILocation *place = nullptr;
    for (const MachineMemOperand *operand : inst.memoperands()) {
      const DILocation *found = places.lookup(operand->getAAInfo().Scope);
      if (!found || operand->isLoad() != reads)
        continue;
      if (place && place != found)
        return nullptr;
      place = found;
    }
    if (place)
      return place;
  }
  return nullptr;
}

bool TrapPlaces::runOnMachineFunction(MachineFunction &function) {
  Places places;
  for (const Instruction &inst : instructions(function.getFunction()))
    if (isNamed(inst))
      if (MDNode *name = inst.getMetadata(LLVMContext::MD_alias_scope))
        places[name] = inst.getDebugLoc();
  if (places.empty())
    return false;
  for (MachineBasicBlock &block : function)
    for (MachineInstr &inst : block)
      if (const DILocation *place = placeOf(inst, places))
        inst.setDebugLoc(place);
  return true;
}

void wasmetal::addTrapPlaces(TargetPassConfig &config) {
  // Behind the last pass that is always there once registers are allocated.
  config.insertPass(&FixupStatepointCallerSavedID, new TrapPlaces);
}
