// Fuses the runtime, which comes as LLVM bitcode, with emitted code. That
// happens twice: before optimisation the functions that must be inlined, after
// it all others. Those were optimised when the runtime was built, and taking
// them through every compilation again would triple the time of small modules.
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

/// The folder of what is linked into every output, and one file in it.
std::string resourcePath(const CompileOptions &options, llvm::StringRef file);

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
