// See check_module.h.
#include "tests/front_end/check_module.h"

#include "compiler/diagnostic.h"
#include "compiler/wasm/features.h"
#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/validator.h"

#include <chrono>

namespace wasmetal {

static double now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

static llvm::Error decodeAgain(const ValidatedFunction &function) {
  InstructionReader reader(function.code(), function.codeOffset());
  Instruction instruction;
  while (reader.next(instruction)) {
  }
  if (reader.failed())
    return makeError(DiagnosticKind::Internal, reader.errorOffset(),
                     "a validated function does not decode");
  return llvm::Error::success();
}

llvm::Error checkModule(llvm::ArrayRef<uint8_t> bytes, CheckTiming *timing) {
  double start = now();
  llvm::Expected<std::unique_ptr<Module>> module = readModule(bytes);
  double read = now();
  if (!module)
    return module.takeError();
  llvm::Expected<ValidatedModule> validated = validateModule(**module);
  if (!validated)
    return validated.takeError();
  const Module &contents = **module;
  if (!timing)
    for (const std::optional<FeatureUse> &use : findFeatures(contents))
      if (use && use->offset >= bytes.size())
        return makeError(DiagnosticKind::Internal, use->offset,
                         "a feature is used outside of the file");
  size_t codeBytes = 0;
  for (uint32_t i = contents.numImportedFunctions;
       i < contents.functions.size(); i++) {
    llvm::Expected<ValidatedFunction> function =
        validateFunction(*validated, i);
    if (!function)
      return function.takeError();
    codeBytes += function->code().size();
    if (timing)
      continue;
    if (llvm::Error error = decodeAgain(*function))
      return error;
  }
  if (timing)
    *timing = {read - start, now() - read, codeBytes};
  return llvm::Error::success();
}

} // namespace wasmetal
