// Boards are data, found by name in the folder of the port's runtime.
#include "compiler/codegen/firmware.h"
#include "compiler/codegen/link_runtime.h"
#include "compiler/diagnostic.h"
#include "compiler/emit/fixed_table.h"
#include "compiler/emit/region.h"
#include "compiler/wasm/quote.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace wasmetal;

static Error unsupported(const Twine &message) {
  return makeError(DiagnosticKind::Unsupported, message);
}

//===-- Boards ------------------------------------------------------------===//

static bool parseNumber(StringRef text, uint64_t &out) {
  unsigned shift = text.consume_back("K")   ? 10
                   : text.consume_back("M") ? 20
                                            : 0;
  if (text.getAsInteger(0, out) || out > UINT32_MAX >> shift)
    return false;
  out <<= shift;
  return true;
}

/// One entry each line: `target NAME`, `flash ORIGIN SIZE`, `ram ORIGIN SIZE`.
static Expected<Board> parseBoard(StringRef text, StringRef path) {
  Board board;
  for (StringRef line : split(text, '\n')) {
    line = line.split('#').first.trim();
    if (line.empty())
      continue;
    SmallVector<StringRef, 3> words;
    line.split(words, ' ', -1, /*KeepEmpty=*/false);
    Board::Region *region = words[0] == "flash" ? &board.flash
                            : words[0] == "ram" ? &board.ram
                                                : nullptr;
    if (region && words.size() == 3 && parseNumber(words[1], region->origin) &&
        parseNumber(words[2], region->size))
      continue;
    if (words[0] == "target" && words.size() == 2) {
      board.target = words[1].str();
      continue;
    }
    return makeError(DiagnosticKind::Io,
                     path +
                         ": expected 'target NAME', 'flash ORIGIN SIZE' or "
                         "'ram ORIGIN SIZE', found '" +
                         line + "'");
  }
  if (board.target.empty() || !board.flash.size || !board.ram.size)
    return makeError(DiagnosticKind::Io,
                     path + ": target, flash or ram is missing");
  return board;
}

static std::string boardPath(const CompileOptions &options, StringRef name) {
  if (name.contains('/'))
    return name.str();
  return resourcePath(options, (name + ".board").str());
}

static Expected<Board> readBoard(const std::string &path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
  if (std::error_code error = buffer.getError())
    return makeError(DiagnosticKind::Io, path + ": " + error.message());
  return parseBoard((*buffer)->getBuffer(), path);
}

/// Whether images of the target run there: a board need not have the processor
/// without its floating-point unit.
static bool isFor(const Board &board, const TargetInfo &target) {
  return board.target == target.name || board.target == target.cpu;
}

/// What --board takes, for messages.
static std::string boardsOf(const CompileOptions &options) {
  std::vector<std::string> names;
  std::error_code error;
  for (sys::fs::directory_iterator it(resourcePath(options, ""), error), end;
       it != end && !error; it.increment(error)) {
    StringRef path = it->path();
    if (sys::path::extension(path) != ".board")
      continue;
    Expected<Board> board = readBoard(path.str());
    if (!board)
      consumeError(board.takeError());
    else if (isFor(*board, *options.emit.target))
      names.push_back(sys::path::stem(path).str());
  }
  llvm::sort(names);
  names.push_back(names.empty() ? "the path of a .board file"
                                : "or the path of a .board file");
  return join(names, ", ");
}

Expected<Board> wasmetal::loadBoard(const CompileOptions &options) {
  const TargetInfo &target = *options.emit.target;
  if (options.board.empty())
    return unsupported(target.name +
                       " firmware needs a --board: " + boardsOf(options));
  std::string path = boardPath(options, options.board);
  if (!sys::fs::exists(path))
    return unsupported("--board: unknown board '" + options.board + "' (" +
                       boardsOf(options) + ")");
  Expected<Board> board = readBoard(path);
  if (board && !isFor(*board, target))
    return unsupported("--board: " + options.board + " is a " + board->target +
                       ", and --target says " + target.name);
  return board;
}

std::string wasmetal::linkerScript(const Board &board) {
  std::string script;
  raw_string_ostream out(script);
  auto region = [&](StringRef name, const Board::Region &region) {
    out << "  " << name << " : ORIGIN = " << region.origin
        << ", LENGTH = " << region.size << "\n";
  };
  out << "MEMORY {\n";
  region("flash", board.flash);
  region("ram", board.ram);
  out << "}\nINCLUDE firmware.ld\n";
  return script;
}

std::string wasmetal::explainOverflow(StringRef messages, const Board &board) {
  // "... will not fit in region 'ram': overflowed by 5728 bytes": the last
  // section of a region tells how much is missing in all.
  std::string result;
  for (auto [name, region] :
       {std::pair<StringRef, const Board::Region *>("flash", &board.flash),
        std::pair<StringRef, const Board::Region *>("ram", &board.ram)}) {
    uint64_t most = 0;
    for (StringRef line : split(messages, '\n')) {
      std::pair<StringRef, StringRef> parts = line.split("overflowed by ");
      uint64_t bytes;
      if (parts.first.contains(("region '" + name + "'").str()) &&
          !parts.second.split(' ').first.getAsInteger(10, bytes))
        most = std::max(most, bytes);
    }
    if (most)
      result += (result.empty() ? "the image takes " : ", and ") +
                std::to_string(region->size + most) + " bytes of " +
                name.str() + ", the board has " + std::to_string(region->size);
  }
  return result;
}

//===-- What fits ---------------------------------------------------------===//

/// A memory that an unprivileged access reaches begins with a size that a
/// region has; other sizes it does not grow to.
static Error checkRegion(uint64_t size, const TargetInfo &target) {
  RegionSizes sizes = regionSizes(target, size);
  if (sizes.below == sizes.above)
    return Error::success();
  return unsupported("memory 0 has " + Twine(size) +
                     " bytes, regions of the memory protection unit have " +
                     Twine(sizes.below) + " or " + Twine(sizes.above) +
                     "; --memory-size sets it");
}

static Error checkMemory(const Memory &memory, size_t index,
                         const CompileOptions &options, const Board *board) {
  StringRef target = options.emit.target->name;
  std::string name = "memory " + std::to_string(index);
  const Limits &limits = memory.type.limits;
  if (is64(limits))
    return unsupported(target + " has 32-bit addresses, " + name +
                       " takes 64-bit ones");
  if (limits.isShared)
    return unsupported(target + " has one thread, " + name + " is shared");
  uint64_t bytes = options.emit.memorySize
                       ? options.emit.memorySize
                       : limits.minimum << memory.type.pageSizeLog2;
  if (hasRegion(memory, index, options.emit))
    if (Error error = checkRegion(bytes, *options.emit.target))
      return error;
  if (mayGrow(memory, options.emit)) {
    uint64_t most = limits.hasMaximum
                        ? limits.maximum << memory.type.pageSizeLog2
                        : UINT64_MAX;
    if (options.emit.maxMemory)
      most = std::min(most, options.emit.maxMemory);
    bytes = std::max(bytes, most);
  }
  if (!board || bytes <= board->ram.size)
    return Error::success();
  return unsupported(name + " takes " + std::to_string(bytes) +
                     " bytes, the board has " +
                     std::to_string(board->ram.size) +
                     " bytes of RAM; --memory-size and --max-memory limit it");
}

/// What the module places in memory 0 by constants has to be within
/// --memory-size: data, and what linkers for WebAssembly export.
static Error checkPlaces(const wasmetal::Module &module, uint64_t size) {
  auto check = [&](const Twine &what, uint64_t end) -> Error {
    if (end <= size)
      return Error::success();
    return unsupported(what + " ends at " + Twine(end) +
                       ", --memory-size gives " + Twine(size) + " bytes");
  };
  for (const auto &[i, segment] : enumerate(module.data)) {
    if (segment.mode != SegmentMode::Active)
      continue;
    std::optional<uint64_t> place = constantOf(segment.memoryOffset);
    if (!place)
      continue;
    if (Error error =
            check("data segment " + Twine(i), *place + segment.bytes.size()))
      return error;
  }
  for (const Export &exported : module.exports) {
    bool isPlace = exported.name == "__data_end" ||
                   exported.name == "__heap_base" ||
                   exported.name == "__stack_high";
    if (!isPlace || exported.kind != ExternKind::Global ||
        module.globals[exported.index].isImported)
      continue;
    if (std::optional<uint64_t> place =
            constantOf(module.globals[exported.index].init))
      if (Error error = check(exported.name, *place))
        return error;
  }
  return Error::success();
}

Error wasmetal::checkFitsFirmware(const wasmetal::Module &module,
                                  const CompileOptions &options,
                                  const Board *board) {
  for (const Import &import : module.imports)
    if (import.kind != ExternKind::Function ||
        !(isWasiImport(module, import) ||
          bindsBySymbol(module, import, options.emit)))
      return makeError(DiagnosticKind::Unsupported, import.offset,
                       "firmware takes functions by symbol, import " +
                           quote(import.module) + " " + quote(import.name) +
                           " is none");
  for (const auto &[i, memory] : enumerate(module.memories))
    if (Error error = checkMemory(memory, i, options, board))
      return error;
  if (options.emit.memorySize)
    if (Error error = checkPlaces(module, options.emit.memorySize))
      return error;
  return Error::success();
}
