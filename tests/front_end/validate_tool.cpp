// Prints `OK` or the diagnostic for each file, assembling text first.
//
//   wasmetal-validate [--time] file...
//
// Ends with 0 if all files are valid, else with 1.
#include "compiler/diagnostic.h"
#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/text.h"
#include "compiler/wasm/validator.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace wasmetal;

namespace {

struct Timing {
  double read = 0; // seconds
  double validate = 0;
  size_t codeBytes = 0;
};

} // namespace

static double now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

static llvm::Error validateBytes(llvm::ArrayRef<uint8_t> bytes,
                                 Timing &timing) {
  double start = now();
  llvm::Expected<std::unique_ptr<Module>> module = readModule(bytes);
  timing.read = now() - start;
  if (!module)
    return module.takeError();
  start = now();
  llvm::Expected<ValidatedModule> validated = validateModule(**module);
  if (!validated)
    return validated.takeError();
  const Module &contents = **module;
  for (uint32_t i = contents.numImportedFunctions;
       i < contents.functions.size(); i++) {
    llvm::Expected<ValidatedFunction> function =
        validateFunction(*validated, i);
    if (!function)
      return function.takeError();
    timing.codeBytes += function->code().size();
  }
  timing.validate = now() - start;
  return llvm::Error::success();
}

static llvm::Error validateFile(llvm::StringRef path, Timing &timing) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!file)
    return makeError(DiagnosticKind::Io, file.getError().message());
  llvm::StringRef contents = (*file)->getBuffer();
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(contents.data()), contents.size());
  if (isBinary(bytes) || !path.ends_with(".wat"))
    return validateBytes(bytes, timing);
  llvm::Expected<std::vector<uint8_t>> assembled = assembleText(contents, path);
  if (!assembled)
    return assembled.takeError();
  return validateBytes(*assembled, timing);
}

int main(int argc, char **argv) {
  bool wantsTime = false;
  bool allValid = true;
  for (int i = 1; i < argc; i++) {
    llvm::StringRef path = argv[i];
    if (path == "--time") {
      wantsTime = true;
      continue;
    }
    Timing timing;
    llvm::Error error = validateFile(path, timing);
    if (error) {
      allValid = false;
      llvm::outs() << path << ":" << llvm::toString(std::move(error)) << "\n";
      continue;
    }
    llvm::outs() << path << ": OK\n";
    if (wantsTime)
      llvm::outs() << llvm::format(
          "  read %.3f s, validate %.3f s, %zu bytes of code, %.1f MB/s\n",
          timing.read, timing.validate, timing.codeBytes,
          static_cast<double>(timing.codeBytes) / 1e6 / timing.validate);
  }
  return allValid ? 0 : 1;
}
