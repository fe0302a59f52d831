// Linking the runtime's bitcode, lazily: only what is used is ever decoded.
#include "compiler/codegen/link_runtime.h"
#include "compiler/codegen/symbols.h"
#include "compiler/codegen/target.h"
#include "compiler/diagnostic.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/Path.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;
using namespace wasmetal;

std::string wasmetal::resourcePath(const CompileOptions &options,
                                   StringRef file) {
  SmallString<256> path(options.resourceDir);
  sys::path::append(path, options.emit.target->runtime, file);
  return path.str().str();
}

std::string wasmetal::profileLibraryPath(const CompileOptions &options) {
  StringRef processor = options.emit.target->triple.split('-').first;
  return resourcePath(options,
                      ("libclang_rt.profile-" + processor + ".a").str());
}

std::string wasmetal::runtimeObjectPath(const CompileOptions &options) {
  return resourcePath(options,
                      (infoOf(options.emit.strategy).name + ".o").str());
}

bool wasmetal::takesRuntimeObject(const CompileOptions &options) {
  return !options.emit.target->isFirmware() &&
         (options.output == OutputKind::Executable ||
          options.output == OutputKind::SharedLibrary);
}

Expected<RuntimeLibrary> RuntimeLibrary::load(const CompileOptions &options) {
  std::string path =
      resourcePath(options, (infoOf(options.emit.strategy).name + ".bc").str());
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
  if (std::error_code error = buffer.getError())
    return makeError(DiagnosticKind::Io,
                     "runtime " + path + ": " + error.message());
  RuntimeLibrary library;
  library.bitcode = std::move(*buffer);
  return std::move(library);
}

Expected<std::unique_ptr<llvm::Module>>
RuntimeLibrary::parse(LLVMContext &context) const {
  Expected<std::unique_ptr<llvm::Module>> module =
      getLazyBitcodeModule(bitcode->getMemBufferRef(), context,
                           /*ShouldLazyLoadMetadata=*/true);
  if (!module)
    return makeError(DiagnosticKind::Io,
                     "runtime " + bitcode->getBufferIdentifier() + ": " +
                         toString(module.takeError()));
  return module;
}

bool wasmetal::isRoundingLibcall(StringRef name) {
  name.consume_back("f");
  return name == "floor" || name == "ceil" || name == "trunc" ||
         name == "roundeven" || name == "rint" || name == "nearbyint";
}

static bool isInlined(const llvm::Function &function) {
  return function.hasFnAttribute(Attribute::AlwaysInline);
}

static Error linkNeeded(llvm::Module &module,
                        std::unique_ptr<llvm::Module> runtime) {
  runtime->setTargetTriple(module.getTargetTriple());
  runtime->setDataLayout(module.getDataLayout());
  if (Linker::linkModules(module, std::move(runtime), Linker::LinkOnlyNeeded))
    return makeError(DiagnosticKind::Internal, "cannot link the runtime");
  return Error::success();
}

/// Without its definition, so that linking stops here.
static void makeDeclaration(GlobalVariable &variable) {
  variable.setInitializer(nullptr);
  variable.setLinkage(GlobalValue::ExternalLinkage);
  variable.setComdat(nullptr);
}

Error wasmetal::linkInlineRuntime(llvm::Module &module,
                                  const RuntimeLibrary &runtime,
                                  const CompileOptions &options) {
  Expected<std::unique_ptr<llvm::Module>> source =
      runtime.parse(module.getContext());
  if (!source)
    return source.takeError();
  for (llvm::Function &function : **source)
    if (!function.isDeclaration() && !function.hasLocalLinkage() &&
        !isInlined(function)) {
      function.setComdat(nullptr);
      function.deleteBody();
    }
  for (GlobalVariable &variable : (*source)->globals())
    if (variable.hasInitializer() && !variable.hasLocalLinkage() &&
        !variable.hasAppendingLinkage())
      makeDeclaration(variable);
  if (Error error = linkNeeded(module, std::move(*source)))
    return error;
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && isInlined(function) &&
        !isGuestCode(function))
      function.setLinkage(GlobalValue::InternalLinkage);
  setFunctionAttributes(module, options);
  return Error::success();
}

//===-- The rest ----------------------------------------------------------===//

static void declare(llvm::Module &module, const llvm::GlobalValue &value) {
  if (module.getNamedValue(value.getName()))
    return;
  if (auto *function = dyn_cast<llvm::Function>(&value))
    llvm::Function::Create(
        FunctionType::get(Type::getVoidTy(module.getContext()), false),
        GlobalValue::ExternalLinkage, function->getName(), module);
  else
    new GlobalVariable(module, value.getValueType(), false,
                       GlobalValue::ExternalLinkage, nullptr, value.getName(),
                       nullptr, value.getThreadLocalMode());
}

/// Whether the module rounds by intrinsics, which may become calls.
static bool rounds(const llvm::Module &module) {
  for (const llvm::Function &function : module)
    switch (function.getIntrinsicID()) {
    case Intrinsic::floor:
    case Intrinsic::ceil:
    case Intrinsic::trunc:
    case Intrinsic::roundeven:
    case Intrinsic::rint:
    case Intrinsic::nearbyint:
      return true;
    default:
      break;
    }
  return false;
}

namespace {

/// What the module takes from the runtime, by name.
struct Needs {
  /// Symbols of the runtime that partitions other than the first refer to.
  StringSet<> shared;
  /// Everything that the runtime defines for others than itself.
  StringSet<> symbols;
};

} // namespace

static Needs findNeeds(llvm::Module &runtime) {
  Needs needs;
#define FUNCTION(name, signature, attribute) needs.shared.insert(#name);
#include "runtime/abi.def"
  for (llvm::GlobalValue &value : runtime.global_values())
    if (!value.isDeclaration() && !value.hasLocalLinkage() &&
        !value.hasAppendingLinkage() && !isApi(value) &&
        !isRoundingLibcall(value.getName()) && value.getName() != "main")
      needs.symbols.insert(value.getName());
  // What inlined functions refer to, other partitions do as well.
  for (llvm::Function &function : runtime) {
    if (!isInlined(function) || function.materialize())
      continue;
    for (Instruction &inst : instructions(function))
      for (Value *operand : inst.operands())
        if (auto *global = dyn_cast<GlobalValue>(operand->stripPointerCasts()))
          needs.shared.insert(global->getName());
  }
  return needs;
}

static void keepUntilCodeGen(llvm::Module &module) {
  SmallVector<GlobalValue *, 12> libcalls;
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && isRoundingLibcall(function.getName()))
      libcalls.push_back(&function);
  if (!libcalls.empty())
    appendToCompilerUsed(module, libcalls);
}

static void dropUnused(llvm::Module &module) {
  ModuleAnalysisManager analyses;
  GlobalDCEPass().run(module, analyses);
}

/// What is linked although guest code does not name it.
static bool isFirmwareRoot(const llvm::GlobalValue &value,
                           const CompileOptions &options) {
  static constexpr StringRef Api[] = {
#define API(name) #name,
#include "runtime/firmware_api.def"
  };
  // Where a fault is no trap, there is nothing to be handled.
  if (value.getName() == "wm_handle_fault")
    return infoOf(options.emit.strategy).unprivileged;
  return is_contained(Api, value.getName()) ||
         (options.output != OutputKind::Object && value.getName() == "main");
}

Error wasmetal::linkRuntime(llvm::Module &module, const RuntimeLibrary &runtime,
                            const CompileOptions &options,
                            const TargetMachine &machine, bool isOnly,
                            bool isFirst) {
  Expected<std::unique_ptr<llvm::Module>> source =
      runtime.parse(module.getContext());
  if (!source)
    return source.takeError();
  Needs needs;
  if (!isOnly)
    needs = findNeeds(**source);

  bool isFirmware = options.emit.target->isFirmware();
  bool needsLibcalls = !hasRounding(machine) && rounds(module);
  for (llvm::GlobalValue &value : (*source)->global_values()) {
    if (value.isDeclaration() || value.hasLocalLinkage())
      continue;
    StringRef name = value.getName();
    bool isRoot = isRoundingLibcall(name) ? needsLibcalls
                  : !isFirst              ? false
                  : isFirmware            ? isFirmwareRoot(value, options) ||
                                                needs.shared.contains(name)
                  : name == "main"        ? false
                  : isApi(value)          ? true
                                          : needs.shared.contains(name);
    if (isRoot)
      declare(module, value);
    else if (!isFirst && isa<llvm::Function>(value) &&
             !isRoundingLibcall(name)) {
      cast<llvm::Function>(value).setComdat(nullptr);
      cast<llvm::Function>(value).deleteBody();
    } else if (!isFirst && isa<GlobalVariable>(value) &&
               !value.hasAppendingLinkage())
      makeDeclaration(cast<GlobalVariable>(value));
  }
  if (Error error = linkNeeded(module, std::move(*source)))
    return error;
  // The runtime keeps the processor that it was built for, the oldest: it has
  // to tell that another one lacks something, also on behalf of other objects.
  // Firmware is for one board.
  if (isFirmware)
    setFunctionAttributes(module, options);
  keepUntilCodeGen(module);

  internalizeModule(module, [&](const GlobalValue &value) {
    if (isRoundingLibcall(value.getName()))
      return !isOnly;
    if (!isOnly && needs.shared.contains(value.getName()))
      return true;
    if (needs.symbols.contains(value.getName()))
      return false;
    // Guest code that other partitions call.
    if (!isOnly && value.hasHiddenVisibility())
      return true;
    return value.hasDefaultVisibility();
  });
  dropUnused(module);
  // Several objects may meet in one program, each with its own runtime.
  for (GlobalValue &value : module.global_values())
    if (!value.hasLocalLinkage() && needs.symbols.contains(value.getName())) {
      value.setVisibility(GlobalValue::HiddenVisibility);
      value.setDSOLocal(true);
      value.setName(options.emit.name + ":" + value.getName());
    }
  return Error::success();
}
