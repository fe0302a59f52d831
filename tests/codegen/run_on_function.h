// One pass on one function of textual IR.
#pragma once

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"

#include <gtest/gtest.h>

namespace wasmetal {

/// Parses a module, runs a pass on its function `f`, and verifies that. Fails
/// the test, and gives nothing, where the text is wrong.
template <typename Pass>
std::unique_ptr<llvm::Module>
runOnFunction(llvm::LLVMContext &context, const std::string &text, Pass pass) {
  llvm::SMDiagnostic error;
  std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString(text, error, context);
  if (!module) {
    ADD_FAILURE() << error.getMessage().str() << "\n" << text;
    return nullptr;
  }
  llvm::FunctionAnalysisManager functions;
  llvm::PassBuilder().registerFunctionAnalyses(functions);
  llvm::Function &function = *module->getFunction("f");
  pass.run(function, functions);
  EXPECT_FALSE(llvm::verifyFunction(function, &llvm::errs()));
  return module;
}

} // namespace wasmetal
