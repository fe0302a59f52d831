// See quote.h.
#include "compiler/wasm/quote.h"

#include "llvm/ADT/StringExtras.h"

namespace wasmetal {

/// The length of a prefix that does not end inside of a UTF-8 sequence.
static size_t cutLength(llvm::StringRef name, size_t maximum) {
  if (name.size() <= maximum)
    return name.size();
  while (maximum > 0 && (name[maximum] & 0xc0) == 0x80)
    maximum--;
  return maximum;
}

std::string quote(llvm::StringRef name) {
  size_t length = cutLength(name, 200);
  std::string text = "\"";
  for (size_t i = 0; i < length; i++) {
    unsigned char c = name[i];
    // U+0080 to U+009F, two bytes in UTF-8, are control characters as well.
    bool isSecondRow = c == 0xc2 && i + 1 < length &&
                       static_cast<unsigned char>(name[i + 1]) < 0xa0;
    if (c < 0x20 || c == 0x7f || c == '"' || c == '\\') {
      text += "\\" + llvm::utohexstr(c, /*LowerCase=*/true, /*Width=*/2);
    } else if (isSecondRow) {
      c = name[++i];
      text += "\\c2\\" + llvm::utohexstr(c, /*LowerCase=*/true, 2);
    } else {
      text += static_cast<char>(c);
    }
  }
  return text + (length < name.size() ? "...\"" : "\"");
}

} // namespace wasmetal
