// Validation: the module's declarations, then each function by itself.
// https://webassembly.github.io/spec/core/valid/index.html
//
// The sandbox rests on this file: the emitter accepts validated functions only
// and relies on what was checked here.
#pragma once

#include "compiler/wasm/module.h"

#include "llvm/Support/Error.h"

namespace wasmetal {

/// A module whose declarations are valid (all but its function bodies).
class ValidatedModule {
public:
  const Module &operator*() const { return *module; }
  const Module *operator->() const { return module; }

private:
  explicit ValidatedModule(const Module &module) : module(&module) {}
  const Module *module;
  friend llvm::Expected<ValidatedModule> validateModule(const Module &);
};

/// A function whose body is valid. Only the validator makes one.
class ValidatedFunction {
public:
  const Module &module() const { return *owner; }
  uint32_t index() const { return functionIndex; }
  const Function &function() const { return owner->functions[functionIndex]; }
  const FuncType &type() const { return owner->typeOfFunction(functionIndex); }
  /// Parameters first, then the declared locals.
  llvm::ArrayRef<ValType> locals() const { return localTypes; }
  /// The expression after the local declarations, with its final `end`.
  llvm::ArrayRef<uint8_t> code() const { return codeBytes; }
  /// File offset of the first byte of code().
  uint64_t codeOffset() const { return codeFileOffset; }

private:
  ValidatedFunction() = default;
  const Module *owner = nullptr;
  uint32_t functionIndex = 0;
  std::vector<ValType> localTypes;
  llvm::ArrayRef<uint8_t> codeBytes;
  uint64_t codeFileOffset = 0;
  friend class FunctionValidator;
};

llvm::Expected<ValidatedModule> validateModule(const Module &module);

/// Validates the body of the defined function `index`. Reads the module only,
/// so that several threads may validate at once.
llvm::Expected<ValidatedFunction> validateFunction(ValidatedModule module,
                                                   uint32_t index);

} // namespace wasmetal
