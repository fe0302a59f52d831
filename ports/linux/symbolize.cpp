// Names the place of a trap from the executable's own file: the function by its
// symbol, `<module>:<index>:<name>`, and the offset in the .wasm file by the
// line table, whose lines are such offsets. Read when a trap happens, so that
// it costs nothing before. Whatever is missing or malformed is left out.
// https://dwarfstd.org/doc/DWARF5.pdf (section 6.2)
#include "ports/linux/program.h"
#include "ports/linux/syscall.h"
#include "runtime/port.h"

#include <linux/elf.h>
#include <linux/fcntl.h>
#include <linux/mman.h>

// The linker's: the first byte of the image in memory.
extern "C" __attribute__((weak, visibility("hidden")))
const char __ehdr_start[];

namespace {

/// Bytes that are read in order; past the end, everything is zero.
struct Bytes {
  const uint8_t *at;
  const uint8_t *end;
  bool is_bad = false;

  uint64_t left() const { return static_cast<uint64_t>(end - at); }

  void skip(uint64_t size) {
    if (size <= left()) {
      at += size;
      return;
    }
    at = end;
    is_bad = true;
  }

  uint64_t fixed(uint64_t size) {
    if (size > 8 || size > left()) {
      skip(~0ull);
      return 0;
    }
    uint64_t value = 0;
    __builtin_memcpy(&value, at, size);
    at += size;
    return value;
  }

  uint64_t unsignedLeb() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      uint64_t byte = fixed(1);
      if (shift < 64)
        value |= (byte & 127) << shift;
      if (!(byte & 128))
        return value;
    }
  }

  int64_t signedLeb() {
    uint64_t value = 0;
    for (unsigned shift = 0;;) {
      uint64_t byte = fixed(1);
      if (shift < 64)
        value |= (byte & 127) << shift;
      shift += 7;
      if (byte & 128)
        continue;
      if (shift < 64 && (byte & 64))
        value |= ~0ull << shift;
      return static_cast<int64_t>(value);
    }
  }
};

struct Image {
  const uint8_t *bytes;
  uint64_t size;

  /// A part of the file, or null where it does not lie within.
  const uint8_t *part(uint64_t offset, uint64_t length) const {
    return offset <= size && length <= size - offset ? bytes + offset : nullptr;
  }
};

/// What a line table says of an address.
struct LineSearch {
  uint64_t address;
  uint64_t line = 0;
};

} // namespace

static Image mapExecutable() {
  long file = linuxCall(__NR_openat, AT_FDCWD, "/proc/self/exe",
                        O_RDONLY | O_CLOEXEC, 0);
  if (file < 0)
    return {};
  constexpr long FromEnd = 2;
  long size = linuxCall(__NR_lseek, file, 0, FromEnd);
  long start = -1;
  if (size > 0)
    start = linuxCall(__NR_mmap, 0, size, PROT_READ, MAP_PRIVATE, file, 0);
  linuxCall(__NR_close, file);
  if (start < 0 && start > -4096)
    return {};
  return {reinterpret_cast<const uint8_t *>(start),
          static_cast<uint64_t>(size)};
}

//===-- ELF ---------------------------------------------------------------===//

/// The address in the file's terms: position-independent programs are moved.
static uint64_t fileAddress(const Image &image, const Elf64_Ehdr &header,
                            const void *pc) {
  uint64_t address = reinterpret_cast<uint64_t>(pc);
  if (header.e_type != ET_DYN || !__ehdr_start)
    return address;
  return address - reinterpret_cast<uint64_t>(__ehdr_start);
}

static bool namesMatch(const Image &image, uint64_t offset, const char *name) {
  uint64_t size = __builtin_strlen(name) + 1;
  const uint8_t *found = image.part(offset, size);
  return found && __builtin_memcmp(found, name, size) == 0;
}

static bool findSection(const Image &image, const Elf64_Ehdr &header,
                        const char *name, Elf64_Shdr *out) {
  auto read = [&](uint64_t index, Elf64_Shdr *section) {
    const uint8_t *bytes = image.part(
        header.e_shoff + index * sizeof(Elf64_Shdr), sizeof(Elf64_Shdr));
    if (!bytes)
      return false;
    __builtin_memcpy(section, bytes, sizeof(Elf64_Shdr));
    return true;
  };
  Elf64_Shdr names;
  if (header.e_shentsize != sizeof(Elf64_Shdr) ||
      !read(header.e_shstrndx, &names))
    return false;
  for (uint64_t i = 0; i < header.e_shnum; ++i) {
    constexpr uint64_t Compressed = 1 << 11;
    if (read(i, out) && namesMatch(image, names.sh_offset + out->sh_name, name))
      return !(out->sh_flags & Compressed);
  }
  return false;
}

/// Adds the name of the guest function around an address.
static void describeFunction(Message &message, const Image &image,
                             const Elf64_Ehdr &header, uint64_t address) {
  Elf64_Shdr symbols, strings;
  if (!findSection(image, header, ".symtab", &symbols) ||
      !findSection(image, header, ".strtab", &strings))
    return;
  const uint8_t *text = image.part(strings.sh_offset, strings.sh_size);
  const uint8_t *table = image.part(symbols.sh_offset, symbols.sh_size);
  if (!text || !table)
    return;
  for (uint64_t i = 0; i < symbols.sh_size / sizeof(Elf64_Sym); ++i) {
    Elf64_Sym symbol;
    __builtin_memcpy(&symbol, table + i * sizeof(symbol), sizeof(symbol));
    if ((symbol.st_info & 15) != STT_FUNC || address < symbol.st_value ||
        address - symbol.st_value >= symbol.st_size ||
        symbol.st_name >= strings.sh_size)
      continue;
    const char *at = reinterpret_cast<const char *>(text + symbol.st_name);
    const char *end = reinterpret_cast<const char *>(text + strings.sh_size);
    auto next = [&](char c) {
      const char *from = at;
      while (at != end && *at && *at != c)
        ++at;
      return static_cast<uint64_t>(at - from);
    };
    auto isColon = [&] { return at != end && *at == ':'; };
    next(':');
    if (!isColon())
      continue; // the runtime's
    const char *index = ++at;
    uint64_t index_size = next(':');
    if (!isColon() || !index_size)
      continue;
    const char *name = ++at;
    message.text(" in function ").bare(index, index_size);
    if (uint64_t size = next(0))
      message.text(" ").name(name, size);
    return;
  }
}

//===-- The line table ----------------------------------------------------===//

/// Runs one unit's program until a row covers the address.
static void runLineProgram(Bytes unit, unsigned offset_size,
                           LineSearch &search) {
  uint64_t version = unit.fixed(2);
  if (version < 2 || version > 5)
    return;
  uint64_t address_size = 8;
  if (version >= 5) {
    address_size = unit.fixed(1);
    unit.skip(1);
  }
  uint64_t header_size = unit.fixed(offset_size);
  Bytes header = unit;
  unit.skip(header_size);
  uint64_t step = header.fixed(1);
  if (version >= 4)
    header.skip(1);
  header.skip(1);
  int64_t line_base = static_cast<int8_t>(header.fixed(1));
  uint64_t line_range = header.fixed(1);
  uint64_t first_special = header.fixed(1);
  if (!line_range || !first_special || header.is_bad)
    return;
  const uint8_t *operands = header.at; // of standard opcodes, from 1
  header.skip(first_special - 1);
  if (header.is_bad)
    return;

  uint64_t address = 0, line = 1;
  uint64_t row_address = 0, row_line = 0;
  bool has_row = false;
  // A row reaches to the next one of its sequence.
  auto emitRow = [&] {
    if (has_row && search.address >= row_address && search.address < address)
      search.line = row_line;
    row_address = address;
    row_line = line;
    has_row = true;
  };
  while (unit.left() && !unit.is_bad && !search.line) {
    uint64_t opcode = unit.fixed(1);
    if (opcode >= first_special) {
      uint64_t special = opcode - first_special;
      address += special / line_range * step;
      line += static_cast<uint64_t>(line_base +
                                    static_cast<int64_t>(special % line_range));
      emitRow();
      continue;
    }
    switch (opcode) {
    case 0: { // extended
      uint64_t size = unit.unsignedLeb();
      Bytes body = unit;
      unit.skip(size);
      uint64_t kind = body.fixed(1);
      if (kind == 1) { // end of sequence
        emitRow();
        address = 0;
        line = 1;
        has_row = false;
      } else if (kind == 2) {
        address = body.fixed(address_size);
      }
      break;
    }
    case 1:
      emitRow();
      break;
    case 2:
      address += unit.unsignedLeb() * step;
      break;
    case 3:
      line += static_cast<uint64_t>(unit.signedLeb());
      break;
    case 8:
      address += (255 - first_special) / line_range * step;
      break;
    case 9:
      address += unit.fixed(2);
      break;
    default:
      for (unsigned i = 0; i < operands[opcode - 1]; ++i)
        unit.unsignedLeb();
    }
  }
}

static void describeOffset(Message &message, const Image &image,
                           const Elf64_Ehdr &header, uint64_t address) {
  Elf64_Shdr section;
  if (!findSection(image, header, ".debug_line", &section))
    return;
  const uint8_t *start = image.part(section.sh_offset, section.sh_size);
  if (!start)
    return;
  LineSearch search = {address};
  Bytes all = {start, start + section.sh_size};
  while (all.left() && !all.is_bad && !search.line) {
    unsigned offset_size = 4;
    uint64_t size = all.fixed(4);
    if (size == 0xffffffff) {
      offset_size = 8;
      size = all.fixed(8);
    }
    Bytes unit = all;
    all.skip(size);
    unit.end = all.at;
    runLineProgram(unit, offset_size, search);
  }
  if (search.line)
    message.text(" at offset 0x").number<16>(search.line);
}

void describeLocation(Message &message, const void *pc) {
  Image image = mapExecutable();
  if (!image.bytes)
    return;
  Elf64_Ehdr header;
  if (const uint8_t *bytes = image.part(0, sizeof(header))) {
    __builtin_memcpy(&header, bytes, sizeof(header));
    uint64_t address = fileAddress(image, header, pc);
    describeFunction(message, image, header, address);
    describeOffset(message, image, header, address);
  }
  port_release(const_cast<uint8_t *>(image.bytes), image.size);
}
