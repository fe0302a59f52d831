// The printed form of a diagnostic: one line, without the file's name.
#include "compiler/diagnostic.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace wasmetal {

char Diagnostic::ID = 0;

void Diagnostic::log(llvm::raw_ostream &os) const {
  if (offset)
    os << llvm::format("0x%llx: ", static_cast<unsigned long long>(*offset));
  os << message;
}

std::error_code Diagnostic::convertToErrorCode() const {
  return llvm::inconvertibleErrorCode();
}

llvm::Error makeError(DiagnosticKind kind, uint64_t offset,
                      const llvm::Twine &message) {
  return llvm::make_error<Diagnostic>(kind, offset, message.str());
}

llvm::Error makeError(DiagnosticKind kind, const llvm::Twine &message) {
  return llvm::make_error<Diagnostic>(kind, std::nullopt, message.str());
}

} // namespace wasmetal
