// Fuses the runtime, which comes as LLVM bitcode, with emitted code. Before
// optimisation come the functions that must be inlined. The others were
// optimised when the runtime was built, and taking them through every
// compilation again would multiply the time of small modules: where lld links
// the output, it takes them as machine code. Objects, which must be complete
// without hiding each other's symbols, get them as bitcode after optimisation.
#pragma once

#include "compiler/compile.h"

#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace wasmetal {

/// The runtime of one strategy. Several threads may link it at once.
class RuntimeLibrary {
public:
  static llvm::Expected<RuntimeLibrary> load(const CompileOptions &options);

  llvm::Expected<std::unique_ptr<llvm::Module>>
  parse(llvm::LLVMContext &context) const;

private:
  std::unique_ptr<llvm::MemoryBuffer> bitcode;
};

/// One file of the folder with what is linked into outputs.
std::string resourcePath(const CompileOptions &options, llvm::StringRef file);
/// What writes the counts of --profile-generate to a file.
std::string profileLibraryPath(const CompileOptions &options);
/// The runtime as machine code.
std::string runtimeObjectPath(const CompileOptions &options);
/// Whether lld links that into this kind of output.
bool takesRuntimeObject(const CompileOptions &options);

/// Links definitions of those functions that are inlined wherever they are
/// called.
llvm::Error linkInlineRuntime(llvm::Module &module,
                              const RuntimeLibrary &runtime,
                              const CompileOptions &options);

/// Links everything else that optimised code needs, makes local what nobody
/// outside may see and drops what is not used. Of several partitions, the first
/// one (`isFirst`) gets the runtime and the others refer to it.
llvm::Error linkRuntime(llvm::Module &module, const RuntimeLibrary &runtime,
                        const CompileOptions &options,
                        const llvm::TargetMachine &machine, bool isOnly,
                        bool isFirst);

} // namespace wasmetal
