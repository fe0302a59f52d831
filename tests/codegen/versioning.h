// Loop nests in LLVM IR, for the tests of their versions.
#pragma once

#include "support.h"

#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Passes/PassBuilder.h"

namespace wasmetal {

/// A function in LLVM IR, with what the pass needs of analyses.
class VersioningTest : public CodegenTest {
protected:
  VersioningTest() {
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
  }
  /// `body` may use %memory, %base, the i32 %a, %b and %n, the i64 %p64 and
  /// %m64.
  llvm::Function &parse(const std::string &body,
                        const std::string &layout = "e");
  /// The lowest and the highest address of each access of the first nest, and
  /// the number of accesses that are not described.
  std::string describe(llvm::Function &function);
  bool version(llvm::Function &function);
  static size_t countOf(llvm::Function &function, llvm::StringRef what);
  /// How often a text stands in the IR of a module's function.
  size_t countIn(llvm::StringRef module, const CompileOptions &options,
                 llvm::StringRef what);

  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder;
};

/// A 64-bit store at offset 16 of the i32 `address`, which gets its own names.
std::string store(const std::string &address);
/// The same of a value.
std::string store(const std::string &address, const std::string &value);
/// A 64-bit load into `value` from the i32 `address`.
std::string load(const std::string &value, const std::string &address);
/// A 64-bit store at the i64 `address` of a 64-bit memory, which gets its own
/// name.
std::string storeWide(const std::string &address,
                      const std::string &offset = "16");
/// do { body } while (++i != n), if n is not 0; `body` may use %i.
std::string loopOf(const std::string &body, const std::string &step = "1",
                   const std::string &compare = "ne");

} // namespace wasmetal
