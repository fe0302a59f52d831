// Reads tests/spec/skips.txt.
#include "tests/spec/skips.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/MemoryBuffer.h"

#include <cstdio>
#include <fnmatch.h>

namespace spec {

/// `KIND[@MODE,...] REASON`
static bool parseHead(llvm::StringRef text, Skip &skip) {
  auto [kind, reason] = text.split(' ');
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
  skip.reason = reason.trim().str();
  return !skip.reason.empty();
}

/// `SCRIPT[:LINE,...]`
static bool parseScript(llvm::StringRef text, Skip &skip) {
  auto [glob, lines] = text.split(':');
  skip.pattern = glob.str();
  llvm::SmallVector<llvm::StringRef> parts;
  lines.split(parts, ',', -1, false);
  for (llvm::StringRef line : parts) {
    uint32_t number;
    if (line.getAsInteger(10, number))
      return false;
    skip.lines.push_back(number);
  }
  bool hasLines = !skip.lines.empty();
  return !skip.pattern.empty() && hasLines == (skip.kind == SkipKind::Command);
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
  Skip head;
  bool isGood = true;
  for (auto [index, line] : llvm::enumerate(lines)) {
    llvm::StringRef text = line.trim();
    if (text.empty() || text.starts_with("#"))
      continue;
    if (!line.starts_with(" ")) {
      head = Skip();
      isGood = parseHead(text, head);
    } else {
      llvm::SmallVector<llvm::StringRef> scripts;
      text.split(scripts, ' ', -1, false);
      for (llvm::StringRef script : scripts) {
        Skip skip = head;
        skip.sourceLine = static_cast<uint32_t>(index) + 1;
        isGood = isGood && !head.reason.empty() && parseScript(script, skip);
        entries.push_back(std::move(skip));
      }
    }
    if (!isGood) {
      fprintf(stderr, "%s:%zu: not an entry\n", path.c_str(), index + 1);
      return false;
    }
  }
  return true;
}

bool SkipList::appliesTo(const Skip &skip, llvm::StringRef mode) const {
  return skip.modes.empty() || llvm::is_contained(skip.modes, mode) ||
         llvm::is_contained(skip.modes, target);
}

int SkipList::find(SkipKind kind, llvm::StringRef mode, llvm::StringRef script,
                   uint32_t line, llvm::StringRef message) const {
  for (auto [index, skip] : llvm::enumerate(entries)) {
    if (skip.kind == kind && appliesTo(skip, mode) &&
        (kind != SkipKind::Command || llvm::is_contained(skip.lines, line)) &&
        (kind != SkipKind::Refuse || message.contains(skip.reason)) &&
        fnmatch(skip.pattern.c_str(), script.str().c_str(), 0) == 0)
      return static_cast<int>(index);
  }
  return -1;
}

} // namespace spec
