// Keeps the first error of a pass; later ones are consequences of it.
#pragma once

#include "compiler/diagnostic.h"

namespace wasmetal {

class FirstError {
public:
  void set(DiagnosticKind errorKind, uint64_t errorOffset,
           const llvm::Twine &text) {
    if (isSet)
      return;
    isSet = true;
    errorKindValue = errorKind;
    offsetValue = errorOffset;
    messageText = text.str();
  }

  explicit operator bool() const { return isSet; }
  DiagnosticKind kind() const { return errorKindValue; }
  uint64_t offset() const { return offsetValue; }
  const std::string &message() const { return messageText; }

  /// What the pass returns at its boundary.
  llvm::Error toError() const {
    if (!isSet)
      return llvm::Error::success();
    return makeError(errorKindValue, offsetValue, messageText);
  }

private:
  bool isSet = false;
  DiagnosticKind errorKindValue = DiagnosticKind::Malformed;
  uint64_t offsetValue = 0;
  std::string messageText;
};

} // namespace wasmetal
