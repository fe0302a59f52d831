// One machine for each partition: a TargetMachine serves one thread at a time.
#include "compiler/codegen/target.h"
#include "compiler/codegen/call_frames.h"
#include "compiler/codegen/low_registers.h"
#include "compiler/codegen/stack_check.h"
#include "compiler/codegen/symbols.h"
#include "compiler/codegen/trap_places.h"
#include "compiler/diagnostic.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"
#include "llvm/TargetParser/RISCVISAInfo.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

using namespace llvm;
using namespace wasmetal;

/// What code generators do beside LLVM's own passes.
static void registerPasses() {
  static RegisterTargetPassConfigCallback callback(
      [](TargetMachine &machine, PassManagerBase &, TargetPassConfig *config) {
        addTrapPlaces(*config);
        if (machine.getTargetTriple().isThumb()) {
          addLowRegisters(*config);
          addStackCheck(*config);
        }
        if (machine.getTargetTriple().isAArch64())
          addCallFrames(*config);
      });
}

static bool registerTargets() {
#define TARGET(name, backend, triple, cpu, features, runtime, emulation,       \
               page_size, strategies)                                          \
  LLVMInitialize##backend##TargetInfo();                                       \
  LLVMInitialize##backend##Target();                                           \
  LLVMInitialize##backend##TargetMC();                                         \
  LLVMInitialize##backend##AsmPrinter();                                       \
  LLVMInitialize##backend##AsmParser(); /* for the runtime's assembly */
#include "compiler/targets.def"
  registerPasses();
  // LLVM makes a branch of a conditional move from memory, around the access,
  // volatile or not: its trap would be lost. The default is changed, as lld
  // sets all options back to theirs.
  auto *branches =
      cl::getRegisteredOptions().lookup("x86-cmov-converter-force-mem-operand");
  if (branches)
    static_cast<cl::opt<bool> *>(branches)->setInitialValue(false);
  // There are no variables to follow, and how LLVM does that by default takes
  // time without any.
  auto *variables = cl::getRegisteredOptions().lookup(
      "experimental-debug-variable-locations");
  if (variables)
    static_cast<cl::opt<cl::boolOrDefault> *>(variables)->setInitialValue(
        cl::BOU_FALSE);
  return true;
}

static const Target *lookUp(const TargetInfo &target, std::string &message) {
  static const bool isRegistered = registerTargets(); // once, thread-safe
  (void)isRegistered;
  return TargetRegistry::lookupTarget(Triple(target.triple), message);
}

bool wasmetal::isProcessor(const TargetInfo &target, StringRef cpu) {
  if (target.arch() == Triple::x86_64) // LLVM knows those of 32 bits too
    return X86::parseArchX86(cpu, /*Only64Bit=*/true) != X86::CK_None;
  std::string message;
  const Target *found = lookUp(target, message);
  std::unique_ptr<MCSubtargetInfo> processors(
      found ? found->createMCSubtargetInfo(Triple(target.triple), "", "")
            : nullptr);
  return processors && processors->isCPUStringValid(cpu);
}

static CodeGenOptLevel codeGenLevel(unsigned level) {
  switch (level) {
  case 0:
    return CodeGenOptLevel::None;
  case 1:
    return CodeGenOptLevel::Less;
  case 2:
    return CodeGenOptLevel::Default;
  default:
    return CodeGenOptLevel::Aggressive;
  }
}

Expected<std::unique_ptr<TargetMachine>>
wasmetal::createTargetMachine(const CompileOptions &options) {
  const TargetInfo &info = *options.emit.target;
  if (!isProcessor(info, options.cpu)) // LLVM would only warn
    return makeError(DiagnosticKind::Unsupported, "unknown processor '" +
                                                      Twine(options.cpu) +
                                                      "' for " + info.name);
  std::string message;
  const Target *target = lookUp(info, message);
  if (!target)
    return makeError(DiagnosticKind::Unsupported, message);
  TargetOptions machineOptions;
  // A multiplication and an addition round twice in WebAssembly.
  machineOptions.AllowFPOpFusion = FPOpFusion::Strict;
  if (info.isFirmware())
    machineOptions.ThreadModel = ThreadModel::Single;
  machineOptions.FunctionSections = true;
  machineOptions.DataSections = true;
  machineOptions.UniqueSectionNames = true;
  if (info.arch() == Triple::riscv64) // LLVM would go by the processor
    machineOptions.MCOptions.ABIName = "lp64d";
  bool isPlaced = options.output == OutputKind::Executable || info.isFirmware();
  Reloc::Model relocation = isPlaced ? Reloc::Static : Reloc::PIC_;
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(
      Triple(info.triple), options.cpu, options.features, machineOptions,
      relocation, CodeModel::Small, codeGenLevel(options.optLevel)));
  if (!machine)
    return makeError(DiagnosticKind::Internal,
                     "no target machine for " + info.triple);
  return std::move(machine);
}

/// What the runtime of a processor can tell whether it is there.
static ArrayRef<StringRef> featuresToCheck(const Triple &triple) {
  static constexpr StringRef x86_64[] = {
#define FEATURE(name, leaf, subleaf, from, bit) name,
#include "runtime/cpu_features/x86_64.def"
  };
  static constexpr StringRef aarch64[] = {
#define FEATURE(name, from, bit, least) name,
#include "runtime/cpu_features/aarch64.def"
  };
  static constexpr StringRef riscv64[] = {
#define FEATURE(name, bit) name,
#include "runtime/cpu_features/riscv64.def"
  };
  switch (triple.getArch()) {
  case Triple::x86_64:
    return x86_64;
  case Triple::aarch64:
    return aarch64;
  case Triple::riscv64:
    return riscv64;
  default:
    return {};
  }
}

std::string wasmetal::withCheckable(const TargetInfo &target, StringRef cpu,
                                    StringRef features) {
  std::string result = features.str(), message;
  if (target.arch() != Triple::riscv64)
    return result;
  Triple triple(target.triple);
  const Target *found = lookUp(target, message);
  auto subtarget = [&](StringRef name, StringRef with) {
    return std::unique_ptr<MCSubtargetInfo>(
        found->createMCSubtargetInfo(triple, name, with));
  };
  auto base = subtarget(target.cpu, target.features);
  auto wanted = subtarget(cpu, features);
  for (const SubtargetFeatureKV &feature : wanted->getAllProcessorFeatures())
    if (RISCVISAInfo::isSupportedExtensionFeature(feature.Key) &&
        wanted->hasFeature(feature.Value) && !base->hasFeature(feature.Value) &&
        !is_contained(featuresToCheck(triple), feature.Key))
      result += (Twine(",-") + feature.Key).str();
  return result;
}

void wasmetal::defineProcessor(llvm::Module &module,
                               const TargetMachine &machine) {
  const MCSubtargetInfo &subtarget = *machine.getMCSubtargetInfo();
  uint64_t mask = 0;
  for (const auto &[i, feature] :
       enumerate(featuresToCheck(machine.getTargetTriple())))
    if (subtarget.checkFeatures(("+" + feature).str()))
      mask |= uint64_t(1) << i;
  LLVMContext &context = module.getContext();
  auto constant = [&](Constant *value, const Twine &name) {
    return new GlobalVariable(module, value->getType(), true,
                              GlobalValue::PrivateLinkage, value, name);
  };
  Constant *name = constant(
      ConstantDataArray::getString(context, machine.getTargetCPU()), "cpu");
  GlobalVariable *declared = module.getNamedGlobal("wm_cpu");
  GlobalVariable *defined =
      constant(ConstantStruct::getAnon(
                   {ConstantInt::get(Type::getInt64Ty(context), mask), name}),
               "processor");
  declared->replaceAllUsesWith(defined);
  declared->eraseFromParent();
}

template <typename Value> static void setOption(StringRef name, Value value) {
  if (cl::Option *option = cl::getRegisteredOptions().lookup(name))
    static_cast<cl::opt<Value> *>(option)->setInitialValue(value);
}

void wasmetal::setGeneratorOptions(const CompileOptions &options) {
  // A loop that compares addresses has two of each: the guest's and the
  // processor's. Where code is to be small, one is kept, and the other added to
  // it; LLVM would advance both, with a register for each.
  bool isPlain =
      options.savesFlash() && infoOf(options.emit.strategy).comparesAlone();
  setOption("disable-lsr", isPlain);
  // LLVM divides numbers of 128 bits to count what compares 64, by a function
  // that nobody has to have.
  constexpr unsigned Widest = 64;
  setOption("expand-div-rem-bits", Widest);
}

void wasmetal::setTarget(llvm::Module &module, const TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
  bool isPic = machine.getRelocationModel() == Reloc::PIC_;
  module.setModuleFlag(llvm::Module::Min, "PIC Level",
                       isPic ? PICLevel::BigPIC : PICLevel::NotPIC);
}

void wasmetal::setFunctionAttributes(llvm::Module &module,
                                     const CompileOptions &options) {
  StringRef tune = options.cpu;
  if (tune.starts_with("x86-64"))
    tune = "generic";
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", options.cpu);
    // The runtime's bitcode is for all processors of a family.
    function.removeFnAttr("use-soft-float");
    function.addFnAttr("tune-cpu", tune);
    if (options.features.empty())
      function.removeFnAttr("target-features");
    else
      function.addFnAttr("target-features", options.features);
    if (options.sizeLevel && !function.hasFnAttribute(Attribute::OptimizeNone))
      function.addFnAttr(Attribute::OptimizeForSize);
    if (options.sizeLevel > 1 &&
        !function.hasFnAttribute(Attribute::OptimizeNone))
      function.addFnAttr(Attribute::MinSize);
    if (!isGuestCode(function))
      continue;
    // Guest code has no C library: a loop that becomes a call of memset would
    // fault outside of compiled code, where a fault is no trap.
    function.addFnAttr("no-builtins");
  }
}

// Constants come from literal pools then, where each takes two instructions
// else, at each place where it is made again; loops are not aligned, and what
// follows on both sides of a branch stands before it. Fewer instructions are
// executed too, as these processors do not feel what that costs on others.
void wasmetal::setGeneratedSize(llvm::Module &module,
                                const CompileOptions &options) {
  if (!options.savesFlash())
    return;
  for (llvm::Function &function : module)
    if (!function.isDeclaration() &&
        !function.hasFnAttribute(Attribute::OptimizeNone))
      function.addFnAttr(Attribute::MinSize);
}

static bool has(const TargetMachine &machine, Triple::ArchType arch,
                const char *feature) {
  return machine.getTargetTriple().getArch() == arch &&
         machine.getMCSubtargetInfo()->checkFeatures(feature);
}

bool wasmetal::hasRounding(const TargetMachine &machine) {
  return machine.getTargetTriple().isAArch64() ||
         has(machine, Triple::x86_64, "+sse4.1");
}

bool wasmetal::hasWideVectors(const TargetMachine &machine) {
  return has(machine, Triple::x86_64, "+avx2"); // AVX alone has no integers
}

VectorExtensions wasmetal::vectorExtensions(const TargetMachine &machine) {
  VectorExtensions extensions;
  extensions.sse2 = has(machine, Triple::x86_64, "+sse2");
  extensions.ssse3 = has(machine, Triple::x86_64, "+ssse3");
  extensions.sse41 = has(machine, Triple::x86_64, "+sse4.1");
  extensions.neon = has(machine, Triple::aarch64, "+neon");
  extensions.fma = has(machine, Triple::x86_64, "+fma") || extensions.neon;
  return extensions;
}
