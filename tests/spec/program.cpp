// Modules go the way of the product: compile() to a shared library, then
// dlopen. The library's own name is a hash of its bytes, as the names of its
// symbols must differ from those of other modules.
#include "tests/spec/program.h"
#include "tests/spec/library.h"

#include "compiler/wasm/instruction_reader.h"
#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/text.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SHA256.h"

#include <unistd.h>

using namespace wasmetal;

namespace spec {

std::optional<Failure> takeFailure(llvm::Error error) {
  std::optional<Failure> failure;
  llvm::handleAllErrors(
      std::move(error),
      [&](const Diagnostic &diagnostic) {
        std::string text;
        llvm::raw_string_ostream os(text);
        diagnostic.log(os);
        failure = Failure{diagnostic.kind, text};
      },
      [&](const llvm::ErrorInfoBase &other) {
        failure = Failure{DiagnosticKind::Internal,
                          "no diagnostic: " + other.message()};
      });
  return failure;
}

std::unique_ptr<Program> Program::read(const std::string &path, bool isText,
                                       std::optional<Failure> &failure) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer) {
    failure = Failure{DiagnosticKind::Io, path + ": cannot be read"};
    return nullptr;
  }
  auto program = std::make_unique<Program>();
  llvm::StringRef contents = (*buffer)->getBuffer();
  if (!isText) {
    program->bytes.assign(contents.bytes_begin(), contents.bytes_end());
    return program;
  }
  llvm::Expected<std::vector<uint8_t>> assembled = assembleText(contents, path);
  if (!assembled) {
    failure = takeFailure(assembled.takeError());
    return nullptr;
  }
  program->bytes = std::move(*assembled);
  return program;
}

std::optional<Failure> Program::validate(const FeatureSet &allowed) {
  llvm::Expected<std::unique_ptr<Module>> module = readModule(bytes);
  if (!module)
    return takeFailure(module.takeError());
  llvm::Expected<ValidatedModule> valid = validateModule(**module);
  if (!valid)
    return takeFailure(valid.takeError());
  for (uint32_t i = (*module)->numImportedFunctions;
       i < (*module)->functions.size(); ++i) {
    llvm::Expected<ValidatedFunction> function = validateFunction(*valid, i);
    if (!function)
      return takeFailure(function.takeError());
  }
  if (llvm::Error error = checkFeatures(**module, allowed))
    return takeFailure(std::move(error));
  return std::nullopt;
}

std::optional<Failure> Program::compile(const CompileOptions &options,
                                        const std::string &folder) {
  auto hash = llvm::SHA256::hash(bytes);
  std::string name =
      "m" + llvm::toHex(llvm::ArrayRef(hash).take_front(10), true);
  std::string path = folder + "/" + name + ".so";
  CompileOptions own = options;
  own.emit.name = name;
  own.emit.sourceName = name + ".wasm";
  if (llvm::Error error = wasmetal::compile(bytes, own, path))
    return takeFailure(std::move(error));
  std::string message;
  descriptor = loadLibrary(path, name + "_module", message);
  unlink(path.c_str());
  if (!descriptor)
    return Failure{DiagnosticKind::Internal, message};
  return std::nullopt;
}

bool Program::touchesMemory(ValidatedModule valid, uint32_t function,
                            std::vector<bool> &seen) {
  if (valid->functions[function].isImported)
    return true;
  if (seen[function])
    return false;
  seen[function] = true;
  llvm::Expected<ValidatedFunction> body = validateFunction(valid, function);
  if (!body) {
    llvm::consumeError(body.takeError());
    return true;
  }
  InstructionReader reader(body->code(), body->codeOffset());
  Instruction instruction;
  while (reader.next(instruction)) {
    Immediate immediate = opcodeInfo(instruction.op).immediate;
    switch (immediate) {
    case Immediate::MemArg:
    case Immediate::MemArgLane:
    case Immediate::Atomic8:
    case Immediate::Atomic16:
    case Immediate::Atomic32:
    case Immediate::Atomic64:
    case Immediate::CallIndirect:
      return true;
    default:
      break;
    }
    if (immediate == Immediate::Function && instruction.op != Opcode::RefFunc &&
        touchesMemory(valid, instruction.index, seen))
      return true;
  }
  return reader.failed();
}

bool Program::touchesMemory(llvm::StringRef exportName) {
  llvm::Expected<std::unique_ptr<Module>> module = readModule(bytes);
  if (!module) {
    llvm::consumeError(module.takeError());
    return true;
  }
  llvm::Expected<ValidatedModule> valid = validateModule(**module);
  if (!valid) {
    llvm::consumeError(valid.takeError());
    return true;
  }
  for (const Export &item : (*module)->exports) {
    if (item.kind != ExternKind::Function || item.name != exportName)
      continue;
    std::vector<bool> seen((*module)->functions.size());
    return touchesMemory(*valid, item.index, seen);
  }
  return true;
}

} // namespace spec
