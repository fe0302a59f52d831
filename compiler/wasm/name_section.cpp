// Reads the name section into a list first, so that a malformed one leaves no
// trace. https://webassembly.github.io/spec/core/appendix/custom.html
#include "compiler/wasm/name_section.h"

#include "compiler/wasm/byte_reader.h"

namespace wasmetal {

namespace {

struct FunctionName {
  uint32_t index;
  llvm::StringRef name;
};

enum Subsection : uint8_t { ModuleName = 0, FunctionNames = 1 };

} // namespace

static void readFunctionNames(ByteReader &in,
                              std::vector<FunctionName> &names) {
  uint32_t count = in.readCount(/*elementSize=*/2);
  names.reserve(count);
  for (uint32_t i = 0; i < count && !in.failed(); i++) {
    uint64_t start = in.offset();
    uint32_t index = in.readU32();
    llvm::StringRef name = in.readName();
    if (!names.empty() && index <= names.back().index)
      in.fail(start, "function names are not in order");
    names.push_back({index, name});
  }
}

void readNameSection(llvm::ArrayRef<uint8_t> contents, Module &module) {
  ByteReader in(contents, 0);
  llvm::StringRef moduleName;
  std::vector<FunctionName> names;
  int previous = -1;
  while (!in.atEnd()) {
    uint8_t id = in.readByte();
    if (id <= previous)
      return;
    previous = id;
    const uint8_t *outer = in.enter(in.readU32());
    if (id == ModuleName)
      moduleName = in.readName();
    else if (id == FunctionNames)
      readFunctionNames(in, names);
    else
      in.skipRest();
    in.leave(outer);
  }
  if (in.failed())
    return;
  module.name = moduleName.str();
  for (const FunctionName &entry : names)
    if (entry.index < module.functions.size())
      module.functions[entry.index].name = entry.name;
}

} // namespace wasmetal
