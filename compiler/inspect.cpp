// Everything comes from the front end, so that what is printed is what would be
// compiled. Names are the guest's: they are quoted.
#include "compiler/inspect.h"

#include "compiler/diagnostic.h"
#include "compiler/emit/emit.h"
#include "compiler/emit/instance_layout.h"
#include "compiler/wasm/byte_reader.h"
#include "compiler/wasm/describe.h"
#include "compiler/wasm/features.h"
#include "compiler/wasm/module_reader.h"
#include "compiler/wasm/quote.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;
using namespace wasmetal;

namespace {

class Inspector {
public:
  Inspector(const wasmetal::Module &module, raw_ostream &out)
      : module(module), out(out) {}

  void printSections();
  void printFeatures();
  void printImports();
  void printExports();
  void printMemories();
  void printTables();
  void printFunctions();
  void printNeeds(StringRef missing);

private:
  void printLimits(const Limits &limits, StringRef unit);

  const wasmetal::Module &module;
  raw_ostream &out;
};

} // namespace

static StringRef sectionName(uint8_t id) {
  static constexpr StringLiteral names[] = {
      "custom", "type",  "import",  "function", "table", "memory",     "global",
      "export", "start", "element", "code",     "data",  "data count", "tag"};
  return names[id];
}

/// Again from the bytes, which the module reader has accepted: their headers,
/// and the names of custom sections.
void Inspector::printSections() {
  out << "sections:\n";
  ByteReader in(module.bytes, 0);
  in.readFixed64(); // magic number and version
  while (!in.atEnd()) {
    uint64_t offset = in.offset();
    uint8_t id = in.readByte();
    uint32_t size = in.readU32();
    ByteReader contents(in.readBytes(size), 0);
    out << "  " << format("%-10s", sectionName(id).data())
        << format(" %10u bytes at 0x%llx", size, (unsigned long long)offset);
    if (id == 0)
      out << " " << quote(contents.readName());
    out << "\n";
  }
}

void Inspector::printFeatures() {
  out << "features:\n";
  FeatureUses uses = findFeatures(module);
  for (auto [i, use] : enumerate(uses))
    if (use)
      out << "  " << format("%-24s", featureNames()[i].data()) << "first at 0x"
          << utohexstr(use->offset, /*LowerCase=*/true) << ", " << use->what
          << "\n";
}

void Inspector::printImports() {
  out << "imports:\n";
  for (const Import &import : module.imports)
    out << "  " << quote(import.module) << " " << quote(import.name) << ": "
        << describe(module, import.kind, import.index) << "\n";
}

void Inspector::printExports() {
  out << "exports:\n";
  for (const Export &entry : module.exports)
    out << "  " << quote(entry.name) << ": "
        << describe(module, entry.kind, entry.index) << ", number "
        << entry.index << "\n";
}

void Inspector::printLimits(const Limits &limits, StringRef unit) {
  out << limits.minimum << " " << unit;
  if (limits.hasMaximum)
    out << ", at most " << limits.maximum;
  if (is64(limits))
    out << ", 64-bit";
  if (limits.isShared)
    out << ", shared";
}

void Inspector::printMemories() {
  out << "memories:\n";
  for (auto [i, memory] : enumerate(module.memories)) {
    out << "  " << i << ": ";
    printLimits(memory.type.limits, "pages");
    out << ", of " << (uint64_t(1) << memory.type.pageSizeLog2) << " bytes"
        << (memory.isImported ? ", imported\n" : "\n");
  }
  uint64_t bytes = 0;
  for (const DataSegment &segment : module.data)
    bytes += segment.bytes.size();
  out << "data: " << bytes << " bytes in " << module.data.size()
      << " segments\n";
}

void Inspector::printTables() {
  out << "tables:\n";
  for (auto [i, table] : enumerate(module.tables)) {
    out << "  " << i << ": ";
    printLimits(table.type.limits, "elements");
    out << ", of " << toString(table.type.element)
        << (table.isImported ? ", imported\n" : "\n");
  }
}

void Inspector::printFunctions() {
  uint64_t bytes = 0;
  for (const wasmetal::Function &function : module.functions)
    bytes += function.body.size();
  out << "functions: " << bytes << " bytes in "
      << module.functions.size() - module.numImportedFunctions << " bodies";
  if (module.start)
    out << ", " << *module.start << " starts";
  out << "\n";
}

void Inspector::printNeeds(StringRef missing) {
  out << "needs:\n";
  uint64_t memory = 0;
  for (const Memory &defined : module.memories)
    if (!defined.isImported)
      memory += defined.type.limits.minimum << defined.type.pageSizeLog2;
  out << "  " << memory << " bytes of memory at first, and "
      << InstanceLayout(module, 8, hostTarget().pageSize).size
      << " for the instance\n";
  std::vector<std::string> wasi, host;
  for (const Import &import : module.imports) {
    // What an executable has; of threads, the memory too.
    if (isWasiImport(module, import) || isThreadImport(module, import))
      wasi.push_back(import.name.str());
    else
      host.push_back(quote(import.module) + " " + quote(import.name));
  }
  if (!wasi.empty())
    out << "  WASI: " << join(wasi, ", ") << "\n";
  if (!host.empty())
    out << "  a host that supplies " << join(host, ", ") << "\n";
  if (!missing.empty())
    out << "  what this compiler lacks: " << missing << "\n";
}

/// The first thing in valid functions that cannot be compiled; empty if all
/// can.
static Expected<std::string> validate(const wasmetal::Module &module) {
  std::string missing;
  Error failure = Error::success();
  auto take = [&](Error error) {
    failure = handleErrors(std::move(error),
                           [&](std::unique_ptr<Diagnostic> found) -> Error {
                             if (found->kind != DiagnosticKind::Unsupported)
                               return Error(std::move(found));
                             raw_string_ostream stream(missing);
                             if (missing.empty())
                               found->log(stream);
                             return Error::success();
                           });
    return !failure;
  };
  Expected<ValidatedModule> valid = validateModule(module);
  // What is printed relies on valid declarations.
  if (!valid)
    return valid.takeError();
  for (uint32_t i = module.numImportedFunctions; i < module.functions.size();
       ++i) {
    Expected<ValidatedFunction> function = validateFunction(*valid, i);
    if (!function && !take(function.takeError()))
      return std::move(failure);
  }
  return missing;
}

Error wasmetal::inspectModule(ArrayRef<uint8_t> bytes, StringRef name,
                              raw_ostream &out) {
  Expected<std::unique_ptr<wasmetal::Module>> module = readModule(bytes);
  if (!module)
    return module.takeError();
  Expected<std::string> missing = validate(**module);
  if (!missing)
    return missing.takeError();
  Inspector inspector(**module, out);
  out << name << ": " << bytes.size() << " bytes\n";
  inspector.printSections();
  inspector.printFeatures();
  inspector.printImports();
  inspector.printExports();
  inspector.printMemories();
  inspector.printTables();
  inspector.printFunctions();
  inspector.printNeeds(*missing);
  return Error::success();
}
