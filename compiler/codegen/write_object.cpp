// The code generator, which still runs under the legacy pass manager.
#include "compiler/codegen/write_object.h"
#include "compiler/codegen/trap_places.h"
#include "compiler/diagnostic.h"

#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace wasmetal;

static Error generate(llvm::Module &module, TargetMachine &machine,
                      CodeGenFileType kind, FileBytes &out) {
  raw_svector_ostream stream(out);
  nameAccesses(module);
  legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, kind))
    return makeError(DiagnosticKind::Internal,
                     "the target cannot write this kind of file");
  passes.run(module);
  return Error::success();
}

Error wasmetal::writeObject(llvm::Module &module, TargetMachine &machine,
                            FileBytes &out) {
  return generate(module, machine, CodeGenFileType::ObjectFile, out);
}

Error wasmetal::writeAssembly(llvm::Module &module, TargetMachine &machine,
                              FileBytes &out) {
  return generate(module, machine, CodeGenFileType::AssemblyFile, out);
}

void wasmetal::writeBitcode(const llvm::Module &module, FileBytes &out) {
  raw_svector_ostream stream(out);
  WriteBitcodeToFile(module, stream);
}

void wasmetal::writeIrText(const llvm::Module &module, FileBytes &out) {
  raw_svector_ostream stream(out);
  module.print(stream, nullptr);
}
