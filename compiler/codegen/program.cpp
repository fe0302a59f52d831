// The constants follow struct wm_program of runtime/program.h field by field.
#include "compiler/codegen/program.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/GlobalVariable.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class ProgramEmitter {
public:
  explicit ProgramEmitter(llvm::Module &module)
      : module(module), pointer(PointerType::getUnqual(module.getContext())) {}

  Constant *null() { return ConstantPointerNull::get(pointer); }
  Constant *number(unsigned bits, uint64_t value) {
    return ConstantInt::get(IntegerType::get(module.getContext(), bits), value);
  }
  Constant *string(StringRef text) {
    return constant(ConstantDataArray::getString(module.getContext(), text));
  }
  Constant *function(StringRef name, FunctionType *type) {
    return cast<Constant>(module.getOrInsertFunction(name, type).getCallee());
  }
  Constant *record(ArrayRef<Constant *> fields) {
    return ConstantStruct::getAnon(module.getContext(), fields);
  }
  Constant *array(ArrayRef<Constant *> elements) {
    if (elements.empty())
      return null();
    return constant(ConstantArray::get(
        ArrayType::get(elements[0]->getType(), elements.size()), elements));
  }
  void define(StringRef name, Constant *value) {
    auto *variable =
        new GlobalVariable(module, value->getType(), true,
                           GlobalValue::ExternalLinkage, value, name);
    variable->setVisibility(GlobalValue::HiddenVisibility);
    variable->setDSOLocal(true);
  }

private:
  Constant *constant(Constant *value) {
    auto *variable =
        new GlobalVariable(module, value->getType(), true,
                           GlobalValue::PrivateLinkage, value, "program");
    variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
    return variable;
  }

  llvm::Module &module;
  PointerType *pointer;
};

} // namespace

void wasmetal::emitProgram(llvm::Module &module, const wasmetal::Module &wasm,
                           const CompileOptions &options) {
  ProgramEmitter emit(module);
  std::vector<Constant *> directories, environment;
  for (const Grants::Directory &directory : options.grants.directories)
    directories.push_back(emit.record(
        {emit.string(directory.host), emit.string(directory.guest)}));
  for (const std::string &entry : options.grants.environment)
    environment.push_back(emit.string(entry));

  LLVMContext &context = module.getContext();
  Type *pointer = PointerType::getUnqual(context);
  Type *i32 = Type::getInt32Ty(context);
  Constant *invoke = emit.null();
  if (options.invoke)
    invoke = emit.function(
        "wm_invoke_main",
        FunctionType::get(i32, {pointer, pointer, i32, pointer}, false));
  Constant *invokeName = options.invoke && !options.invokeName.empty()
                             ? emit.string(options.invokeName)
                             : emit.null();
  Constant *supplyThreads = emit.null();
  if (any_of(wasm.imports, [&](const Import &import) {
        return isThreadImport(wasm, import);
      }))
    supplyThreads = emit.function(
        "wm_supply_threads",
        FunctionType::get(i32, {pointer, pointer, pointer}, false));

  bool takesArguments = any_of(wasm.imports, [&](const Import &import) {
    return isWasiImport(wasm, import) &&
           StringRef(import.name).starts_with("args_");
  });
  Constant *descriptor = module.getNamedValue(options.emit.name + "_module");
  emit.define("wm_main_module", descriptor);
  emit.define(
      "wm_main_options",
      emit.record(
          {emit.number(64, options.stackSize), emit.number(64, options.fuel),
           emit.array(directories), emit.number(32, directories.size()),
           emit.number(32, environment.size()), emit.array(environment),
           emit.number(8, takesArguments), invoke, invokeName, supplyThreads}));
}
