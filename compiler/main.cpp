// The command: read the input, compile it, write the output or run it.
#include "compiler/compile.h"
#include "compiler/diagnostic.h"
#include "compiler/fatal_error.h"
#include "compiler/image_size.h"
#include "compiler/inspect.h"
#include "compiler/options.h"
#include "compiler/progress.h"
#include "compiler/run.h"
#include "compiler/wasm/text.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace wasmetal;
using namespace llvm;

/// The text format by the file's name; on standard input, by the first byte.
static bool isText(StringRef path, StringRef content) {
  if (path == "-")
    return !content.starts_with(StringRef("\0asm", 4)) &&
           (content.ltrim().starts_with("(") ||
            content.ltrim().starts_with(";;"));
  return path.ends_with(".wat");
}

static Expected<std::vector<uint8_t>> readInput(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFileOrSTDIN(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (std::error_code error = buffer.getError())
    return makeError(DiagnosticKind::Io, "cannot be read: " + error.message());
  StringRef content = (*buffer)->getBuffer();
  if (isText(path, content))
    return assembleText(content, path);
  return std::vector<uint8_t>(content.bytes_begin(), content.bytes_end());
}

/// `app.wasm:0x1f3: message`, one line for each error.
static int report(StringRef input, Error error) {
  StringRef name = input == "-" ? "stdin" : input;
  handleAllErrors(std::move(error), [name](const ErrorInfoBase &info) {
    bool hasOffset = info.isA<Diagnostic>() &&
                     static_cast<const Diagnostic &>(info).offset.has_value();
    errs() << name << (hasOffset ? ":" : ": ");
    info.log(errs());
    errs() << "\n";
  });
  return ExitFailure;
}

int main(int argc, char **argv) {
  Options options;
  if (std::optional<int> code = parseOptions(argc, argv, options))
    return *code;
  reportFatalErrors(options.input);

  Expected<std::vector<uint8_t>> bytes = readInput(options.input);
  if (!bytes)
    return report(options.input, bytes.takeError());

  if (options.inspect) {
    Error error = inspectModule(
        *bytes, options.input == "-" ? "stdin" : options.input, outs());
    return error ? report(options.input, std::move(error)) : ExitSuccess;
  }
  if (options.size) {
    Error error = printImageSize(*bytes, outs());
    return error ? report(options.input, std::move(error)) : ExitSuccess;
  }
  auto build = [&bytes](const CompileOptions &compileOptions, StringRef path) {
    Progress progress;
    CompileOptions shown = compileOptions;
    shown.progress = [&progress](uint64_t done, uint64_t total) {
      progress.update(done, total);
    };
    return compile(*bytes, shown, path);
  };
  Error error = options.run ? runModule(*bytes, options, build)
                            : build(options.compile, options.output);
  if (error)
    return report(options.input, std::move(error));
  return ExitSuccess;
}
