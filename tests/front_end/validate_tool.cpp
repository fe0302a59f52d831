// Prints `OK` or the diagnostic for each file, assembling text first.
//
//   wasmetal-validate [--time] file...
//
// Ends with 0 if all files are valid, else with 1.
#include "compiler/diagnostic.h"
#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/text.h"
#include "tests/front_end/check_module.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace wasmetal;

static llvm::Error validateFile(llvm::StringRef path, CheckTiming *timing) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> file =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!file)
    return makeError(DiagnosticKind::Io, file.getError().message());
  llvm::StringRef contents = (*file)->getBuffer();
  llvm::ArrayRef<uint8_t> bytes(
      reinterpret_cast<const uint8_t *>(contents.data()), contents.size());
  if (isBinary(bytes) || !path.ends_with(".wat"))
    return checkModule(bytes, timing);
  llvm::Expected<std::vector<uint8_t>> assembled = assembleText(contents, path);
  if (!assembled)
    return assembled.takeError();
  return checkModule(*assembled, timing);
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
    CheckTiming timing;
    llvm::Error error = validateFile(path, &timing);
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
