// A folder of its own for each test, compilation into it, and symbols of what
// comes out.
#pragma once

#include "compiler/compile.h"
#include "compiler/diagnostic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wasmetal {

struct Symbol {
  std::string name;
  bool isUndefined;
  bool isWeak;
};

class CodegenTest : public testing::Test {
protected:
  CodegenTest();
  ~CodegenTest() override;

  std::string path(llvm::StringRef file) const {
    return folder + "/" + file.str();
  }
  /// Options for a kind of output, with this build's runtime.
  static CompileOptions optionsFor(OutputKind output);
  /// Compiles text into a file of the folder and returns its path.
  std::string compileText(llvm::StringRef text, const CompileOptions &options,
                          llvm::StringRef file = "output");
  /// Names of what is in the folder.
  std::vector<std::string> files() const;
  /// What the compilation's error says; fails the test where there is none.
  static Diagnostic diagnosticOf(llvm::Error error);

private:
  std::string folder; // also the one for temporary files
};

std::string contentOf(const std::string &path);
/// Global symbols of an object file, or the dynamic ones of a shared library.
std::vector<Symbol> globalSymbols(const std::string &path, bool dynamic);

/// A binary module with one function for each body: instructions without the
/// local declarations, with their `end`. All have type [] -> [].
std::vector<uint8_t> moduleOf(llvm::ArrayRef<std::vector<uint8_t>> bodies);
/// A body of that many bytes which does nothing.
std::vector<uint8_t> longBody(size_t size);

} // namespace wasmetal
