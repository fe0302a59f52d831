// libwabt 1.0.32 parses by recursion, so that nesting costs it stack, and
// aborts on `(module quote ...)` and on a form in an element segment that is no
// expression. This file follows parentheses, blocks, strings and comments, and
// leaves all else to libwabt.
// https://webassembly.github.io/spec/core/text/lexical.html
#include "compiler/wasm/text_check.h"

#include "compiler/diagnostic.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringSwitch.h"

namespace wasmetal {

static constexpr size_t maxDepth = 1000;

namespace {

struct OpenForm {
  size_t numBlocks; // that were open at its parenthesis
  bool isInElem;    // its parent is an element segment
  bool hasHead = false;
  bool isElem = false;
};

class TextChecker {
public:
  explicit TextChecker(llvm::StringRef source) : source(source) {}

  llvm::Error check();

private:
  bool startsWith(llvm::StringRef text) const {
    return source.substr(position).starts_with(text);
  }
  bool skipSpace();
  void skipLineComment();
  void skipBlockComment();
  void skipString();
  llvm::StringRef readToken();
  void visitToken(llvm::StringRef token);
  void visitHead(llvm::StringRef token);

  llvm::StringRef source;
  size_t position = 0;
  llvm::SmallVector<OpenForm, 32> forms;
  size_t numBlocks = 0;       // that wait for their `end`
  bool isAfterModule = false; // `module` and perhaps its identifier
  std::string problem;        // empty, or the message
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

/// Skips what separates tokens; false if there is nothing to skip.
bool TextChecker::skipSpace() {
  if (startsWith(";;"))
    skipLineComment();
  else if (startsWith("(;"))
    skipBlockComment();
  else if (llvm::StringRef(" \t\r\n").contains(source[position]))
    position++;
  else
    return false;
  return true;
}

/// A parenthesis, a string or a word.
llvm::StringRef TextChecker::readToken() {
  size_t start = position;
  if (source[position] == '"') {
    skipString();
    return source.slice(start, position);
  }
  // At least one character: a lone semicolon is a token as well.
  position++;
  if (source[start] != '(' && source[start] != ')')
    position =
        std::min(source.find_first_of(" \t\r\n()\";", position), source.size());
  return source.slice(start, position);
}

/// What libwabt takes in an element segment without looking.
static bool isElementForm(llvm::StringRef head) {
  return llvm::StringSwitch<bool>(head)
      .Cases({"item", "offset", "table"}, true)
      .Cases({"ref.func", "ref.null", "global.get"}, true)
      .Cases({"i32.const", "i32.add", "i32.sub", "i32.mul"}, true)
      .Cases({"i64.const", "i64.add", "i64.sub", "i64.mul"}, true)
      .Default(false);
}

void TextChecker::visitHead(llvm::StringRef token) {
  OpenForm &form = forms.back();
  form.hasHead = true;
  form.isElem = token == "elem";
  if (form.isInElem && !isElementForm(token))
    problem = "unexpected form in an element segment";
}

void TextChecker::visitToken(llvm::StringRef token) {
  if (!forms.empty() && !forms.back().hasHead)
    visitHead(token);
  if (isAfterModule && token == "quote")
    problem = "quoted modules are not supported";
  isAfterModule =
      token == "module" || (isAfterModule && token.starts_with("$"));
  if (token == "(")
    forms.push_back({numBlocks, !forms.empty() && forms.back().isElem});
  else if (token == ")" && !forms.empty())
    numBlocks = forms.pop_back_val().numBlocks;
  else if (token == "end" && numBlocks > 0)
    numBlocks--;
  else if (token == "block" || token == "loop" || token == "if" ||
           token == "try")
    numBlocks++;
  if (forms.size() + numBlocks > maxDepth)
    problem = "nested too deeply, the limit is " + std::to_string(maxDepth);
}

llvm::Error TextChecker::check() {
  size_t start = 0;
  while (position < source.size() && problem.empty()) {
    start = position;
    if (!skipSpace())
      visitToken(readToken());
  }
  if (problem.empty() && !forms.empty() && !forms.back().hasHead) {
    start = source.size();
    visitHead("");
  }
  if (problem.empty())
    return llvm::Error::success();
  llvm::StringRef before = source.take_front(start);
  size_t lineStart = before.rfind('\n') + 1; // npos + 1 is 0
  return makeError(DiagnosticKind::Unsupported,
                   llvm::Twine(before.count('\n') + 1) + ":" +
                       llvm::Twine(start - lineStart + 1) + ": " + problem);
}

llvm::Error checkBeforeParsing(llvm::StringRef source) {
  return TextChecker(source).check();
}

} // namespace wasmetal
