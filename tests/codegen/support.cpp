// Modules in binary are assembled by hand here, so that they can be invalid.
#include "support.h"

#include "compiler/wasm/text.h"

#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cstdlib>

using namespace llvm;
using namespace wasmetal;

CodegenTest::CodegenTest() {
  SmallString<128> path;
  EXPECT_FALSE(sys::fs::createUniqueDirectory("wasmetal-test", path));
  folder = path.str().str();
  setenv("TMPDIR", folder.c_str(), 1);
}

CodegenTest::~CodegenTest() {
  unsetenv("TMPDIR");
  sys::fs::remove_directories(folder);
}

CompileOptions CodegenTest::optionsFor(OutputKind output) {
  CompileOptions options;
  options.output = output;
  options.resourceDir = WASMETAL_RESOURCES;
  options.verify = true;
  return options;
}

std::string CodegenTest::compileText(StringRef text,
                                     const CompileOptions &options,
                                     StringRef file) {
  std::vector<uint8_t> bytes = cantFail(assembleText(text, "test.wat"));
  std::string output = path(file);
  if (Error error = compile(bytes, options, output))
    ADD_FAILURE() << toString(std::move(error));
  return output;
}

std::vector<std::string> CodegenTest::files() const {
  std::vector<std::string> names;
  std::error_code error;
  for (sys::fs::directory_iterator it(folder, error), end; it != end && !error;
       it.increment(error))
    names.push_back(sys::path::filename(it->path()).str());
  std::sort(names.begin(), names.end());
  return names;
}

Diagnostic CodegenTest::diagnosticOf(Error error) {
  Diagnostic result(wasmetal::DiagnosticKind::Internal, std::nullopt, "none");
  EXPECT_TRUE(static_cast<bool>(error)) << "it compiled";
  handleAllErrors(std::move(error),
                  [&](const Diagnostic &found) { result = found; });
  return result;
}

std::string wasmetal::contentOf(const std::string &path) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer) {
    ADD_FAILURE() << "cannot read " << path;
    return "";
  }
  return (*buffer)->getBuffer().str();
}

std::vector<Symbol> wasmetal::globalSymbols(const std::string &path,
                                            bool dynamic) {
  auto binary = cantFail(object::ObjectFile::createObjectFile(path));
  auto *elf = cast<object::ELFObjectFileBase>(binary.getBinary());
  std::vector<Symbol> symbols;
  auto add = [&](const object::ELFSymbolRef &symbol) {
    uint32_t flags = cantFail(symbol.getFlags());
    if (flags & object::SymbolRef::SF_Global)
      symbols.push_back({cantFail(symbol.getName()).str(),
                         (flags & object::SymbolRef::SF_Undefined) != 0,
                         (flags & object::SymbolRef::SF_Weak) != 0});
  };
  if (dynamic)
    for (const auto &symbol : elf->getDynamicSymbolIterators())
      add(symbol);
  else
    for (const auto &symbol : elf->symbols())
      add(symbol);
  return symbols;
}

static void appendLeb(std::vector<uint8_t> &out, size_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<uint8_t>(value));
}

static void appendSection(std::vector<uint8_t> &out, uint8_t id,
                          const std::vector<uint8_t> &contents) {
  out.push_back(id);
  appendLeb(out, contents.size());
  out.insert(out.end(), contents.begin(), contents.end());
}

std::vector<uint8_t> wasmetal::moduleOf(ArrayRef<std::vector<uint8_t>> bodies) {
  std::vector<uint8_t> bytes = {0, 'a', 's', 'm', 1, 0, 0, 0};
  appendSection(bytes, 1, {1, 0x60, 0, 0});
  std::vector<uint8_t> functions, code;
  appendLeb(functions, bodies.size());
  appendLeb(code, bodies.size());
  for (const std::vector<uint8_t> &body : bodies) {
    functions.push_back(0);
    appendLeb(code, body.size() + 1);
    code.push_back(0); // no locals
    code.insert(code.end(), body.begin(), body.end());
  }
  appendSection(bytes, 3, functions);
  appendSection(bytes, 7, {1, 6, '_', 's', 't', 'a', 'r', 't', 0, 0});
  appendSection(bytes, 10, code);
  return bytes;
}

std::vector<uint8_t> wasmetal::longBody(size_t size) {
  constexpr uint8_t Nop = 0x01, End = 0x0b;
  std::vector<uint8_t> body(size, Nop);
  body.back() = End;
  return body;
}
