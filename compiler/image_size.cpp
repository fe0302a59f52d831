// What a box has is named after it, "box:..." (emit/module_emitter.cpp), and
// its linear memories "box:memory:0" and so on. What has no such name is the
// runtime's, the host's if there is one, or lies between two symbols.
#include "compiler/image_size.h"
#include "compiler/diagnostic.h"

#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Format.h"

#include <map>

using namespace llvm;
using namespace wasmetal;

namespace {

struct Sizes {
  uint64_t flash = 0;
  uint64_t ram = 0;
  uint64_t memory = 0; // linear
};

/// What stands at an address, once: aliases have the same one.
struct Thing {
  uint64_t size = 0;
  StringRef box;
  bool isMemory = false;
};

class Image {
public:
  explicit Image(const object::ELFObjectFileBase &file) : file(file) {}
  Error read();
  void print(raw_ostream &out) const;

private:
  void findLoads();
  bool isRam(const object::ELFSectionRef &section) const;
  Error addSymbol(const object::ELFSymbolRef &symbol);

  const object::ELFObjectFileBase &file;
  Sizes total;
  uint64_t stack = 0;
  std::map<std::string, Sizes> boxes;
  std::map<uint64_t, Thing> flash, ram;
  std::vector<std::pair<uint64_t, uint64_t>> copied; // from flash to [a, b)
};

} // namespace

/// Finds what start-up copies: it runs elsewhere than it is stored. Sections
/// may be called writable that stay in flash.
void Image::findLoads() {
  const auto *elf = dyn_cast<object::ELF32LEObjectFile>(&file);
  if (!elf)
    return;
  auto headers = elf->getELFFile().program_headers();
  if (!headers) {
    consumeError(headers.takeError());
    return;
  }
  for (const auto &header : *headers)
    if (header.p_type == ELF::PT_LOAD && header.p_vaddr != header.p_paddr)
      copied.push_back(
          {header.p_vaddr, uint64_t(header.p_vaddr) + header.p_memsz});
}

bool Image::isRam(const object::ELFSectionRef &section) const {
  uint64_t address = section.getAddress();
  return section.getType() == ELF::SHT_NOBITS ||
         any_of(copied, [&](auto range) {
           return range.first <= address && address < range.second;
         });
}

Error Image::addSymbol(const object::ELFSymbolRef &symbol) {
  if (symbol.getELFType() == ELF::STT_SECTION) // may have no section
    return Error::success();
  Expected<StringRef> name = symbol.getName();
  Expected<uint64_t> address = symbol.getAddress();
  Expected<object::section_iterator> section = symbol.getSection();
  if (Error error =
          joinErrors(name.takeError(),
                     joinErrors(address.takeError(), section.takeError())))
    return error;
  auto [box, rest] = name->split(':');
  // A place within a memory or an array is no size of its own.
  if (rest.empty() || rest.contains('+') || *section == file.section_end())
    return Error::success();
  bool isCode = symbol.getELFType() == ELF::STT_FUNC;
  box.consume_front(".L");
  object::ELFSectionRef in(**section);
  Thing thing{symbol.getSize(), box, rest.starts_with("memory:")};
  auto &things = isRam(in) ? ram : flash;
  Thing &known = things[isCode ? *address & ~uint64_t(1) : *address];
  if (thing.size > known.size)
    known = thing;
  return Error::success();
}

Error Image::read() {
  findLoads();
  for (const object::ELFSectionRef section : file.sections()) {
    Expected<StringRef> name = section.getName();
    if (!name)
      return name.takeError();
    uint64_t flags = section.getFlags();
    if (!(flags & ELF::SHF_ALLOC))
      continue;
    if (*name == ".stack") {
      stack += section.getSize();
      continue;
    }
    bool isInRam = isRam(section);
    (isInRam ? total.ram : total.flash) += section.getSize();
    if (isInRam && section.getType() != ELF::SHT_NOBITS)
      total.flash += section.getSize(); // its image
  }
  if (file.symbols().empty())
    return makeError(DiagnosticKind::Unsupported, "the image has no symbols");
  for (const object::ELFSymbolRef symbol : file.symbols())
    if (Error error = addSymbol(symbol))
      return error;
  for (const auto &[address, thing] : flash)
    boxes[thing.box.str()].flash += thing.size;
  for (const auto &[address, thing] : ram) {
    Sizes &box = boxes[thing.box.str()];
    (thing.isMemory ? box.memory : box.ram) += thing.size;
  }
  return Error::success();
}

void Image::print(raw_ostream &out) const {
  auto row = [&](StringRef name, uint64_t flash, uint64_t ram) {
    out << format("%-24s %10llu %10llu\n", name.str().c_str(),
                  static_cast<unsigned long long>(flash),
                  static_cast<unsigned long long>(ram));
  };
  out << format("%-24s %10s %10s\n", "", "flash", "RAM");
  Sizes rest = total;
  for (const auto &[name, sizes] : boxes) {
    row(name, sizes.flash, sizes.ram);
    row("  linear memory", 0, sizes.memory);
    rest.flash -= sizes.flash;
    rest.ram -= sizes.ram + sizes.memory;
  }
  row("runtime, and any host", rest.flash, rest.ram);
  row("stack", 0, stack);
  row("all", total.flash, total.ram + stack);
}

Error wasmetal::printImageSize(ArrayRef<uint8_t> bytes, raw_ostream &out) {
  StringRef text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile(MemoryBufferRef(text, "image"));
  if (!file)
    return makeError(DiagnosticKind::Io, toString(file.takeError()));
  auto &elf = cast<object::ELFObjectFileBase>(**file);
  if (elf.getEType() != ELF::ET_EXEC || elf.getEMachine() != ELF::EM_ARM)
    return makeError(
        DiagnosticKind::Unsupported,
        "no firmware image: expected ELF's type " + Twine(ELF::ET_EXEC) +
            " and machine " + Twine(ELF::EM_ARM) + ", found " +
            Twine(elf.getEType()) + " and " + Twine(elf.getEMachine()));
  Image image(elf);
  if (Error error = image.read())
    return makeError(DiagnosticKind::Io, toString(std::move(error)));
  image.print(out);
  return Error::success();
}
