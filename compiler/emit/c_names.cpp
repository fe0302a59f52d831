// See c_names.h. An escape can always be told from what stands for itself, so
// that a symbol can be read back: that is why no two names meet.
#include "compiler/emit/c_names.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace wasmetal;

static std::string escape(unsigned char c) {
  return "_x" + utohexstr(c, /*LowerCase=*/true, /*Width=*/2);
}

static bool isLowerHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); }

/// Whether it begins like the rest of an escape.
static bool looksEscaped(StringRef text) {
  return text.size() >= 3 && text[0] == 'x' && isLowerHex(text[1]) &&
         isLowerHex(text[2]);
}

std::string wasmetal::mangle(StringRef name) {
  std::string result;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    bool isPlain =
        isAlnum(c) || (c == '_' && !looksEscaped(name.drop_front(i + 1)));
    if (isPlain)
      result += c;
    else
      result += escape(static_cast<unsigned char>(c));
  }
  return result;
}

/// Keywords and macros of C and C++ that have an underscore within: the only
/// ones that a prefix and a name can make.
static bool isKeyword(StringRef symbol) {
  static constexpr StringRef keywords[] = {
      "and_eq",      "atomic_cancel", "atomic_commit",    "atomic_noexcept",
      "char16_t",    "char32_t",      "char8_t",          "co_await",
      "co_return",   "co_yield",      "const_cast",       "dynamic_cast",
      "not_eq",      "or_eq",         "reinterpret_cast", "static_assert",
      "static_cast", "thread_local",  "wchar_t",          "xor_eq",
      "max_align_t", "ptrdiff_t",     "size_t",           "int8_t",
      "int16_t",     "int32_t",       "int64_t",          "uint8_t",
      "uint16_t",    "uint32_t",      "uint64_t",         "intptr_t",
      "uintptr_t",   "intmax_t",      "uintmax_t",        "nullptr_t"};
  return is_contained(keywords, symbol);
}

/// With the first byte as an escape, whatever it is.
static std::string escapeFirst(StringRef mangled) {
  return escape(static_cast<unsigned char>(mangled[0])) +
         mangled.drop_front().str();
}

std::string wasmetal::exportSymbol(StringRef prefix, StringRef name) {
  std::string mangled = mangle(name);
  std::string symbol = (prefix + "_" + mangled).str();
  bool isTaken = mangled == "module" ||
                 StringRef(mangled).starts_with("import_") || isKeyword(symbol);
  if (isTaken)
    return (prefix + "_" + escapeFirst(mangled)).str();
  return symbol;
}

std::string wasmetal::importSymbol(StringRef prefix, StringRef module,
                                   StringRef field) {
  std::string symbol = (prefix + "_import_").str();
  for (char c : module)
    symbol +=
        isAlnum(c) ? std::string(1, c) : escape(static_cast<unsigned char>(c));
  // An `x2d` behind the boundary would make an escape of it.
  std::string mangled = mangle(field);
  return symbol + "_" +
         (looksEscaped(mangled) ? escapeFirst(mangled) : mangled);
}
