// libwabt 1.0.32 parses by recursion, so that nesting costs it stack, and
// aborts on `(module quote ...)`. This file follows parentheses, blocks,
// strings and comments, and leaves all else to libwabt.
// https://webassembly.github.io/spec/core/text/lexical.html
#include "compiler/wasm/text_check.h"

#include "compiler/diagnostic.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSwitch.h"

namespace wasmetal {

static constexpr size_t maxDepth = 1000;

namespace {

class TextChecker {
public:
  explicit TextChecker(llvm::StringRef source) : source(source) {}

  llvm::Error check();

private:
  bool startsWith(llvm::StringRef text) const {
    return source.substr(position).starts_with(text);
  }
  void skipLineComment();
  void skipBlockComment();
  void skipString();
  llvm::StringRef readWord();
  void visitWord(llvm::StringRef word);
  bool isTooDeep() const { return openBlocks.size() + numBlocks > maxDepth; }
  llvm::Error refuse(size_t at, const llvm::Twine &message) const;

  llvm::StringRef source;
  size_t position = 0;
  llvm::SmallVector<size_t, 32> openBlocks; // numBlocks at each parenthesis
  size_t numBlocks = 0;                     // that wait for their `end`
};

} // namespace

void TextChecker::skipLineComment() {
  position = std::min(source.find('\n', position), source.size());
}

void TextChecker::skipBlockComment() {
  size_t depth = 0;
  while (position < source.size()) {
    if (startsWith("(;")) {
      depth++;
      position += 2;
    } else if (startsWith(";)")) {
      depth--;
      position += 2;
    } else {
      position++;
    }
    if (depth == 0)
      return;
  }
}

void TextChecker::skipString() {
  position++;
  while (position < source.size() && source[position] != '"')
    position += source[position] == '\\' ? 2 : 1;
  position = std::min(position + 1, source.size());
}

llvm::StringRef TextChecker::readWord() {
  size_t end = source.find_first_of(" \t\r\n()\";", position);
  llvm::StringRef word = source.slice(position, end);
  position = std::min(end, source.size());
  return word;
}

void TextChecker::visitWord(llvm::StringRef word) {
  bool isBlock = llvm::StringSwitch<bool>(word)
                     .Cases({"block", "loop", "if", "try"}, true)
                     .Default(false);
  if (isBlock)
    numBlocks++;
  else if (word == "end" && numBlocks > 0)
    numBlocks--;
}

llvm::Error TextChecker::refuse(size_t at, const llvm::Twine &message) const {
  llvm::StringRef before = source.take_front(at);
  size_t lineStart = before.rfind('\n') + 1; // npos + 1 is 0
  return makeError(DiagnosticKind::Unsupported,
                   llvm::Twine(before.count('\n') + 1) + ":" +
                       llvm::Twine(at - lineStart + 1) + ": " + message);
}

llvm::Error TextChecker::check() {
  bool isAfterModule = false; // `module` and perhaps its identifier
  while (position < source.size()) {
    size_t start = position;
    char c = source[position];
    if (startsWith(";;")) {
      skipLineComment();
    } else if (startsWith("(;")) {
      skipBlockComment();
    } else if (c == '"') {
      skipString();
    } else if (c == '(') {
      openBlocks.push_back(numBlocks);
      isAfterModule = false;
      position++;
    } else if (c == ')') {
      if (!openBlocks.empty())
        numBlocks = openBlocks.pop_back_val();
      position++;
    } else if (llvm::StringRef(" \t\r\n;").contains(c)) {
      position++;
    } else {
      llvm::StringRef word = readWord();
      if (isAfterModule && word == "quote")
        return refuse(start, "quoted modules are not supported");
      isAfterModule =
          word == "module" || (isAfterModule && word.starts_with("$"));
      visitWord(word);
    }
    if (isTooDeep())
      return refuse(start,
                    "nested too deeply, the limit is " + llvm::Twine(maxDepth));
  }
  return llvm::Error::success();
}

llvm::Error checkBeforeParsing(llvm::StringRef source) {
  return TextChecker(source).check();
}

} // namespace wasmetal
