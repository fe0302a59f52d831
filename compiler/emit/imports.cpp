// Which imports are bound without a host: WASI's functions (wasi.def), and in
// executables what threads need.
#include "compiler/diagnostic.h"
#include "compiler/emit/emit.h"
#include "compiler/wasm/describe.h"
#include "compiler/wasm/quote.h"

using namespace llvm;
using namespace wasmetal;

static ValType valueType(char letter) {
  return letter == 'i' ? ValType::i32() : ValType::i64();
}

/// The type of a function of WASI; none if there is no such function.
static std::optional<FuncType> wasiType(StringRef name) {
  struct Row {
    StringRef name;
    StringRef signature; // the result, then the parameters
  };
  static constexpr Row rows[] = {
#define WASI(name, signature) {#name, signature},
#include "libc_backing/wasi.def"
  };
  for (const Row &row : rows) {
    if (row.name != name)
      continue;
    FuncType type;
    if (row.signature[0] != 'v')
      type.results.push_back(valueType(row.signature[0]));
    for (char letter : row.signature.drop_front())
      type.params.push_back(valueType(letter));
    return type;
  }
  return std::nullopt;
}

static std::optional<FuncType> wasiType(const Import &import) {
  if (import.module != "wasi_snapshot_preview1" ||
      import.kind != ExternKind::Function)
    return std::nullopt;
  return wasiType(import.name);
}

bool wasmetal::isWasiImport(const wasmetal::Module &wasm,
                            const Import &import) {
  std::optional<FuncType> type = wasiType(import);
  return type && *type == wasm.typeOfFunction(import.index);
}

std::vector<bool> wasmetal::findWasiFunctions(const wasmetal::Module &wasm) {
  std::vector<bool> found(wasm.functions.size());
  for (const Import &import : wasm.imports)
    if (isWasiImport(wasm, import))
      found[import.index] = true;
  return found;
}

static bool isThreadSpawn(const Import &import) {
  return import.kind == ExternKind::Function && import.module == "wasi" &&
         import.name == "thread-spawn";
}

static FuncType threadSpawnType() {
  return {{ValType::i32()}, {ValType::i32()}};
}

bool wasmetal::isThreadImport(const wasmetal::Module &wasm,
                              const Import &import) {
  if (import.kind == ExternKind::Memory)
    return wasm.numImportedMemories == 1 &&
           wasm.memories[import.index].type.limits.isShared;
  return isThreadSpawn(import) &&
         wasm.typeOfFunction(import.index) == threadSpawnType();
}

/// What the threads that a module starts begin with.
static bool hasThreadStart(const wasmetal::Module &wasm) {
  FuncType type{{ValType::i32(), ValType::i32()}, {}};
  return any_of(wasm.exports, [&](const Export &item) {
    return item.name == "wasi_thread_start" &&
           item.kind == ExternKind::Function &&
           wasm.typeOfFunction(item.index) == type;
  });
}

Error wasmetal::checkImportsAreBound(ValidatedModule module) {
  const Import *first = nullptr;
  size_t count = 0;
  for (const Import &import : module->imports) {
    if (isThreadSpawn(import) && isThreadImport(*module, import) &&
        !hasThreadStart(*module))
      return makeError(
          DiagnosticKind::Unsupported, import.offset,
          "threads need an export \"wasi_thread_start\": a function of type "
          "[i32 i32] -> []");
    if (isWasiImport(*module, import) || isThreadImport(*module, import))
      continue;
    if (!first)
      first = &import;
    ++count;
  }
  if (!first)
    return Error::success();
  std::string name = quote(first->module) + " " + quote(first->name);
  std::string message;
  std::optional<FuncType> expected =
      isThreadSpawn(*first) ? threadSpawnType() : wasiType(*first);
  if (expected)
    message = "import " + name +
              " has not the type of WASI's function: expected " +
              toString(*expected) + ", found " +
              toString(module->typeOfFunction(first->index));
  else
    message = "nothing in an executable supplies import " + name + " (" +
              describe(*module, first->kind, first->index) + ")";
  if (count > 1)
    message += ", and " + std::to_string(count - 1) + " more are missing";
  message += "; a .o or .so takes imports from its host";
  return makeError(DiagnosticKind::Unsupported, first->offset, message);
}
