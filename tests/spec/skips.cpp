// Reads tests/spec/skips.txt.
#include "tests/spec/skips.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdio>
#include <fnmatch.h>

namespace spec {

static bool parseEntry(llvm::StringRef text, Skip &skip) {
  auto [kind, afterKind] = text.split(' ');
  auto [pattern, reason] = afterKind.trim().split(' ');
  auto [kindName, modes] = kind.split('@');
  if (kindName == "script")
    skip.kind = SkipKind::Script;
  else if (kindName == "refuse")
    skip.kind = SkipKind::Refuse;
  else if (kindName == "command")
    skip.kind = SkipKind::Command;
  else if (kindName == "memory-trap")
    skip.kind = SkipKind::MemoryTrap;
  else
    return false;
  llvm::SmallVector<llvm::StringRef> parts;
  modes.split(parts, ',', -1, false);
  for (llvm::StringRef mode : parts)
    skip.modes.push_back(mode.str());
  auto [glob, lines] = pattern.split(':');
  skip.pattern = glob.str();
  parts.clear();
  lines.split(parts, ',', -1, false);
  for (llvm::StringRef line : parts) {
    uint32_t number;
    if (line.getAsInteger(10, number))
      return false;
    skip.lines.push_back(number);
  }
  skip.reason = reason.trim().str();
  bool hasLines = !skip.lines.empty();
  return !skip.pattern.empty() && !skip.reason.empty() &&
         hasLines == (skip.kind == SkipKind::Command);
}

bool SkipList::read(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer) {
    fprintf(stderr, "%s: %s\n", path.c_str(),
            buffer.getError().message().c_str());
    return false;
  }
  llvm::SmallVector<llvm::StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  for (auto [index, text] : llvm::enumerate(lines)) {
    llvm::StringRef line = text.trim();
    if (line.empty() || line.starts_with("#"))
      continue;
    Skip skip;
    skip.sourceLine = static_cast<uint32_t>(index) + 1;
    if (!parseEntry(line, skip)) {
      fprintf(stderr, "%s:%u: not an entry\n", path.c_str(), skip.sourceLine);
      return false;
    }
    entries.push_back(std::move(skip));
  }
  return true;
}

bool SkipList::appliesTo(const Skip &skip, llvm::StringRef mode) const {
  return skip.modes.empty() || llvm::is_contained(skip.modes, mode);
}

int SkipList::find(SkipKind kind, llvm::StringRef mode, llvm::StringRef script,
                   uint32_t line) const {
  for (auto [index, skip] : llvm::enumerate(entries)) {
    if (skip.kind == kind && appliesTo(skip, mode) &&
        (kind != SkipKind::Command || llvm::is_contained(skip.lines, line)) &&
        fnmatch(skip.pattern.c_str(), script.str().c_str(), 0) == 0)
      return static_cast<int>(index);
  }
  return -1;
}

} // namespace spec
