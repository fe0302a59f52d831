// libwabt parses and assembles; whether the module is valid, and whether its
// features are supported, the front end's own validator says afterwards. So
// all extensions are on that libwabt handles without aborting: a refusal that
// names the feature beats "unexpected token".
// https://webassembly.github.io/spec/core/text/index.html
#include "compiler/wasm/text.h"

#include "compiler/diagnostic.h"
#include "compiler/wasm/text_check.h"

#include "wabt/binary-writer.h"
#include "wabt/ir.h"
#include "wabt/wast-lexer.h"
#include "wabt/wast-parser.h"

namespace wasmetal {

static wabt::Features textFeatures() {
  wabt::Features features;
  features.EnableAll();
  // libwabt 1.0.32 aborts on valid modules with any of these.
  features.disable_function_references();
  features.disable_gc();
  features.disable_annotations();
  features.disable_code_metadata();
  return features;
}

static llvm::Error toError(const wabt::Errors &errors) {
  for (const wabt::Error &error : errors) {
    if (error.error_level != wabt::ErrorLevel::Error)
      continue;
    llvm::StringRef message(error.message);
    message.consume_back(".");
    return makeError(DiagnosticKind::Malformed,
                     llvm::Twine(error.loc.line) + ":" +
                         llvm::Twine(error.loc.first_column) + ": " + message);
  }
  return makeError(DiagnosticKind::Malformed, "the text cannot be assembled");
}

llvm::Expected<std::vector<uint8_t>> assembleText(llvm::StringRef source,
                                                  llvm::StringRef fileName) {
  if (llvm::Error error = checkBeforeParsing(source))
    return std::move(error);
  wabt::Errors errors;
  std::unique_ptr<wabt::WastLexer> lexer = wabt::WastLexer::CreateBufferLexer(
      std::string_view(fileName), source.data(), source.size(), &errors);
  wabt::Features features = textFeatures();
  wabt::WastParseOptions parseOptions(features);
  std::unique_ptr<wabt::Module> module;
  wabt::Result parsed =
      wabt::ParseWatModule(lexer.get(), &module, &errors, &parseOptions);
  if (wabt::Failed(parsed) || !module)
    return toError(errors);

  wabt::MemoryStream stream;
  wabt::WriteBinaryOptions writeOptions(features, /*canonicalize_lebs=*/true,
                                        /*relocatable=*/false,
                                        /*write_debug_names=*/true);
  if (wabt::Failed(
          wabt::WriteBinaryModule(&stream, module.get(), writeOptions)))
    return makeError(DiagnosticKind::Internal,
                     "the text assembler could not write the module");
  return std::move(stream.output_buffer().data);
}

} // namespace wasmetal
